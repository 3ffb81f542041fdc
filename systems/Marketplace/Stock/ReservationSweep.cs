using Ledgerfold.Model.Commanding;
using Ledgerfold.Model.Querying;
using Microsoft.Extensions.Hosting;

namespace Marketplace.Stock;

/// <summary>
/// Writes down that reservations lapsed, so that what people see as available is so. Nothing depends on it: a reservation is over at its
/// time, and whoever needs its goods ends it on the way. It goes by rows, which remember over a restart what is due, looks at no more of
/// them at a time than it can send at once, and costs one look where nothing is due.
/// </summary>
internal sealed class ReservationSweep(Projections rows, Commands commands, TimeProvider clock, IReadOnlyList<string> tenants)
    : BackgroundService
{
    /// <summary>How often it looks.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(10);

    private const int TogetherMax = 100;

    /// <summary>Ends everything of a tenant that is over by now; answers how much that was.</summary>
    public async Task<int> Sweep(string tenant, CancellationToken cancel)
    {
        var count = 0;
        var due = new RowQuery<ReservationView>
        {
            Tenant = tenant,
            Index = "expiry",
            To = Times.ToText(clock.GetUtcNow().AddMicroseconds(1)), // with what is over just now
            Limit = TogetherMax,
        };
        do
        {
            var page = (await rows.Of(ReservationView.Projection).Read(due, Consistency.Eventual, cancel)).OrThrow();
            await Task.WhenAll(page.Rows.Select(row => Expire(row.State, tenant, cancel)));
            count += page.Rows.Length;
            due = due with { Continue = page.Next };
        }
        while (due.Continue is not null);
        return count;
    }

    /// <summary>Sweeps again and again, until it is cancelled.</summary>
    public async Task Run(CancellationToken cancel)
    {
        while (true)
        {
            await Task.Delay(Every, clock, cancel);
            foreach (var tenant in tenants)
            {
                try
                {
                    await Sweep(tenant, cancel);
                }
                catch (Exception failure) when (failure is not (OperationCanceledException or OutOfMemoryException))
                {
                    // what is due is found the next time
                }
            }
        }
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Run(stoppingToken);

    /// <summary>A row may be older than the reservation, which then says no; one that is still due is met again.</summary>
    private async Task Expire(ReservationView due, string tenant, CancellationToken cancel) => await commands.Send(
        new ExpireReservation(due.Sku, due.VendorId, due.ReservationId),
        new CommandOrigin { Tenant = tenant, Actor = "reservations" },
        cancel);
}
