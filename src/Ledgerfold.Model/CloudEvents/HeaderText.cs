using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Ledgerfold.Model.CloudEvents;

/// <summary>
/// Texts as the HTTP binding of CloudEvents has them in headers: what is no visible ASCII, <c>"</c> and <c>%</c> is percent-encoded UTF-8.
/// </summary>
public static class HeaderText
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>A text as a header has it.</summary>
    public static string Encode(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var encoded = new StringBuilder(text.Length);
        foreach (var part in Encoding.UTF8.GetBytes(text))
        {
            if (part is > 0x20 and < 0x7F and not (byte)'"' and not (byte)'%')
                encoded.Append((char)part);
            else
                encoded.Append('%').Append(part.ToString("X2"));
        }

        return encoded.ToString();
    }

    /// <summary>What a header says; false where it is no text that could have been encoded.</summary>
    public static bool TryDecode(string header, [NotNullWhen(true)] out string? text)
    {
        ArgumentNullException.ThrowIfNull(header);
        var (value, bytes) = (Unquoted(header), new ArrayBufferWriter<byte>());
        text = null;
        for (var at = 0; at < value.Length; at++)
        {
            if (value[at] != '%')
            {
                var length = char.IsHighSurrogate(value[at]) && at + 1 < value.Length ? 2 : 1; // as some send it, though they should not
                bytes.Write(Encoding.UTF8.GetBytes(value, at, length));
                at += length - 1;
                continue;
            }

            if (at + 2 >= value.Length || !char.IsAsciiHexDigit(value[at + 1]) || !char.IsAsciiHexDigit(value[at + 2]))
                return false;
            bytes.Write([Convert.FromHexString(value.AsSpan(at + 1, 2))[0]]);
            at += 2;
        }

        try
        {
            text = Strict.GetString(bytes.WrittenSpan);
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }

    /// <summary>A text in double quotes, which receivers are to take as well.</summary>
    private static string Unquoted(string header)
    {
        if (header is not ['"', .. var inner, '"'])
            return header;
        var text = new StringBuilder(inner.Length);
        for (var at = 0; at < inner.Length; at++)
        {
            if (inner[at] == '\\' && at + 1 < inner.Length)
                at++;
            text.Append(inner[at]);
        }

        return text.ToString();
    }
}
