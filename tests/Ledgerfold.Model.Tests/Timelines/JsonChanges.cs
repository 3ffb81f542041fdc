using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Ledgerfold.Model.Comparing;

namespace Ledgerfold.Model.Tests.Timelines;

/// <summary>Applies the changes of a value to it, the plain way, and finds what stands at a pointer.</summary>
internal static class JsonChanges
{
    public static JsonElement? Apply(JsonElement? before, ImmutableArray<FieldChange> changes)
    {
        var root = NodeOf(before);
        foreach (var change in changes.Where(one => one.After is not null).Concat(changes.Where(one => one.After is null).Reverse()))
        {
            if (change.Pointer.Length == 0)
            {
                root = NodeOf(change.After);
                continue;
            }

            var names = Names(change.Pointer);
            var holder = names[..^1].Aggregate(root, (node, name) => node is JsonArray list ? list[int.Parse(name)] : node![name]);
            if (holder is JsonArray array)
                SetItem(array, int.Parse(names[^1]), change.After);
            else if (change.After is null)
                holder!.AsObject().Remove(names[^1]);
            else
                holder!.AsObject()[names[^1]] = NodeOf(change.After);
        }

        return root is null ? null : JsonSerializer.SerializeToElement(root);
    }

    public static JsonElement? Find(JsonElement? value, string pointer)
    {
        foreach (var name in Names(pointer))
        {
            if (value is { ValueKind: JsonValueKind.Object } holder)
                value = holder.TryGetProperty(name, out var member) ? member : null;
            else if (value is { ValueKind: JsonValueKind.Array } list)
                value = int.Parse(name) < list.GetArrayLength() ? list[int.Parse(name)] : null;
            else
                return null;
        }

        return value;
    }

    public static IEnumerable<string> Leaves(JsonElement? value, string pointer = "") => value switch
    {
        null => [],
        { ValueKind: JsonValueKind.Object } holder when holder.EnumerateObject().Any() =>
            holder.EnumerateObject().SelectMany(one => Leaves(one.Value, $"{pointer}/{one.Name.Replace("~", "~0").Replace("/", "~1")}")),
        { ValueKind: JsonValueKind.Array } list when list.GetArrayLength() > 0 => list.EnumerateArray().SelectMany((one, i) => Leaves(one, $"{pointer}/{i}")),
        _ => [pointer],
    };

    public static bool AreSame(JsonElement? one, JsonElement? other) =>
        one is { } here && other is { } there ? JsonElement.DeepEquals(here, there) : one is null && other is null;

    private static string[] Names(string pointer) => [.. pointer.Split('/').Skip(1).Select(one => one.Replace("~1", "/").Replace("~0", "~"))];

    private static void SetItem(JsonArray list, int index, JsonElement? value)
    {
        if (value is null)
            list.RemoveAt(index);
        else if (index == list.Count)
            list.Add(NodeOf(value));
        else
            list[index] = NodeOf(value);
    }

    private static JsonNode? NodeOf(JsonElement? value) => value is { } given ? JsonNode.Parse(given.GetRawText()) : null;
}
