using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Ledgerfold;

/// <summary>
/// Where a page of rows ended: what <see cref="FoldPage.Next"/> says to a store and to nobody else. It is bound to its request, so that it
/// cannot continue another one.
/// </summary>
/// <param name="Value">The index value of the last row; its key where it was read by key.</param>
/// <param name="Key">The key of the last row.</param>
public readonly record struct FoldContinuation(string Value, string Key)
{
    private const int FingerprintBytes = 8;

    /// <summary>Reads what a request continues; null where it begins.</summary>
    /// <exception cref="ArgumentException">It continues another request, or is nothing that a store gave out.</exception>
    public static FoldContinuation? Of(FoldRead request)
    {
        if (request.Continue is not { } text)
            return null;
        byte[] bytes;
        try
        {
            bytes = Base64Url.DecodeFromChars(text);
        }
        catch (FormatException)
        {
            throw Stranger();
        }

        if (bytes.Length < FingerprintBytes || !bytes.AsSpan(0, FingerprintBytes).SequenceEqual(Fingerprint(request)))
            throw Stranger();
        var rest = bytes.AsSpan(FingerprintBytes);
        var end = rest.IndexOf((byte)0);
        if (end < 0)
            throw Stranger();
        return new FoldContinuation(Encoding.UTF8.GetString(rest[..end]), Encoding.UTF8.GetString(rest[(end + 1)..]));

        static ArgumentException Stranger() => new("continue: what the same request gave out before", nameof(request));
    }

    /// <summary>What continues the request behind this row.</summary>
    public string After(FoldRead request) =>
        Base64Url.EncodeToString([.. Fingerprint(request), .. Encoding.UTF8.GetBytes(Value), 0, .. Encoding.UTF8.GetBytes(Key)]);

    private static ReadOnlySpan<byte> Fingerprint(FoldRead request)
    {
        var version = request.Fold.Version.ToString(CultureInfo.InvariantCulture);
        var said = $"{request.Fold.Name}\0{version}\0{request.Tenant}\0{request.Index}\0{request.From}\0{request.To}\0{request.Backward}";
        return SHA256.HashData(Encoding.UTF8.GetBytes(said)).AsSpan(0, FingerprintBytes);
    }
}
