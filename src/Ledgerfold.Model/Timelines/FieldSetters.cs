using System.Collections.Immutable;
using System.Text.Json;
using Ledgerfold.Model.Comparing;

namespace Ledgerfold.Model.Timelines;

/// <summary>Which event set each field last, gathered change by change.</summary>
internal sealed class FieldSetters
{
    private readonly Dictionary<string, RecordedEvent> _setters = new(StringComparer.Ordinal);

    public void Take(ImmutableArray<FieldChange> changes, RecordedEvent by)
    {
        foreach (var change in changes)
        {
            if (change.After is not { } now)
            {
                _setters[JsonPointer.ParentOf(change.Pointer)] = by; // which may be empty now, and a field of its own by that
                continue;
            }

            foreach (var (pointer, _) in JsonPointer.Leaves(now, change.Pointer))
                _setters[pointer] = by;
        }
    }

    public ImmutableArray<FieldBlame> Of(JsonElement? state) => state is not { } value ? [] :
    [
        .. JsonPointer.Leaves(value, "").Select(leaf => new FieldBlame(
            leaf.Pointer, leaf.Value, _setters.TryGetValue(leaf.Pointer, out var by) ? EventMark.Of(by) : null)),
    ];
}
