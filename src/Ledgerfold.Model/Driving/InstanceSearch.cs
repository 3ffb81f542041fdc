using System.Collections.Immutable;
using Ledgerfold.Model.Processing;

namespace Ledgerfold.Model.Driving;

/// <summary>Which instances of a process to find, page by page. One of the ways to look is chosen; the ages narrow it further.</summary>
public sealed record InstanceSearch
{
    /// <summary>Which process.</summary>
    public required string Process { get; init; }

    /// <summary>Whose instances.</summary>
    public string Tenant { get; init; } = Tenants.Default;

    /// <summary>How to look for them.</summary>
    public InstanceSearchBy By { get; init; } = InstanceSearchBy.Age;

    /// <summary>Where the key is looked for: how it begins.</summary>
    public string KeyPrefix { get; init; } = "";

    /// <summary>Where the phase is looked for: which.</summary>
    public ProcessPhase Phase { get; init; } = ProcessPhase.Running;

    /// <summary>Only instances that began then or later.</summary>
    public DateTimeOffset? StartedFrom { get; init; }

    /// <summary>Only instances that began before.</summary>
    public DateTimeOffset? StartedBefore { get; init; }

    /// <summary>Last ones first.</summary>
    public bool Backward { get; init; }

    /// <summary>At most so many.</summary>
    public int Limit { get; init; } = FoldRead.LimitDefault;

    /// <summary>Goes on behind the page that gave this; the rest of the search is the same.</summary>
    public string? Continue { get; init; }

    internal async ValueTask<InstancePage> Read(IFoldStore store, DateTimeOffset now, CancellationToken cancel)
    {
        if (!Limits.IsCategory(Process))
            throw new ArgumentException($"'{Process}' names no process.");
        var (index, from, to) = RangeOf(now);
        var request = new FoldRead
        {
            Fold = InstanceRows.Projection.Fold,
            Tenant = Tenant,
            Index = index,
            From = from,
            To = to,
            Backward = Backward,
            Limit = Limit,
            Continue = Continue,
        };
        var page = await store.Read(request, cancel);
        var rows = page.Rows.Select(InstanceRows.Projection.DecodeState).Where(IsMeant);
        return new InstancePage([.. rows], page.Next, page.Position);
    }

    private bool IsMeant(InstanceRow row) =>
        row.Process == Process && !(row.StartedAt < StartedFrom) && !(row.StartedAt >= StartedBefore);

    private (string? Index, string From, string? To) RangeOf(DateTimeOffset now)
    {
        var phase = $"{Process} {Phase}";
        return By switch
        {
            InstanceSearchBy.Key => (null, InstanceRows.RowKeyOf(Process, KeyPrefix), InstanceRows.RowKeyAfter(Process, KeyPrefix)),
            InstanceSearchBy.Phase => (InstanceRows.PhaseIndex, Low(phase, StartedFrom), High(phase, StartedBefore)),
            InstanceSearchBy.Age => (InstanceRows.StartedIndex, Low(Process, StartedFrom), High(Process, StartedBefore)),
            InstanceSearchBy.Stuck => (InstanceRows.StuckIndex, Low(Process, null), High(Process, null)),
            InstanceSearchBy.Missed => (InstanceRows.MissedIndex, Low(Process, null), High(Process, null)),
            InstanceSearchBy.OverdueTimer => (
                InstanceRows.DueIndex, Low(InstanceRows.TimerLane, null), InstanceRows.DueValue(InstanceRows.TimerLane, now)),
            _ => throw new InvalidOperationException($"{By} is no way to look."),
        };
    }

    private static string Low(string prefix, DateTimeOffset? from) =>
        from is { } time ? $"{prefix} {Times.ToText(time)}" : $"{prefix} ";

    // what follows a space in the order of bytes
    private static string High(string prefix, DateTimeOffset? before) =>
        before is { } time ? $"{prefix} {Times.ToText(time)}" : $"{prefix}!";
}

/// <summary>The ways to look for instances.</summary>
public enum InstanceSearchBy
{
    /// <summary>All of them, by when they began.</summary>
    Age,

    /// <summary>Those whose key begins so.</summary>
    Key,

    /// <summary>Those in a phase, by when they began.</summary>
    Phase,

    /// <summary>Those that cannot go on before somebody acts.</summary>
    Stuck,

    /// <summary>Those for which inputs were missed.</summary>
    Missed,

    /// <summary>Those with a timer whose time has come and that has not fired.</summary>
    OverdueTimer,
}

/// <summary>A page of instances.</summary>
/// <param name="Rows">The instances.</param>
/// <param name="Next">What continues behind them; null at the end.</param>
/// <param name="Position">The position that the rows reflect.</param>
public sealed record InstancePage(ImmutableArray<InstanceRow> Rows, string? Next, long Position);
