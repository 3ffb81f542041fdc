namespace Ledgerfold.Model.Timelines;

/// <summary>
/// A moment in the life of a subject: a closed family. Each cuts the subject's events in those that count and those that do not; one that
/// has not come yet is answered as now.
/// </summary>
public abstract record Moment
{
    private Moment()
    {
    }

    /// <summary>After every event that stands in the ledger when the question is asked.</summary>
    public static Moment Now { get; } = new Head();

    /// <summary>Before the first event.</summary>
    public static Moment Beginning { get; } = new Place(0);

    /// <summary>After the event of this version of a stream; 0 is before the first.</summary>
    public static Moment AfterVersion(long version)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(version);
        return new Count(version);
    }

    /// <summary>After the event at a position of the ledger, and before the one behind it.</summary>
    public static Moment AfterPosition(long position)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(position);
        return new Place(position);
    }

    /// <summary>As the ledger stood at a time.</summary>
    public static Moment RecordedAt(DateTimeOffset time) => new Clock(time);

    /// <summary>
    /// What was known at one time of what was true until another: the events that were recorded by the first, those of them that were
    /// true by the second, in the order in which they became true. Those that became true together stand in the order of recording; one
    /// whose author named no time was true when it was recorded.
    /// </summary>
    public static Moment AsOf(DateTimeOffset recorded, DateTimeOffset effective) => new Knowledge(recorded, effective);

    internal sealed record Head : Moment
    {
        public override string ToString() => "now";
    }

    internal sealed record Count(long Version) : Moment
    {
        public override string ToString() => $"after version {Version}";
    }

    internal sealed record Place(long Position) : Moment
    {
        public override string ToString() => Position == 0 ? "at the beginning" : $"after position {Position}";
    }

    internal sealed record Clock(DateTimeOffset Time) : Moment
    {
        public override string ToString() => $"as recorded at {Times.ToText(Time)}";
    }

    internal sealed record Knowledge(DateTimeOffset Recorded, DateTimeOffset Effective) : Moment
    {
        public override string ToString() => $"as known at {Times.ToText(Recorded)} of {Times.ToText(Effective)}";
    }
}
