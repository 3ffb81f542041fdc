using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Marketplace.Orders;

/// <summary>
/// The orders that are made and not decided: so many and no more, because everything that waits has an end; and whoever made one can wait
/// for the event that decides it. One read of the ledger tells all of them, however many wait. What was under way before a start is not
/// counted: it is bounded by what was counted then. Any thread.
/// </summary>
internal sealed partial class CheckoutsUnderWay(ILedger ledger, TimeProvider clock, ILogger<CheckoutsUnderWay> log) : BackgroundService
{
    /// <summary>So many at once.</summary>
    public const int Max = 2_000;

    private static readonly TimeSpan AgainAfter = TimeSpan.FromSeconds(1);

    private static readonly ImmutableArray<string> Deciding =
    [
        nameof(Order.OrderConfirmed), nameof(Order.OrderRejected), nameof(Order.OrderPutOnHold), nameof(Order.OrderCancelled),
    ];

    private static readonly EventQuery Followed = EventQuery.Of(new QueryItem
    {
        Category = Order.Decider.Category,
        Types = [nameof(Order.OrderValidated), .. Deciding],
    });

    private readonly ConcurrentDictionary<(string Tenant, string Stream), TaskCompletionSource<RecordedEvent>> _open = new();
    private int _count; // of _open, which would have to be locked to be counted

    // the following read alone
    private long _after;

    /// <summary>Whether one more can begin.</summary>
    public bool HasRoom => Volatile.Read(ref _count) < Max;

    /// <summary>Counts an order that is about to be made; says no where too many are open.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="orderId">The order.</param>
    /// <param name="decided">The event that decides it, when there is one.</param>
    public bool TryEnter(string tenant, string orderId, [NotNullWhen(true)] out Task<RecordedEvent>? decided)
    {
        var key = (tenant, Order.Decider.StreamOf(orderId));
        decided = _open.TryGetValue(key, out var known) ? known.Task
            : Volatile.Read(ref _count) < Max ? Open(key).Task
            : null;
        return decided is not null;
    }

    /// <summary>No event will decide it: it was not made, or was decided before.</summary>
    public void Leave(string tenant, string orderId) => Close((tenant, Order.Decider.StreamOf(orderId)));

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        _after = (await ledger.ReadRange(cancellationToken)).Head;
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await Follow(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure) when (failure is not OutOfMemoryException)
            {
                Failed(log, failure);
                await Task.Delay(AgainAfter, clock, stoppingToken);
            }
        }
    }

    private async Task Follow(CancellationToken cancel)
    {
        var request = new ReadRequest { Query = Followed, After = _after, Follow = true };
        await foreach (var page in ledger.ReadAcrossTenants(request, cancel))
        {
            foreach (var recorded in page.Events)
            {
                var key = (recorded.Tenant, recorded.Stream);
                if (Deciding.Contains(recorded.Type))
                    Close(key)?.TrySetResult(recorded);
                else
                    Open(key);
            }

            _after = page.ScannedTo;
        }
    }

    private TaskCompletionSource<RecordedEvent> Open((string Tenant, string Stream) key)
    {
        var mine = new TaskCompletionSource<RecordedEvent>(TaskCreationOptions.RunContinuationsAsynchronously);
        var open = _open.GetOrAdd(key, mine);
        if (open == mine)
            Interlocked.Increment(ref _count);
        return open;
    }

    private TaskCompletionSource<RecordedEvent>? Close((string Tenant, string Stream) key)
    {
        if (!_open.TryRemove(key, out var open))
            return null;
        Interlocked.Decrement(ref _count);
        return open;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Orders are no longer followed; it is tried again.")]
    private static partial void Failed(ILogger log, Exception failure);
}
