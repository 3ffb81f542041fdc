using System.Runtime.InteropServices;

namespace Ledgerfold.Model.Timelines;

/// <summary>Which events of a subject count at a moment, once the ledger has said where times stand.</summary>
/// <param name="Position">Those at or below this position.</param>
/// <param name="Events">The first so many of them.</param>
/// <param name="Effective">Where given, those of them that were true by then, and in the order in which they became true.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Bound(long Position = long.MaxValue, long Events = long.MaxValue, DateTimeOffset? Effective = null)
{
    public static Bound Beginning => new(Position: 0);

    public static async ValueTask<Bound> Of(Moment moment, ILedger ledger, CancellationToken cancel) => moment switch
    {
        Moment.Count(var version) => new Bound(Events: version),
        Moment.Place(var position) => new Bound(position),
        Moment.Clock(var time) => new Bound(await ledger.PositionAt(time, cancel)),
        Moment.Knowledge(var recorded, var effective) => new Bound(await ledger.PositionAt(recorded, cancel), Effective: effective),
        _ => new Bound(Position: long.MaxValue),
    };

    /// <summary>When an event became true.</summary>
    public static DateTimeOffset TrueSince(RecordedEvent recorded) => recorded.EffectiveAt ?? recorded.RecordedAt;

    /// <summary>Whether an event counts that is the n-th of its subject.</summary>
    public bool Includes(RecordedEvent recorded, long number) =>
        recorded.Position <= Position && number <= Events && (Effective is not { } effective || TrueSince(recorded) <= effective);
}
