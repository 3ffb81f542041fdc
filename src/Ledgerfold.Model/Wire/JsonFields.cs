using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace Ledgerfold.Model.Wire;

/// <summary>
/// A JSON value of a request and the path to it, read by what it must be. Unknown fields are ignored, null is as good as absent, a field
/// that counts is given once; anything else is refused with its path and the rule it breaks.
/// </summary>
internal readonly struct JsonFields
{
    private readonly JsonElement _value;
    private readonly string _path;

    public JsonFields(JsonElement value, string path)
    {
        _value = value;
        _path = path;
        if (value.ValueKind != JsonValueKind.Object)
            throw new RefusedInputException(path, "a JSON object");
    }

    public bool Has(string name) => Find(name) is not null;

    /// <summary>The value of a field as it stands, also where it is null.</summary>
    public JsonElement? Find(string name)
    {
        JsonElement? found = null;
        foreach (var property in _value.EnumerateObject())
        {
            if (!property.NameEquals(name))
                continue;
            if (found is not null)
                throw Refused(name, "given once");
            found = property.Value;
        }

        return found;
    }

    public string? Text(string name) => Present(name) is { } value ? TextOf(value, PathOf(name)) : null;

    public string RequiredText(string name) => Text(name) ?? throw Refused(name, "required: a string");

    /// <summary>A position or a version: a JSON string or a number.</summary>
    public long? Whole(string name) => Present(name) is { } value ? WholeOf(value, PathOf(name)) : null;

    public long RequiredWhole(string name) => Whole(name) ?? throw Refused(name, "required: a whole number, as a string or a number");

    public int? Small(string name) => Whole(name) switch
    {
        null => null,
        >= int.MinValue and <= int.MaxValue and var value => (int)value,
        _ => throw Refused(name, $"at most {int.MaxValue}"),
    };

    public bool Flag(string name) => Present(name)?.ValueKind switch
    {
        null or JsonValueKind.False => false,
        JsonValueKind.True => true,
        _ => throw Refused(name, "true or false"),
    };

    public Guid? Id(string name) => Text(name) switch
    {
        null => null,
        var text when Guid.TryParseExact(text, "D", out var id) => id,
        _ => throw Refused(name, "a UUID such as 0198c1f0-7b1e-7c7d-8f3a-2b9d1e6a4c05"),
    };

    /// <summary>A time by ISO 8601, of any precision; without an offset it is UTC.</summary>
    public DateTimeOffset? Time(string name)
    {
        if (Present(name) is not { } value)
            return null;
        if (value.ValueKind == JsonValueKind.String)
        {
            if (value.TryGetDateTime(out var unzoned) && unzoned.Kind == DateTimeKind.Unspecified)
                return new DateTimeOffset(unzoned, TimeSpan.Zero);
            if (value.TryGetDateTimeOffset(out var time))
                return time;
        }

        throw Refused(name, "an ISO 8601 time such as 2026-01-31T12:00:00.123456Z");
    }

    public byte[]? Base64(string name)
    {
        if (Present(name) is not { } value)
            return null;
        return value.ValueKind == JsonValueKind.String && value.TryGetBytesFromBase64(out var bytes)
            ? bytes
            : throw Refused(name, "a string in Base64");
    }

    /// <summary>The elements of an array, each read with its path; absent is empty.</summary>
    public ImmutableArray<T> Each<T>(string name, Func<JsonElement, string, T> read)
    {
        if (Present(name) is not { } value)
            return [];
        if (value.ValueKind != JsonValueKind.Array)
            throw Refused(name, "a JSON array");
        return EachOf(value, PathOf(name), read);
    }

    /// <summary>A list of <c>name:value</c> as an array of such, or as an object.</summary>
    public ImmutableArray<string> TagList(string name)
    {
        if (Present(name) is not { ValueKind: JsonValueKind.Object })
            return Each(name, TextOf);
        var tags = ImmutableArray.CreateBuilder<string>();
        foreach (var (tag, value) in Pairs(name))
            tags.Add(Tags.Of(tag, value));
        return tags.ToImmutable();
    }

    /// <summary>The texts of an object by name, in the order given.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Pairs(string name)
    {
        if (Present(name) is not { } value)
            return [];
        if (value.ValueKind != JsonValueKind.Object)
            throw Refused(name, "a JSON object of strings");
        var pairs = ImmutableArray.CreateBuilder<KeyValuePair<string, string>>();
        foreach (var property in value.EnumerateObject())
            pairs.Add(new(NameOf(property, PathOf(name)), TextOf(property.Value, PathOf(name))));
        return pairs.ToImmutable();
    }

    public JsonFields? Object(string name) => Present(name) is { } value ? new JsonFields(value, PathOf(name)) : null;

    public JsonFields RequiredObject(string name) => Object(name) ?? throw Refused(name, "required: a JSON object");

    public static ImmutableArray<T> EachOf<T>(JsonElement array, string path, Func<JsonElement, string, T> read)
    {
        var items = ImmutableArray.CreateBuilder<T>(array.GetArrayLength());
        foreach (var item in array.EnumerateArray())
            items.Add(read(item, $"{path}[{items.Count}]"));
        return items.MoveToImmutable();
    }

    public static string TextOf(JsonElement value, string path)
    {
        if (value.ValueKind != JsonValueKind.String)
            throw new RefusedInputException(path, "a string");
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw new RefusedInputException(path, "Unicode without half a surrogate pair");
        }
    }

    public static long WholeOf(JsonElement value, string path)
    {
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number))
            return number;
        if (value.ValueKind == JsonValueKind.String
            && long.TryParse(TextOf(value, path), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number))
        {
            return number;
        }

        throw new RefusedInputException(path, "a whole number, as a string or a number");
    }

    public RefusedInputException Refused(string name, string rule) => new(PathOf(name), rule);

    private static string NameOf(JsonProperty property, string path)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)
        {
            throw new RefusedInputException(path, "names of Unicode without half a surrogate pair");
        }
    }

    private JsonElement? Present(string name) => Find(name) is { ValueKind: not JsonValueKind.Null } value ? value : null;

    private string PathOf(string name) => _path.Length == 0 ? name : $"{_path}.{name}";
}
