using System.Collections.Immutable;

namespace Ledgerfold.Model.Exploring;

/// <summary>Shows conversations as trees of causes. Any thread.</summary>
public sealed class CorrelationExplorer
{
    private readonly BoundedRead _read;

    /// <summary>Questions to a ledger.</summary>
    public CorrelationExplorer(ILedger ledger, ExploreLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(ledger);
        _read = new BoundedRead(ledger, (limits ?? new ExploreLimits()).Checked());
    }

    /// <summary>
    /// The tree of a conversation, with the commands in it and the records of processes; null where there is none. Where it has more nodes
    /// than <see cref="ExploreLimits.NodesMax"/> it ends, and says behind which position to ask for the rest: whatever led to that from
    /// before is a ghost there.
    /// </summary>
    /// <param name="correlationId">The conversation.</param>
    /// <param name="tenant">Whose.</param>
    /// <param name="after">Only events above this position.</param>
    /// <param name="maySee">Which streams the reader may see, where not all: events of others are as if they were not there.</param>
    /// <param name="cancel">Ends the question.</param>
    /// <exception cref="ArgumentException">No conversation can have this name.</exception>
    public async ValueTask<CorrelationTree?> Tree(
        string correlationId,
        string tenant = Tenants.Default,
        long after = 0,
        Func<string, bool>? maySee = null,
        CancellationToken cancel = default)
    {
        if (new EventFilter { Tenant = tenant, CorrelationId = correlationId }.Check() is { } refused)
            throw new ArgumentException($"{refused.Field}: {refused.Rule}");
        var page = await _read.Read(
            new BoundedRead.Question(tenant, PlatformStreams.With(Tags.OfCorrelation(correlationId)), IsNarrow: true),
            new PageRequest { After = after, Limit = _read.Limits.NodesMax },
            maySee is null ? null : recorded => maySee(recorded.Stream),
            cancel);
        if (page.Items.IsEmpty && page.Next is null && after == 0)
            return null;
        var forest = new CausalForest(page.Items, _read.Limits.NodesMax, Find);
        var placed = await forest.Grow();
        var isWhole = placed == page.Items.Length;
        var events = page.Items[..placed];
        var reached = isWhole ? page.Searched.To : events[^1].Position;
        return new CorrelationTree(
            tenant,
            correlationId,
            forest.Nodes(),
            TotalsOf(events),
            page.Searched with { To = reached, Matched = placed },
            isWhole ? page.Next : reached);

        async ValueTask<RecordedEvent?> Find(Guid id) =>
            await _read.Ledger.ReadById(tenant, id, cancel) is { } found && (maySee is null || maySee(found.Stream)) ? found : null;
    }

    private static CorrelationTotals TotalsOf(ImmutableArray<RecordedEvent> events) => new(
        events.Length,
        events.IsEmpty ? null : events[0].RecordedAt,
        events.IsEmpty ? null : events[^1].RecordedAt,
        [.. events.CountBy(static one => one.Stream).Select(static one => new StreamCount(one.Key, one.Value))]);
}
