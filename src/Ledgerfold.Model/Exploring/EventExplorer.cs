using Ledgerfold.Model.Folding;

namespace Ledgerfold.Model.Exploring;

/// <summary>Finds events: lists in pages of bounded cost, and single ones. Any thread.</summary>
public sealed class EventExplorer
{
    private readonly BoundedRead _read;

    /// <summary>Questions to a ledger.</summary>
    public EventExplorer(ILedger ledger, ExploreLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(ledger);
        _read = new BoundedRead(ledger, (limits ?? new ExploreLimits()).Checked());
    }

    /// <summary>What a question may cost.</summary>
    public ExploreLimits Limits => _read.Limits;

    /// <summary>A page of the events that match, oldest first or newest first.</summary>
    /// <exception cref="ArgumentException">The filter or the page breaks a rule: see their own checks.</exception>
    public ValueTask<ExplorePage<RecordedEvent>> List(EventFilter filter, PageRequest page, CancellationToken cancel = default)
    {
        Check(filter, page);
        return _read.Read(BoundedRead.Question.Of(filter), page, keep: null, cancel);
    }

    /// <summary>
    /// The same over all tenants, whatever tenant the filter names: a call of its own, because it needs a permission of its own.
    /// </summary>
    /// <exception cref="ArgumentException">The filter or the page breaks a rule: see their own checks.</exception>
    public ValueTask<ExplorePage<RecordedEvent>> ListAcrossTenants(EventFilter filter, PageRequest page, CancellationToken cancel = default)
    {
        Check(filter, page);
        return _read.Read(BoundedRead.Question.Of(filter, acrossTenants: true), page, keep: null, cancel);
    }

    /// <summary>The event with this id; null where the tenant has none.</summary>
    public ValueTask<RecordedEvent?> Find(Guid id, string tenant = Tenants.Default, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(tenant);
        return _read.Ledger.ReadById(tenant, id, cancel);
    }

    /// <summary>The event at this position; null where there is none yet or any more, and where it is another tenant's.</summary>
    public async ValueTask<RecordedEvent?> Find(long position, string tenant = Tenants.Default, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(tenant);
        var readable = await _read.Ledger.ReadRange(cancel);
        if (position < readable.First || position > readable.Head)
            return null;

        var request = new ReadRequest { Tenant = tenant, Query = PlatformStreams.With(), After = position - 1, Before = position + 1 };
        return await _read.Ledger.Read(request, cancel).First();
    }

    internal void Check(EventFilter filter, PageRequest page)
    {
        ArgumentNullException.ThrowIfNull(filter);
        ArgumentNullException.ThrowIfNull(page);
        if ((filter.Check() ?? page.Check(Limits)) is not { } refused)
            return;
        throw new ArgumentException($"{refused.Field}: {refused.Rule}");
    }
}
