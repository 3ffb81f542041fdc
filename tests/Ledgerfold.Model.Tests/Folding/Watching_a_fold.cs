using Ledgerfold.Model.Folding;
using Ledgerfold.Testing;

namespace Ledgerfold.Model.Tests.Folding;

public sealed class Watching_a_fold
{
    private static readonly TimeSpan StuckAfter = TimeSpan.FromSeconds(30);

    private readonly FoldWorld _world = new();
    private readonly Projection<Tally> _tallies = Tally.Projection();

    [Fact]
    public void Shows_position_head_and_lag_in_events_and_in_time()
    {
        _world.Start(_tallies);
        _world.Append("tally-1", new Tally.Added("a", 1));
        _world.Pass(TimeSpan.FromSeconds(1));
        _world.Ledger.Hold(LedgerCall.Read);
        _world.Append("tally-1", new Tally.Added("a", 1)); // shown; what comes next is held back
        _world.Pass(TimeSpan.FromSeconds(1));
        Hide();
        _world.Pass(TimeSpan.FromSeconds(10));
        Hide();

        var status = _world.Status(_tallies);

        Assert.Equal((2, 4, 2), (status.Position, status.Head, status.LagEvents));
        Assert.Equal(TimeSpan.FromSeconds(10), status.Lag);
        Assert.Equal(FoldHealth.Healthy, status.Health);
        Assert.True(status.IsActive);
        Assert.Equal(_world.Clock.GetUtcNow() - TimeSpan.FromSeconds(10) - TimeSpan.FromSeconds(1) + _world.Options.FreshWithin, status.AdvancedAt);
        void Hide() => _world.Append("tally-1", new Tally.Added("a", 1));
    }

    [Fact]
    public void Shows_rate_and_remaining_time()
    {
        _world.Options = _world.Options with { StuckAfter = TimeSpan.FromDays(1) };
        _world.Start(_tallies);
        for (var second = 0; second < 20; second++)
        {
            _world.Append("tally-1", [.. Enumerable.Repeat(new Tally.Added("a", 1), 10)]);
            _world.Pass(TimeSpan.FromSeconds(1));
        }

        Assert.InRange(_world.Status(_tallies).EventsPerSecond, 8, 12);
        Assert.Equal(TimeSpan.Zero, _world.Status(_tallies).Remaining);
        _world.Ledger.Hold(LedgerCall.Read);
        _world.Append("tally-1", new Tally.Added("a", 1));
        _world.Append("tally-1", [.. Enumerable.Repeat(new Tally.Added("a", 1), 100)]);
        Assert.InRange(_world.Status(_tallies).Remaining!.Value.TotalSeconds, 5, 20);
    }

    [Fact]
    public void Is_ill_when_it_stands_still_though_the_head_moves()
    {
        _world.Start(_tallies);
        _world.Pass(TimeSpan.FromHours(5)); // nothing happens, and nothing is wrong
        Assert.Equal(FoldHealth.Healthy, _world.Status(_tallies).Health);
        _world.Ledger.Hold(LedgerCall.Read);
        _world.Append("tally-1", new Tally.Added("a", 1));
        _world.Pass(TimeSpan.FromSeconds(1));
        _world.Append("other-1", new Tally.Added("a", 1)); // it does not even match

        Assert.Equal((FoldHealth.Healthy, 1), (_world.Status(_tallies).Health, _world.Status(_tallies).LagEvents));
        _world.Pass(StuckAfter + TimeSpan.FromSeconds(1));

        var status = _world.Status(_tallies);
        Assert.Equal((FoldHealth.Unhealthy, TimeSpan.Zero), (status.Health, status.Lag));
        Assert.Contains("stood still", status.Reason);
    }

    [Fact]
    public void Is_ill_when_it_hangs_in_a_step_though_its_lag_is_zero()
    {
        _world.Start(_tallies);
        _world.Append("tally-1", new Tally.Added("a", 1));
        var glance = _world.Engine.Find(_tallies).Progress;
        _world.Pass(TimeSpan.FromSeconds(1));
        glance.Busy(true);
        _world.Pass(StuckAfter + TimeSpan.FromSeconds(2));

        var status = _world.Status(_tallies);
        Assert.Equal((FoldHealth.Unhealthy, 0), (status.Health, status.LagEvents));
    }

    [Fact]
    public void Is_ill_when_its_rows_can_not_be_written_however_often_it_begins_again()
    {
        _world.Start(_tallies);
        _world.Store.Answer(new FoldOutcome.ReadOnly("full"), times: 100_000);
        for (var n = 0; n < 60; n++)
        {
            _world.Append("tally-1", new Tally.Added("a", 1));
            _world.Pass(TimeSpan.FromSeconds(1));
        }

        var status = _world.Status(_tallies);
        Assert.Equal((FoldHealth.Unhealthy, 0), (status.Health, status.Position));
        Assert.Contains("full", status.Reason);
    }

    [Fact]
    public void Is_degraded_while_it_is_computed_again()
    {
        _world.Start(_tallies);
        _world.Append("tally-1", new Tally.Added("a", 1));
        _world.Read(_tallies, "a");
        _world.Ledger.Hold(LedgerCall.Read);
        _world.Engine.Find(_tallies).ReportDamage("rot");
        _world.Settle();

        Assert.Equal(FoldHealth.Degraded, _world.Status(_tallies).Health);
        Assert.Contains("rot", _world.Status(_tallies).Reason);
    }

    public static TheoryData<FoldPhase, bool, int, int, int, int, FoldHealth> Rules { get; } = new()
    {
        { FoldPhase.CaughtUp, true, 0, 0, 0, 0, FoldHealth.Healthy },
        { FoldPhase.CaughtUp, true, 5, 29, 0, 0, FoldHealth.Healthy },
        { FoldPhase.CaughtUp, true, 5, 31, 0, 0, FoldHealth.Unhealthy },
        { FoldPhase.CaughtUp, true, 0, 31, 0, 0, FoldHealth.Healthy },
        { FoldPhase.CatchingUp, true, 0, 31, 31, 0, FoldHealth.Unhealthy },
        { FoldPhase.CatchingUp, true, 0, 1, 31, 0, FoldHealth.Healthy },
        { FoldPhase.Pausing, true, 0, 0, 0, 0, FoldHealth.Degraded },
        { FoldPhase.Pausing, true, 1, 31, 0, 0, FoldHealth.Unhealthy },
        { FoldPhase.CaughtUp, true, 0, 0, 0, 1, FoldHealth.Degraded },
        { FoldPhase.Stopped, true, 0, 0, 0, 0, FoldHealth.Unhealthy },
    };

    [Theory]
    [MemberData(nameof(Rules))]
    public void Is_judged_by_these_rules(FoldPhase phase, bool caughtUp, int overdue, int standsFor, int busyFor, int held, FoldHealth expected)
    {
        var glance = new FoldGlance
        {
            Phase = phase,
            HasCaughtUp = caughtUp,
            LastError = null,
            Warnings = [],
            AdvancedAt = null,
            EventsPerSecond = 0,
            StandsFor = TimeSpan.FromSeconds(standsFor),
            BusyFor = TimeSpan.FromSeconds(busyFor),
        };

        Assert.Equal(expected, FoldDiagnosis.Of(glance, overdue, held, StuckAfter).Health);
    }
}
