namespace Ledgerfold.Model.Timelines;

/// <summary>How much timelines keep in memory.</summary>
public sealed record TimelineOptions
{
    /// <summary>After how many events of a subject its state is kept: no later question reads more than these.</summary>
    public int WaypointEvery { get; init; } = 1_000;

    /// <summary>How many states are kept, over all subjects; those used least recently are given up first.</summary>
    public int WaypointsMax { get; init; } = 10_000;

    internal TimelineOptions Checked()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(WaypointEvery, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(WaypointsMax, 0);
        return this;
    }
}
