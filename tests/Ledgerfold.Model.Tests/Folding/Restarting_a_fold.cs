using Ledgerfold.Model.Folding;
using Ledgerfold.Testing;

namespace Ledgerfold.Model.Tests.Folding;

public abstract class Restarting_a_fold(Backend backend)
{
    private readonly FoldWorld _world = new(backend: backend);
    private readonly Projection<Tally> _tallies = Tally.Projection();

    [Fact]
    public void Goes_on_where_its_rows_stand()
    {
        _world.Start(_tallies);
        _world.Append("tally-1", new Tally.Added("a", 1));
        _world.Stop();
        Assert.Equal(1, _world.Do(() => _world.Rows.ReadPosition(_tallies.Fold)));
        _world.Append("tally-1", new Tally.Added("a", 2));

        var seen = new List<long>();
        var again = Tally.Projection((_, recorded) => seen.Add(recorded.Position));
        _world.Start(again);

        Assert.Equal(new Tally(3, "1,2"), _world.Read(again, "a"));
        Assert.Equal([2], seen);
    }

    [Fact]
    public void Folds_again_what_a_crash_kept_from_being_written()
    {
        _world.Start(_tallies);
        _world.Append("tally-1", new Tally.Added("a", 1));
        _world.Read(_tallies, "a");
        _world.Append("tally-1", new Tally.Added("a", 2), new Tally.Added("b", 2));
        _world.Crash();
        Assert.Equal(1, _world.Do(() => _world.Rows.ReadPosition(_tallies.Fold)));

        _world.Start(_tallies);

        Assert.Equal(new Tally(3, "1,2"), _world.Read(_tallies, "a"));
        Assert.Equal(new Tally(2, "3"), _world.Read(_tallies, "b"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Finds_out_what_became_of_a_batch_in_doubt(bool happened)
    {
        _world.Start(_tallies);
        _world.Append("tally-1", new Tally.Added("a", 1));
        _world.Store.LoseAnswer(happened);
        _world.Pass(_world.Options.FreshWithin);
        Assert.Equal(FoldPhase.Pausing, _world.Status(_tallies).Phase);
        Assert.Equal(FoldHealth.Degraded, _world.Status(_tallies).Health);
        _world.Append("tally-1", new Tally.Added("a", 2));

        _world.Pass(TimeSpan.FromSeconds(1));

        Assert.Equal(new Tally(3, "1,2"), _world.Read(_tallies, "a"));
        Assert.Equal(FoldHealth.Healthy, _world.Status(_tallies).Health);
        Assert.Contains("cannot say", _world.Status(_tallies).LastError!.Message);
    }

    [Fact]
    public void Waits_longer_and_longer_for_a_store_that_takes_no_writes()
    {
        _world.Start(_tallies);
        _world.Append("tally-1", new Tally.Added("a", 1));
        _world.Store.Answer(new FoldOutcome.ReadOnly("full"), times: 4);

        _world.Pass(TimeSpan.FromMilliseconds(400));
        Assert.Null(_world.Do(() => _world.Rows.Get(_tallies.Fold, Tenants.Default, "k:a")));
        _world.Pass(TimeSpan.FromSeconds(10));

        Assert.Equal(new Tally(1, "1"), _world.Read(_tallies, "a"));
    }

    [Fact]
    public void Begins_again_after_a_read_that_failed()
    {
        _world.Ledger.Fail(LedgerCall.Read, new IOException("no disk"), times: 2);
        _world.Append("tally-1", new Tally.Added("a", 1));
        _world.Start(_tallies);
        _world.Pass(TimeSpan.FromSeconds(2));

        Assert.Equal("IOException: no disk", _world.Status(_tallies).LastError!.Message);
        Assert.Equal(new Tally(1, "1"), _world.Read(_tallies, "a"));
    }

    [Fact]
    public void Is_computed_anew_when_the_rows_are_ahead_of_the_ledger()
    {
        var ahead = new FoldBatch { Fold = _tallies.Fold, Expected = 0, Position = 9, Rows = [new FoldRow { Tenant = "default", Key = "k:z", Data = "{}"u8.ToArray() }] };
        _world.Do(() => _world.Rows.Write(ahead));
        _world.Append("tally-1", new Tally.Added("a", 1));
        _world.Start(_tallies);

        Assert.Equal(new Tally(1, "1"), _world.Read(_tallies, "a"));
        Assert.Null(_world.Do(() => _world.Rows.Get(_tallies.Fold, Tenants.Default, "k:z")));
        Assert.Contains("ends at 1", Assert.Single(_world.Status(_tallies).Warnings).Message);
    }

    [Fact]
    public void Is_computed_anew_when_a_row_is_damaged_for_the_fold()
    {
        _world.Start(_tallies);
        _world.Append("tally-1", new Tally.Added("a", 1), new Tally.Added("b", 1));
        _world.Stop();
        _world.Start(_tallies);
        _world.Store.FailRead(new FoldsDamagedException("rot"));
        _world.Append("tally-1", new Tally.Added("a", 2));

        Assert.Equal(new Tally(3, "1,3"), _world.Read(_tallies, "a"));
        Assert.Contains("rot", Assert.Single(_world.Status(_tallies).Warnings).Message);
    }

    [Fact]
    public void Is_computed_anew_when_the_store_takes_no_batch_because_rows_are_lost()
    {
        _world.Start(_tallies);
        _world.Append("tally-1", new Tally.Added("a", 1), new Tally.Added("b", 1));
        _world.Read(_tallies, "a");
        _world.Store.FailWrite(new FoldsDamagedException("rows are lost"));
        _world.Append("tally-1", new Tally.Added("a", 2));

        Assert.Equal(new Tally(3, "1,3"), _world.Read(_tallies, "a"));
        Assert.Equal(new Tally(1, "2"), _world.Read(_tallies, "b"));
        Assert.Contains("rows are lost", Assert.Single(_world.Status(_tallies).Warnings).Message);
    }

    [Fact]
    public void Is_computed_anew_when_a_row_is_damaged_for_a_reader()
    {
        _world.Start(_tallies);
        _world.Append("tally-1", new Tally.Added("a", 1));
        _world.Read(_tallies, "a");
        _world.Store.FailRead(new FoldsDamagedException("rot"));

        var met = _world.Do(() => _world.Projections.Of(_tallies).Get("a"));

        Assert.Contains("rot", Assert.IsType<Model.Querying.ReadAnswer<Tally?>.Stale>(met).Freshness.Trouble);
        Assert.Equal(new Tally(1, "1"), _world.Read(_tallies, "a"));
    }

    [Fact]
    public void Takes_rows_that_another_copy_dropped_for_no_truth()
    {
        _world.Start(_tallies);
        _world.Append("tally-1", new Tally.Added("a", 1));
        _world.Read(_tallies, "a");
        _world.Do(() => _world.Rows.Drop(_tallies.Fold));

        var met = _world.Do(() => _world.Projections.Of(_tallies).Get("a"));

        Assert.Contains("dropped", Assert.IsType<Model.Querying.ReadAnswer<Tally?>.Stale>(met).Freshness.Trouble);
        Assert.Equal(FoldPhase.Stopped, _world.Status(_tallies).Phase);
        _world.Start(_tallies);
        Assert.Equal(new Tally(1, "1"), _world.Read(_tallies, "a"));
    }

    [Fact]
    public void Stops_when_another_copy_moved_it_and_says_so()
    {
        var first = _world.Start(_tallies);
        var second = new FoldEngine(_world.Ledger, _world.Store, Tally.Types, [_tallies], _world.Options);
        _world.Do(() => second.Start());
        for (var n = 0; n < 4; n++)
        {
            _world.Append("tally-1", new Tally.Added("a", 1));
            _world.Pass(TimeSpan.FromSeconds(2));
        }

        FoldStatus[] both = [_world.Do(() => first.ReadStatus(_tallies)), _world.Do(() => second.ReadStatus(_tallies))];

        var stopped = Assert.Single(both, status => status.Phase == FoldPhase.Stopped);
        Assert.Contains("Another copy", stopped.Reason);
        Assert.Equal(FoldHealth.Unhealthy, stopped.Health);
        Assert.Single(both, status => status is { Phase: FoldPhase.CaughtUp, Health: FoldHealth.Healthy });
        var row = _world.Do(() => _world.Rows.Get(_tallies.Fold, Tenants.Default, "k:a"));
        Assert.Equal(new Tally(4, "1,2,3,4"), _tallies.DecodeState(row!));
    }

    [Fact]
    public void Takes_a_fold_over_from_a_copy_that_does_not_know_it_though_nothing_moves()
    {
        var poisoned = true;
        var tallies = Tally.Projection((_, recorded) =>
        {
            if (poisoned && recorded.Position == 1)
                throw new InvalidOperationException("poison");
        });
        _world.Options = _world.Options with { RetriesMax = 0 };
        var first = _world.Start(tallies);
        _world.Append("tally-1", new Tally.Added("a", 1), new Tally.Added("b", 1));
        _world.Read(tallies, "b");
        var held = Assert.Single(_world.Status(tallies).Held);
        var second = _world.Start(tallies);
        poisoned = false;
        Assert.True(_world.DoTask(() => second.Release(tallies, held)));

        Assert.False(_world.DoTask(() => first.Release(tallies, held)));

        Assert.Contains("took it over", _world.Do(() => first.ReadStatus(tallies)).Reason);
        _world.Append("tally-1", new Tally.Added("a", 2));
        Assert.Equal(new Tally(3, "1,3"), _world.Read(tallies, "a"));
        Assert.Empty(_world.Status(tallies).Held);
    }

    [Fact]
    public void Writes_less_at_once_where_the_store_refuses_so_much()
    {
        _world.Store.Answer(new FoldOutcome.Refused("rows", "too many bytes"), times: 2);
        for (var n = 0; n < 20; n++)
            _world.Append("tally-1", new Tally.Added($"k{n % 10}", 1));
        _world.Start(_tallies);
        _world.Pass(TimeSpan.FromSeconds(10));

        for (var key = 0; key < 10; key++)
            Assert.Equal(new Tally(2, $"{key + 1},{key + 11}"), _world.Read(_tallies, $"k{key}"));
    }
}
