namespace Ledgerfold.Model.Timelines;

/// <summary>Names an event, without what it says.</summary>
/// <param name="Position">Where it stands in the ledger.</param>
/// <param name="Id">Its id.</param>
/// <param name="Stream">Its stream.</param>
/// <param name="Version">Where it stands there.</param>
/// <param name="Type">What happened.</param>
/// <param name="RecordedAt">When it was recorded.</param>
/// <param name="EffectiveAt">When it became true, if its author said so.</param>
/// <param name="Actor">Who did it.</param>
/// <param name="CorrelationId">The conversation it belongs to.</param>
public sealed record EventMark(
    long Position,
    Guid Id,
    string Stream,
    long Version,
    string Type,
    DateTimeOffset RecordedAt,
    DateTimeOffset? EffectiveAt,
    string? Actor,
    string? CorrelationId)
{
    /// <summary>The mark of an event.</summary>
    public static EventMark Of(RecordedEvent recorded)
    {
        ArgumentNullException.ThrowIfNull(recorded);
        return new EventMark(
            recorded.Position,
            recorded.Id,
            recorded.Stream,
            recorded.Version,
            recorded.Type,
            recorded.RecordedAt,
            recorded.EffectiveAt,
            recorded.Actor,
            recorded.CorrelationId);
    }

    /// <inheritdoc />
    public override string ToString() =>
        $"{Type} at {Position}, recorded {Times.ToText(RecordedAt)}{(Actor is null ? "" : $" by {Actor}")}";
}
