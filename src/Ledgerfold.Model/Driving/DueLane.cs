using Ledgerfold.Model.Folding;

namespace Ledgerfold.Model.Driving;

/// <summary>
/// Work of one kind that falls due: timers, the commands of steps, or one activity. It knows for each tenant when to look next, and finds
/// what is due in the rows, page by page; so what is not due costs nothing, however much it is. A look may come too often or find what is
/// done already: everything here can be done again without harm. The loop looks; any thread may tell it when.
/// </summary>
internal abstract class DueLane(string name, LaneContext context)
{
    private static readonly TimeSpan LookAgainEvery = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, DateTimeOffset> _lookAt = new(StringComparer.Ordinal);
    private readonly Signal _wake = new();
    private int _failures;

    public string Name => name;

    protected LaneContext Context => context;

    protected DateTimeOffset Now => context.Options.Clock.GetUtcNow();

    private CancellationToken Stop => context.Stop;

    private TimeProvider Clock => context.Options.Clock;

    /// <summary>Something of this tenant is, or may be, due then.</summary>
    public void Look(string tenant, DateTimeOffset due)
    {
        bool isSooner;
        lock (_lock)
        {
            isSooner = !_lookAt.TryGetValue(tenant, out var known) || due < known;
            if (isSooner)
                _lookAt[tenant] = due;
        }

        if (isSooner)
            _wake.Set();
    }

    /// <summary>Looks at everybody's rows now: what others left behind is found so.</summary>
    public void LookEverywhere()
    {
        foreach (var tenant in context.Tenants.All)
            Look(tenant, DateTimeOffset.MinValue);
    }

    public async Task Run()
    {
        using var stopping = Stop.UnsafeRegister(static state => ((Signal)state!).Set(), _wake);
        using var timer = Clock.CreateTimer(
            static state => ((Signal)state!).Set(), _wake, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        var lookedEverywhere = Clock.GetTimestamp();
        while (!Stop.IsCancellationRequested)
        {
            if (Clock.GetElapsedTime(lookedEverywhere) >= LookAgainEvery)
            {
                lookedEverywhere = Clock.GetTimestamp();
                LookEverywhere();
            }

            if (TakeDue(out var wait) is { } tenant)
            {
                await Sweep(tenant);
                continue;
            }

            timer.Change(Ambient.WholeMillis(wait), Timeout.InfiniteTimeSpan);
            await _wake.Wait();
        }
    }

    /// <summary>Sees to what is due of a row.</summary>
    protected abstract Task Do(string tenant, InstanceRow row, DateTimeOffset now);

    /// <summary>Ends when everything begun for a page of rows is begun or done, so that the next page may come.</summary>
    protected virtual Task EndPage() => Task.CompletedTask;

    private string? TakeDue(out TimeSpan wait)
    {
        var now = Now;
        wait = LookAgainEvery;
        lock (_lock)
        {
            if (_lookAt.Count == 0)
                return null;
            var (tenant, at) = _lookAt.MinBy(static one => one.Value); // who waits longest, so that nobody is passed over
            if (at <= now)
            {
                _lookAt.Remove(tenant);
                return tenant;
            }

            // never longer than a clock may stand still that was set
            wait = at - now < context.Options.ClockCheckEvery ? at - now : context.Options.ClockCheckEvery;
            return null;
        }
    }

    private async Task Sweep(string tenant)
    {
        try
        {
            var now = Now;
            await foreach (var page in context.Rows.ReadDue(tenant, name, now, Stop))
            {
                foreach (var row in page)
                    await Do(tenant, row, now);
                await EndPage();
            }

            if (await context.Rows.ReadNext(tenant, name, now, Stop) is { } next)
                Look(tenant, next);
            _failures = 0;
        }
        catch (OperationCanceledException) when (Stop.IsCancellationRequested)
        {
            // what is due is found again after the next start
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            Look(tenant, Now + context.Options.Restarts.PauseAfter(++_failures, context.Options.Chance));
        }
    }
}

/// <summary>What all lanes of an engine share.</summary>
internal sealed record LaneContext(
    ILedger Ledger, DueRows Rows, TenantList Tenants, Recorder Recorder, ProcessOptions Options, CancellationToken Stop);

/// <summary>Reads what is due from the rows, once they show everything that is in the ledger by now.</summary>
internal sealed class DueRows(ILedger ledger, FoldEngine folds, IFoldStore store)
{
    private const int PageRows = 500;

    public async IAsyncEnumerable<List<InstanceRow>> ReadDue(
        string tenant, string lane, DateTimeOffset now, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        var head = (await ledger.ReadRange(cancel)).Head;
        if (!await folds.WaitUntil(InstanceRows.Projection, head, within: null, cancel))
            throw new ProcessBusyException("The rows of processes are not kept up to date any more.");
        var request = new FoldRead
        {
            Fold = InstanceRows.Projection.Fold,
            Tenant = tenant,
            Index = InstanceRows.DueIndex,
            From = $"{lane} ",
            To = InstanceRows.DueValue(lane, now + TimeSpan.FromMicroseconds(1)),
            Limit = PageRows,
        };
        while (true)
        {
            var page = await store.Read(request, cancel);
            if (page.Rows.Length > 0)
                yield return [.. page.Rows.Select(InstanceRows.Projection.DecodeState)];
            if (page.Next is null)
                yield break;
            request = request with { Continue = page.Next };
        }
    }

    /// <summary>When the next is due that is not yet; null where there is none.</summary>
    public async ValueTask<DateTimeOffset?> ReadNext(string tenant, string lane, DateTimeOffset now, CancellationToken cancel)
    {
        var page = await store.Read(
            new FoldRead
            {
                Fold = InstanceRows.Projection.Fold,
                Tenant = tenant,
                Index = InstanceRows.DueIndex,
                From = InstanceRows.DueValue(lane, now + TimeSpan.FromMicroseconds(1)),
                To = $"{lane}!",
                Limit = 1,
            },
            cancel);
        return page.Rows is [var first, ..] ? InstanceRows.DueOf(InstanceRows.Projection.DecodeState(first), lane) : null;
    }
}
