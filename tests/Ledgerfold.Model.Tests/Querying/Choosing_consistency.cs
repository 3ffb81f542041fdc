using Ledgerfold.Model.Folding;
using Ledgerfold.Model.Querying;
using Ledgerfold.Model.Tests.Folding;

namespace Ledgerfold.Model.Tests.Querying;

public abstract class Choosing_consistency(Backend backend)
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly FoldWorld _world = new(backend: backend);
    private readonly Projection<Tally> _tallies = Tally.Projection();

    private ProjectionReader<Tally> Reader => _world.Projections.Of(_tallies);

    [Fact]
    public void Eventual_takes_what_the_rows_show_and_never_waits()
    {
        _world.Start(_tallies);
        _world.Append("tally-1", new Tally.Added("a", 1));

        var before = _world.Do(() => Reader.Get("a"));
        _world.Pass(Second);
        var after = _world.Do(() => Reader.Get("a"));

        Assert.Null(before.OrThrow());
        Assert.Equal(0, before.Freshness.Position);
        Assert.Equal(1, after.OrThrow()!.Sum);
        Assert.Equal(1, after.Freshness.Position);
        Assert.False(after.Freshness.IsStale);
    }

    [Fact]
    public void At_least_a_token_sees_the_own_append()
    {
        _world.Start(_tallies);
        var token = _world.Append("tally-1", new Tally.Added("a", 1));

        Assert.Equal(1, _world.Do(() => Reader.Get("a", Consistency.AtLeast(token, Second))).OrThrow()!.Sum);
    }

    [Fact]
    public void At_least_a_token_that_comes_later_waits_for_it()
    {
        _world.Start(_tallies);
        _world.Append("tally-1", new Tally.Added("a", 1));
        var read = _world.Begin(() => Reader.Get("a", Consistency.AtLeast(2, Second)));
        Assert.False(read.IsCompleted);

        _world.Append("other-1", new Tally.Added("a", 1));

        Assert.True(read.IsCompleted);
    }

    [Fact]
    public void At_least_a_token_that_showed_is_no_wait_while_a_later_change_is_not_written()
    {
        _world.Start(_tallies);
        _world.Append("tally-1", new Tally.Added("a", 1));
        _world.Pass(Second);
        var token = _world.Append("other-1", new Tally.Added("a", 1)); // says nothing to the projection, so that nothing is written for it
        Assert.Equal(token, _world.Status(_tallies).Position);

        _world.Append("tally-1", new Tally.Added("a", 1));

        var read = _world.Do(() => Reader.Get("a", Consistency.AtLeast(token, TimeSpan.Zero)));
        Assert.Equal((1, token), (read.OrThrow()!.Sum, read.Freshness.Position));
    }

    [Fact]
    public void At_least_a_token_is_not_met_by_rows_that_went_back_before_they_were_read()
    {
        _world.Start(_tallies);
        var read = _world.Begin(() => Reader.Get("a", Consistency.AtLeast(5, Second)));
        var waiters = _world.Engine.Find(_tallies).Waiters;

        waiters.Show(5);
        waiters.Show(0); // as when all rows are dropped and computed again
        _world.Settle();
        Assert.False(read.IsCompleted);

        waiters.Show(5);
        _world.Settle();
        Assert.True(read.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task At_least_a_token_is_stale_when_the_deadline_passes()
    {
        _world.Start(_tallies);
        _world.Append("tally-1", new Tally.Added("a", 1));
        _world.Ledger.Hold(Testing.LedgerCall.Read);
        _world.Append("tally-1", new Tally.Added("a", 1)); // the read that would show what comes next is held behind this one
        var token = _world.Append("tally-1", new Tally.Added("a", 1));
        var read = _world.Begin(() => Reader.Get("a", Consistency.AtLeast(token, Second)));
        var page = _world.Begin(() => Reader.Read(consistency: Consistency.AtLeast(token, Second)));
        _world.Pass(Second - TimeSpan.FromTicks(1));
        Assert.False(read.IsCompleted);

        _world.Pass(TimeSpan.FromTicks(1));

        Assert.Equal((token, 2), Assert.IsType<ReadAnswer<Tally?>.Stale>(await read) is var stale ? (stale.Wanted, stale.Freshness.Position) : default);
        Assert.IsType<ReadAnswer<RowPage<Tally>>.Stale>(await page);
        Assert.Throws<TimeoutException>(() => stale!.OrThrow());
    }

    [Fact]
    public async Task Waiting_can_be_cancelled_and_leaves_nothing_behind()
    {
        _world.Start(_tallies);
        using var cancel = new CancellationTokenSource();
        var read = _world.Begin(() => Reader.Get("a", Consistency.AtLeast(9, TimeSpan.FromHours(1)), cancel: cancel.Token));
        cancel.Cancel();
        _world.Settle();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
        Assert.Equal(long.MaxValue, _world.Engine.Find(_tallies).Waiters.WantedMin);
    }

    [Fact]
    public void A_session_never_reads_older_rows_over_projections_and_restarts()
    {
        var other = new Projection<Tally>("other") { Query = Tally.Query, Apply = (all, _, recorded) => new Tally(recorded.Position, "") };
        var session = new ReadSession();
        _world.Start(_tallies, other);
        var token = _world.Append("tally-1", new Tally.Added("a", 1));
        session.Saw(token);
        Assert.Equal(1, _world.Do(() => Reader.Get("a", Consistency.In(session, Second))).OrThrow()!.Sum);
        _world.Append("tally-1", new Tally.Added("a", 1));
        _world.Pass(Second);
        Assert.Equal(2, _world.Do(() => Reader.Get("a", Consistency.In(session, Second))).OrThrow()!.Sum);
        Assert.Equal(2, session.Position);

        _world.Crash();
        _world.Do(() => _world.Rows.Drop(other.Fold)); // lost, and behind until it is computed again
        _world.Start(_tallies, other);

        var travelled = new ReadSession(session.Position);
        Assert.Equal(2, _world.Do(() => _world.Projections.Of(other).Get(Projection.WholeKey, Consistency.In(travelled, Second))).OrThrow()!.Sum);
        Assert.Equal(2, _world.Do(() => _world.Projections.Of(other).Read(null, Consistency.In(travelled, Second))).OrThrow().Rows.Single().State.Sum);
    }

    [Fact]
    public void Latest_sees_everything_there_was_when_it_was_asked()
    {
        _world.Start(_tallies);
        for (var n = 0; n < 3; n++)
        {
            _world.Append("tally-1", new Tally.Added("a", 1));
            Assert.Equal(n + 1, _world.Do(() => Reader.Get("a", Consistency.Latest(Second))).OrThrow()!.Sum);
        }
    }

    [Fact]
    public void A_position_is_a_causal_past()
    {
        _world.Start(_tallies);
        _world.Append("tally-1", new Tally.Added("a", 1));
        var effect = _world.Append("tally-2", new Tally.Moved("a", "b", 1)); // rests on what was seen of tally-1

        var row = _world.Do(() => Reader.Get("a", Consistency.AtLeast(effect, Second))).OrThrow()!;

        Assert.Equal("1,2", row.Trail);
    }

    [Fact]
    public void Rows_of_a_fold_that_stopped_or_has_not_caught_up_say_so()
    {
        _world.Append("tally-1", new Tally.Added("a", 1));
        var engine = new FoldEngine(_world.Ledger, _world.Store, Tally.Types, [_tallies], _world.Options);
        var reader = new Projections(engine).Of(_tallies);
        Assert.Contains("has not begun", _world.Do(() => reader.Get("a")).Freshness.Trouble);

        _world.Ledger.Hold(Testing.LedgerCall.Read);
        _world.Do(() => engine.Start());
        Assert.Contains("has not caught up", _world.Do(() => reader.Get("a")).Freshness.Trouble);

        _world.Do(() => engine.DisposeAsync());
        Assert.Contains("stopped", _world.Do(() => reader.Get("a")).Freshness.Trouble);
        Assert.IsType<ReadAnswer<Tally?>.Stale>(_world.Do(() => reader.Get("a", Consistency.Latest(TimeSpan.FromDays(1)))));
    }

    [Fact]
    public void Inline_projections_show_an_append_before_its_answer_is_given()
    {
        var inline = new Projection<Tally>("inline") { Inline = true, Query = Tally.Query, Apply = (all, _, _) => new Tally((all?.Sum ?? 0) + 1, "") };
        _world.Start(_tallies, inline);
        var token = _world.Append("tally-1", new Tally.Added("a", 1));

        Assert.True(_world.Do(() => _world.Engine.WaitForInline(token, Second)));

        Assert.Equal(1, _world.Do(() => _world.Projections.Of(inline).Get(Projection.WholeKey)).OrThrow()!.Sum);
        Assert.Null(_world.Do(() => Reader.Get("a")).OrThrow());
        var late = _world.Begin(() => _world.Engine.WaitForInline(token + 1, Second));
        _world.Pass(Second);
        Assert.True(late.IsCompletedSuccessfully);
    }
}
