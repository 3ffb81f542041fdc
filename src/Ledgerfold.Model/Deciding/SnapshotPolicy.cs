namespace Ledgerfold.Model.Deciding;

/// <summary>When a state is kept as a snapshot. A snapshot is never needed, only faster.</summary>
public sealed record SnapshotPolicy
{
    private readonly long _events = long.MaxValue;
    private readonly TimeSpan _cost = TimeSpan.MaxValue;

    private SnapshotPolicy()
    {
    }

    private SnapshotPolicy(long events, TimeSpan cost) => (_events, _cost) = (events, cost);

    /// <summary>Never: every state is computed from its first event.</summary>
    public static SnapshotPolicy None { get; } = new();

    internal bool IsNone => this == None;

    /// <summary>Once in so many events.</summary>
    public static SnapshotPolicy Every(int events)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(events, 1);
        return new SnapshotPolicy(events, TimeSpan.MaxValue);
    }

    /// <summary>When a state is written to that took this long to load, or longer.</summary>
    public static SnapshotPolicy WhenLoadingTakes(TimeSpan time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(time, TimeSpan.Zero);
        return new SnapshotPolicy(long.MaxValue, time);
    }

    /// <summary>Whether it is due, by the version that the last snapshot stands at (0 for none) and the time it took to load.</summary>
    internal bool IsDue(long snapshotVersion, long version, TimeSpan loading) =>
        version - snapshotVersion >= _events || loading >= _cost;
}
