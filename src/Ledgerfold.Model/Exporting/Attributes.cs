namespace Ledgerfold.Model.Exporting;

/// <summary>
/// How the fields of an event are named in CloudEvents 1.0: those of the specification, and extensions in lower-case letters and digits.
/// </summary>
internal static class Attributes
{
    public const string SpecVersion = "specversion";
    public const string Id = "id";
    public const string Source = "source";
    public const string Type = "type";
    public const string Subject = "subject"; // the stream
    public const string Time = "time"; // when it was recorded
    public const string DataContentType = "datacontenttype";
    public const string Data = "data";
    public const string DataBase64 = "data_base64";

    public const string Position = "globalposition";
    public const string Version = "streamversion";
    public const string Tenant = "tenant";
    public const string SchemaVersion = "schemaversion";
    public const string EffectiveTime = "effectivetime";
    public const string CorrelationId = "correlationid";
    public const string CausationId = "causationid";
    public const string Actor = "actor";
    public const string TraceParent = "traceparent";
    public const string Tags = "tags"; // a JSON array of texts, itself in a text: an attribute has no parts
    public const string Headers = "headers"; // a JSON object of texts, in a text too
    public const string RecordedTime = "recordedtime"; // of an event of another source, whose time is when it happened
    public const string Erased = "erased";
    public const string ContentType = "contenttype"; // one that is no media type

    public const string Supported = "1.0";
    public const string Binary = "application/octet-stream";

    private static readonly HashSet<string> Known = new(StringComparer.Ordinal)
    {
        SpecVersion, Id, Source, Type, Subject, Time, DataContentType, Data, DataBase64, Position, Version, Tenant, SchemaVersion,
        EffectiveTime, CorrelationId, CausationId, Actor, TraceParent, Tags, Headers, RecordedTime, Erased, ContentType,
    };

    public static bool IsKnown(string name) => Known.Contains(name);

    /// <summary>What a CloudEvent says it comes from: a ledger, and whose events.</summary>
    public static string SourceOf(string? ledger, string? tenant)
    {
        var source = ledger is null ? "/ledgers" : $"/ledgers/{Uri.EscapeDataString(ledger)}";
        return tenant is null ? source : $"{source}/tenants/{Uri.EscapeDataString(tenant)}";
    }
}
