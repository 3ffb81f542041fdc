namespace Ledgerfold;

/// <summary>A tag is the text <c>name:value</c>; its name ends at the first colon.</summary>
public static class Tags
{
    /// <summary>The name of the tag that every event with a correlation id carries by itself.</summary>
    public const string CorrelationName = "correlation";

    /// <summary>The tag with this name and value.</summary>
    public static string Of(string name, string value) => $"{name}:{value}";

    /// <summary>The tag that finds the events of one conversation.</summary>
    public static string OfCorrelation(string correlationId) => Of(CorrelationName, correlationId);

    /// <summary>Whether a tag is the correlation tag of this correlation id.</summary>
    public static bool IsCorrelation(string tag, string? correlationId) =>
        correlationId is not null
        && tag.Length == CorrelationName.Length + 1 + correlationId.Length
        && IsNamedCorrelation(tag)
        && tag.EndsWith(correlationId, StringComparison.Ordinal);

    /// <summary>Whether the tag's name is the reserved one of correlation ids.</summary>
    public static bool IsNamedCorrelation(string tag) =>
        tag.StartsWith(CorrelationName, StringComparison.Ordinal)
        && tag.Length > CorrelationName.Length && tag[CorrelationName.Length] == ':';
}
