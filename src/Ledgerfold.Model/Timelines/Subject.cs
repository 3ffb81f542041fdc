using Ledgerfold.Model.Events;

namespace Ledgerfold.Model.Timelines;

/// <summary>One stream or one key, with all that is needed to fold it.</summary>
internal sealed record Subject(
    ILedger Ledger, EventCodec Codec, SubjectFold Fold, string Tenant, string Key, Waypoints Waypoints, int WaypointEvery)
{
    public IProgress<TimelineProgress>? Progress { get; init; }

    public SubjectName Name => new(Fold.Code, Codec.Types, Fold.IsOfStreams, Tenant, Key);
}
