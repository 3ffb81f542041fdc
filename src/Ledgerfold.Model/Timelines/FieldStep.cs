using Ledgerfold.Model.Comparing;

namespace Ledgerfold.Model.Timelines;

/// <summary>A change of one field.</summary>
/// <param name="By">The event that made it.</param>
/// <param name="Change">What the field was, and what it became.</param>
public sealed record FieldStep(EventMark By, FieldChange Change)
{
    /// <inheritdoc />
    public override string ToString() => $"{Change} by {By}";
}
