using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;

namespace Ledgerfold.Model.Exporting;

/// <summary>
/// The attributes of one line, read by what they must be: null is as good as absent, a name is given once; anything else is refused with
/// the line, the attribute and the rule it breaks.
/// </summary>
internal sealed class LineAttributes : IDisposable
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = ExactJson.DepthMax };

    private readonly JsonDocument? _document; // null where it is another's
    private readonly JsonElement _root;
    private readonly Dictionary<string, JsonElement> _attributes = new(StringComparer.Ordinal);

    private LineAttributes(JsonElement root, long line, JsonDocument? document = null) =>
        (_root, Line, _document) = (root, line, document);

    public long Line { get; }

    /// <summary>All of them.</summary>
    public IEnumerable<KeyValuePair<string, JsonElement>> All => _attributes;

    public IEnumerable<KeyValuePair<string, JsonElement>> Unknown => _attributes.Where(static one => !Attributes.IsKnown(one.Key));

    public static LineAttributes Parse(ReadOnlyMemory<byte> bytes, long line)
    {
        if (!Utf8.IsValid(bytes.Span))
            throw BadFileException.Refused(line, "", "valid UTF-8");
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(bytes, Options);
        }
        catch (JsonException broken)
        {
            var reason = broken.Message.Split(" LineNumber:", 2)[0];
            throw BadFileException.Refused(
                line, "", $"one JSON object, at most {ExactJson.DepthMax} deep; at byte {broken.BytePositionInLine}: {reason}");
        }

        var attributes = new LineAttributes(document.RootElement, line, document);
        try
        {
            attributes.Collect();
            return attributes;
        }
        catch (BadFileException)
        {
            attributes.Dispose();
            throw;
        }
    }

    /// <summary>The attributes of a value within a document that somebody else has.</summary>
    /// <exception cref="BadFileException">It is no object, or two are named alike.</exception>
    public static LineAttributes Of(JsonElement value, long line)
    {
        var attributes = new LineAttributes(value, line);
        attributes.Collect();
        return attributes;
    }

    public void Dispose() => _document?.Dispose();

    public bool Has(string name) => _attributes.ContainsKey(name);

    public JsonElement? Find(string name) => _attributes.TryGetValue(name, out var value) ? value : null;

    public string? Text(string name) => Find(name) is { } value ? TextOf(name, value) : null;

    public string RequiredText(string name) =>
        Text(name) is { Length: > 0 } text ? text : throw Refused(name, "required: a string that is not empty");

    /// <summary>A whole number above 0: as a string, or as the number that it is.</summary>
    public long? Whole(string name)
    {
        if (Find(name) is not { } value)
            return null;
        var isNumber = value.ValueKind == JsonValueKind.Number
            ? value.TryGetInt64(out var number)
            : long.TryParse(TextOf(name, value), NumberStyles.None, CultureInfo.InvariantCulture, out number);
        return isNumber && number > 0 ? number : throw Refused(name, "a whole number from 1");
    }

    public bool Flag(string name) => Find(name)?.ValueKind switch
    {
        null or JsonValueKind.False => false,
        JsonValueKind.True => true,
        _ => throw Refused(name, "true or false"),
    };

    public DateTimeOffset? Time(string name)
    {
        if (Find(name) is not { } value)
            return null;
        // With an offset, as RFC 3339 wants it: a time without one is of nowhere.
        if (value.ValueKind == JsonValueKind.String && value.TryGetDateTimeOffset(out var time)
            && value.TryGetDateTime(out var clock) && clock.Kind != DateTimeKind.Unspecified)
        {
            return time;
        }

        throw Refused(name, "a time of RFC 3339 such as 2026-01-31T12:00:00.123456Z");
    }

    /// <summary>What is itself JSON in a string; of what kind, the caller says.</summary>
    public JsonElement? Inner(string name, JsonValueKind kind, string rule)
    {
        if (Text(name) is not { } text)
            return null;
        try
        {
            using var inner = JsonDocument.Parse(text, Options);
            return inner.RootElement.ValueKind == kind ? inner.RootElement.Clone() : throw Refused(name, rule);
        }
        catch (JsonException)
        {
            throw Refused(name, rule);
        }
    }

    public string TextOf(string name, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String)
            throw Refused(name, "a string");
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw Refused(name, "Unicode without half a surrogate pair");
        }
    }

    /// <summary>The name of a member, of the attribute named or of the line itself.</summary>
    public string NameOf(JsonProperty property, string attribute = "")
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)
        {
            throw Refused(attribute, "Unicode without half a surrogate pair");
        }
    }

    public BadFileException Refused(string name, string rule) => BadFileException.Refused(Line, name, rule);

    private void Collect()
    {
        if (_root.ValueKind != JsonValueKind.Object)
            throw Refused("", "one JSON object");
        foreach (var property in _root.EnumerateObject())
        {
            var name = NameOf(property);
            var isPlain = name.Length > 0 && name.All(static c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9'));
            if (!isPlain && name != Attributes.DataBase64)
                throw Refused("", "attributes are named in lower-case letters and digits");
            if (!_attributes.TryAdd(name, property.Value))
                throw Refused(name, "given once");
        }

        foreach (var (name, value) in _attributes)
        {
            if (value.ValueKind == JsonValueKind.Null)
                _attributes.Remove(name); // which an enumeration bears
        }
    }
}
