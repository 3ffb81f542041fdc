using Ledgerfold;
using Marketplace.Orders;
using Marketplace.Stock;
using Marketplace.Tests.Checkout;

namespace Marketplace.Tests.Stock;

public sealed class Sweeping_reservations
{
    private readonly CheckoutRun _run = new();

    public Sweeping_reservations() => _run.Receive("tea", 1_000);

    [Fact]
    public void Ends_what_is_over_and_nothing_else()
    {
        Reserve("a", 60);
        Reserve("b", 61);

        _run.Pass(TimeSpan.FromSeconds(59.9));
        Assert.Equal(1, Sweep());
        Assert.Equal(ReservationEnd.Expired, _run.Stock("tea").EndOf("a"));
        Assert.Equal(["b"], _run.Stock("tea").Open.Keys);
        Assert.Equal(0, Sweep());
    }

    [Fact]
    public void Does_nothing_a_microsecond_before()
    {
        Reserve("a", 60);

        _run.Pass(TimeSpan.FromSeconds(59.9) - TimeSpan.FromMicroseconds(1));
        Assert.Equal(0, Sweep());
    }

    [Fact]
    public void Leaves_alone_what_was_extended_committed_or_released()
    {
        foreach (var id in (string[])["a", "b", "c"])
            Reserve(id, 60);
        _run.Accept(new ExtendReservation("tea", "V1", "a", 60));
        _run.Accept(new CommitReservation("tea", "V1", "b"));
        _run.Accept(new ReleaseReservation("tea", "V1", "c"));

        _run.Pass(TimeSpan.FromSeconds(119));
        Assert.Equal(0, Sweep());
    }

    [Fact]
    public void Ends_many_in_bounded_bites()
    {
        for (var n = 0; n < 250; n++)
            Reserve($"r{n}", 60);

        _run.Pass(TimeSpan.FromSeconds(61));
        Assert.Equal(250, Sweep());
        Assert.Equal(0, _run.Stock("tea").Reserved);
    }

    [Fact]
    public void Goes_on_after_a_restart()
    {
        Reserve("a", 60);
        _run.Kill();
        _run.Clock.ShiftWallClock(TimeSpan.FromMinutes(5));
        _run.Begin();

        Assert.Equal(1, Sweep());
    }

    [Fact]
    public void Looks_every_ten_seconds()
    {
        using var stop = new CancellationTokenSource();
        _run.Start(() => NewSweep().Run(stop.Token));
        Reserve("a", 15);

        _run.Pass(TimeSpan.FromSeconds(19));
        Assert.Single(_run.Stock("tea").Open);
        _run.Pass(TimeSpan.FromSeconds(2));
        Assert.Empty(_run.Stock("tea").Open);
        stop.Cancel();
    }

    private void Reserve(string id, int seconds) => _run.Accept(new ReserveStock("tea", "V1", id, 1, seconds));

    private int Sweep()
    {
        var count = 0;
        _run.Pass(TimeSpan.FromMilliseconds(100)); // rows show what happened a little later
        _run.Do(async () => count = await NewSweep().Sweep(Tenants.Default, TestContext.Current.CancellationToken));
        return count;
    }

    private ReservationSweep NewSweep() => new(_run.Rows, _run.Commands, _run.Clock, [Tenants.Default]);
}
