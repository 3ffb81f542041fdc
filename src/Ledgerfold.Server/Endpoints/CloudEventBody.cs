using Ledgerfold.Http.Problems;
using Ledgerfold.Model.CloudEvents;
using Microsoft.Net.Http.Headers;

namespace Ledgerfold.Server.Endpoints;

/// <summary>
/// What the HTTP binding of CloudEvents says of requests: an event in JSON, an array of them, or the attributes of one in headers with its
/// data as the body.
/// </summary>
internal static class CloudEventBody
{
    public const string One = "application/cloudevents+json";
    public const string Batch = "application/cloudevents-batch+json";
    public const string HeaderPrefix = "ce-";
    public const string DataContentType = "datacontenttype"; // never a header of its own

    private const string InItself = "application/cloudevents"; // what begins like this has its attributes in the body
    private const string SpecVersion = HeaderPrefix + "specversion";

    /// <summary>Whether a request brings CloudEvents.</summary>
    public static bool IsIn(HttpRequest request) => IsInItself(MediaTypeOf(request)) || request.Headers.ContainsKey(SpecVersion);

    /// <summary>Whether a caller wants an answer of this media type.</summary>
    public static bool IsAsked(HttpRequest request, string mediaType) =>
        request.GetTypedHeaders().Accept.Any(accepted => accepted.MediaType.Equals(mediaType, StringComparison.OrdinalIgnoreCase));

    /// <summary>Reads what a request brings; where it breaks a rule, <paramref name="refusal"/> says which.</summary>
    public static AppendRequest Read(HttpRequest request, ReadOnlyMemory<byte> body, CloudEventReader reader, out Refusal? refusal)
    {
        var mediaType = MediaTypeOf(request);
        AppendRequest append;
        AppendOutcome.Refused? broken;
        if (mediaType.Equals(One, StringComparison.OrdinalIgnoreCase))
        {
            refusal = reader.TryReadOne(body, out append, out broken) ? null : Refusals.Of(broken!);
            return append;
        }

        if (mediaType.Equals(Batch, StringComparison.OrdinalIgnoreCase))
        {
            refusal = reader.TryReadBatch(body, out append, out broken) ? null : Refusals.Of(broken!);
            return append;
        }

        append = new AppendRequest();
        var attributes = new List<KeyValuePair<string, string>>();
        refusal = IsInItself(mediaType) ? new Refusal(PlatformProblems.UnsupportedMediaType.Code) : ReadHeaders(request, attributes);
        if (refusal is null && !reader.TryRead(attributes, body.Span, out append, out broken))
            refusal = Refusal.Of(HeaderOf(broken!.Field), broken.Rule);
        return append;
    }

    private static bool IsInItself(string mediaType) => mediaType.StartsWith(InItself, StringComparison.OrdinalIgnoreCase);

    private static string MediaTypeOf(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type) ? type.MediaType.Value ?? "" : "";

    private static Refusal? ReadHeaders(HttpRequest request, List<KeyValuePair<string, string>> attributes)
    {
        foreach (var (name, values) in request.Headers)
        {
            if (!name.StartsWith(HeaderPrefix, StringComparison.OrdinalIgnoreCase))
                continue;
            var attribute = name[HeaderPrefix.Length..].ToLowerInvariant();
            if (attribute == DataContentType)
                return Refusal.Of(HeaderPrefix + attribute, $"no header of its own: it is {HeaderNames.ContentType}");
            if (values is not [{ } value] || !HeaderText.TryDecode(value, out var text))
                return Refusal.Of(HeaderPrefix + attribute, "given once, with what is no visible ASCII percent-encoded as UTF-8");
            attributes.Add(new(attribute, text));
        }

        if (request.ContentType is { Length: > 0 } contentType)
            attributes.Add(new(DataContentType, contentType));
        return null;
    }

    private static string HeaderOf(string attribute) => attribute switch
    {
        DataContentType => HeaderNames.ContentType,
        "" or "data" or "data_base64" => "",
        _ => HeaderPrefix + attribute,
    };
}
