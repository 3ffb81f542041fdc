using System.Globalization;
using System.Text.Json;

namespace Ledgerfold.Model.Comparing;

/// <summary>JSON pointers (RFC 6901): the names of places within a value, <c>/lines/0/price</c>; empty for the value as a whole.</summary>
internal static class JsonPointer
{
    /// <summary>Refuses what is no pointer.</summary>
    public static void Check(string pointer)
    {
        ArgumentNullException.ThrowIfNull(pointer);
        if (pointer.Length > 0 && pointer[0] != '/')
            throw new ArgumentException($"'{pointer}' is no JSON pointer: it begins with a slash, or is empty.", nameof(pointer));
    }

    /// <summary>The place of a member within a place.</summary>
    public static string Within(string pointer, string name) => $"{pointer}/{Escaped(name)}";

    /// <summary>The place that holds a place; the whole holds itself.</summary>
    public static string ParentOf(string pointer) => pointer.LastIndexOf('/') is var slash and > 0 ? pointer[..slash] : "";

    /// <summary>What stands at a place; null where nothing does.</summary>
    public static JsonElement? Find(JsonElement? value, string pointer)
    {
        foreach (var name in pointer.Split('/').Skip(1))
        {
            if (value is not { } holder)
                return null;
            value = holder.ValueKind switch
            {
                JsonValueKind.Object when holder.TryGetProperty(Unescaped(name), out var member) => member,
                JsonValueKind.Array when TryReadIndex(name, out var index) && index < holder.GetArrayLength() => holder[index],
                _ => null,
            };
        }

        return value;
    }

    /// <summary>Every value below a place that holds no others, with its place; empty lists and objects among them.</summary>
    public static IEnumerable<(string Pointer, JsonElement Value)> Leaves(JsonElement value, string pointer) => value.ValueKind switch
    {
        JsonValueKind.Object when value.EnumerateObject().Any() =>
            value.EnumerateObject().SelectMany(member => Leaves(member.Value, Within(pointer, member.Name))),
        JsonValueKind.Array when value.GetArrayLength() > 0 =>
            value.EnumerateArray().SelectMany((item, index) => Leaves(item, $"{pointer}/{index}")),
        _ => [(pointer, value)],
    };

    /// <summary>The change of what stands at a place; null where there is none.</summary>
    public static FieldChange? ChangeAt(string pointer, JsonElement? before, JsonElement? after)
    {
        var (old, now) = (Find(before, pointer), Find(after, pointer));
        var isSame = old is { } one && now is { } other ? JsonElement.DeepEquals(one, other) : old is null && now is null;
        return isSame ? null : new FieldChange(pointer, old, now);
    }

    private static string Escaped(string name) =>
        name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    private static string Unescaped(string name) =>
        name.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);

    private static bool TryReadIndex(string name, out int index) =>
        int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out index) && (name.Length == 1 || name[0] != '0');
}
