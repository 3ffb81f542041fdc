using System.Buffers;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Text.Unicode;

namespace Ledgerfold.Model.Exporting;

/// <summary>Which data can stand in a line as it is and be taken out of it again byte for byte.</summary>
internal static partial class ExactJson
{
    /// <summary>How deep a line may be nested, its own braces included: what every JSON reader takes.</summary>
    public const int DepthMax = 64;

    private static readonly SearchValues<byte> LineBreaks = SearchValues.Create("\n\r"u8);
    private static readonly JsonReaderOptions Options = new() { MaxDepth = DepthMax - 1 };

    /// <summary>Whether the content type names JSON: <c>…/json</c> or <c>…/…+json</c>, whatever its parameters.</summary>
    public static bool IsNamedBy(string contentType)
    {
        var mediaType = contentType.AsSpan();
        if (mediaType.IndexOf(';') is >= 0 and var parameters)
            mediaType = mediaType[..parameters];
        mediaType = mediaType.Trim();
        return mediaType.EndsWith("/json", StringComparison.OrdinalIgnoreCase)
            || mediaType.EndsWith("+json", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Whether a text is a media type, as the specification wants of a content type.</summary>
    public static bool IsMediaType(string contentType) => MediaType().IsMatch(contentType);

    /// <summary>
    /// Whether these bytes are one JSON value in one line without white space around it. Null is none: CloudEvents takes it for absent.
    /// </summary>
    public static bool CanStandAsItIs(ReadOnlySpan<byte> data)
    {
        if (data.ContainsAny(LineBreaks) || data[0] is (byte)' ' or (byte)'\t' || data[^1] is (byte)' ' or (byte)'\t'
            || data.SequenceEqual("null"u8) || !Utf8.IsValid(data))
        {
            return false;
        }

        try
        {
            var reader = new Utf8JsonReader(data, Options);
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    [GeneratedRegex(
        """\A[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+( ?; ?[A-Za-z0-9!#$&^_.+-]+=([A-Za-z0-9!#$&^_.+-]+|"[ !#-\[\]-~]*"))*\z""",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex MediaType();
}
