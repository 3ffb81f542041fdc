using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using Ledgerfold.Model.Events;

namespace Ledgerfold.Model.Comparing;

/// <summary>A field of a JSON value that is not what it was.</summary>
/// <param name="Pointer">Where it stands, as a JSON pointer (RFC 6901); empty for the value as a whole.</param>
/// <param name="Before">What it was; null where there was none.</param>
/// <param name="After">What it is; null where there is none.</param>
public sealed record FieldChange(string Pointer, JsonElement? Before, JsonElement? After)
{
    private static readonly JsonSerializerOptions Plain =
        new(EventJson.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The fields in which two values differ, as they stand: those of objects by name, those of lists by place.</summary>
    public static ImmutableArray<FieldChange> Between(JsonElement? before, JsonElement? after)
    {
        var changes = ImmutableArray.CreateBuilder<FieldChange>();
        Compare("", before, after, changes);
        return changes.ToImmutable();
    }

    /// <inheritdoc />
    public override string ToString() => $"{(Pointer.Length == 0 ? "all" : Pointer)}: {Spoken(Before)} → {Spoken(After)}";

    private static void Compare(string pointer, JsonElement? before, JsonElement? after, ImmutableArray<FieldChange>.Builder changes)
    {
        if (before is not { } old || after is not { } now || !SameShape(old, now))
        {
            if (before is not null || after is not null)
                changes.Add(new FieldChange(pointer, before, after));
        }
        else if (old.ValueKind == JsonValueKind.Object)
        {
            var names = old.EnumerateObject().Select(static one => one.Name).Concat(now.EnumerateObject().Select(static one => one.Name));
            foreach (var name in names.Distinct(StringComparer.Ordinal))
                Compare(JsonPointer.Within(pointer, name), Member(old, name), Member(now, name), changes);
        }
        else if (old.ValueKind == JsonValueKind.Array)
        {
            for (var i = 0; i < Math.Max(old.GetArrayLength(), now.GetArrayLength()); i++)
                Compare($"{pointer}/{i}", Item(old, i), Item(now, i), changes);
        }
        else if (!JsonElement.DeepEquals(old, now))
        {
            changes.Add(new FieldChange(pointer, old, now));
        }
    }

    private static bool SameShape(JsonElement old, JsonElement now) =>
        old.ValueKind == now.ValueKind || (old.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array)
            && now.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array));

    private static JsonElement? Member(JsonElement value, string name) => value.TryGetProperty(name, out var member) ? member : null;

    private static JsonElement? Item(JsonElement value, int index) => index < value.GetArrayLength() ? value[index] : null;

    internal static string Spoken(JsonElement? value) => value is null ? "nothing" : JsonSerializer.Serialize(value, Plain);
}
