using Ledgerfold.Model.Comparing;
using Ledgerfold.Model.Folding;
using Ledgerfold.Model.Rebuilding;
using Ledgerfold.Model.Tests.Folding;
using Ledgerfold.Model.Timelines;
using Ledgerfold.Testing;

namespace Ledgerfold.Model.Tests.Rebuilding;

public abstract class Rebuilding_a_projection
{
    private readonly FoldWorld _world;
    private readonly Projection<Tally> _tallies = Tally.Projection();
    private readonly FoldName _beside = new("$shadow-tallies");
    private readonly OperationInTest _operation = new();

    protected Rebuilding_a_projection(Backend backend)
    {
        _world = new FoldWorld(backend: backend);
        _world.Start(_tallies);
        for (var n = 0; n < 20; n++)
            _world.Append($"tally-{n}", new Tally.Added($"k{n % 7}", n));
        _world.Append("other", "tally-1", new Tally.Added("k1", 5));
        Caught(_tallies.Fold);
    }

    [Fact]
    public void Finds_no_difference_where_there_is_none()
    {
        var result = Rebuild();

        Assert.True(result.Comparison.IsSame, $"{result.Comparison}");
        Assert.Equal((8, 21), (result.Comparison.Same, result.Comparison.Position));
        Assert.Equal(["folding", "comparing"], _operation.Messages.Distinct());
    }

    [Fact]
    public void Lets_rows_disappear_that_no_replay_produces_and_mends_those_that_are_wrong()
    {
        Tamper();

        var result = Rebuild();

        Assert.Equal((1, 1, 1), (result.Comparison.Added, result.Comparison.Changed, result.Comparison.Removed));
        Assert.Equal(
            ["default/k1 Changed", "default/k2 Added", "default/ghost Removed"],
            result.Comparison.Samples.OrderBy(static one => one.Key == "ghost").ThenBy(static one => one.Key).Select(static one => $"{one.Tenant}/{one.Key} {one.Kind}"));
        var changed = result.Comparison.Samples.Single(static one => one.Kind == RowDifferenceKind.Changed);
        Assert.Contains("/sum: 77 → 24", changed.Changes.Select(static one => $"{one}"));
        Assert.Equal(77, _world.Read(_tallies, "k1")!.Sum); // nobody has switched

        Switch();
        Assert.Equal(24, _world.Read(_tallies, "k1")!.Sum);
        Assert.Null(_world.Read(_tallies, "ghost"));
        Assert.NotNull(_world.Read(_tallies, "k2"));
    }

    [Fact]
    public void Goes_back_and_forth_and_shows_what_came_meanwhile()
    {
        Tamper();
        Rebuild();
        Switch();
        _world.Append("tally-1", new Tally.Added("k1", 1000));
        Assert.Equal(1024, _world.Read(_tallies, "k1")!.Sum);

        Assert.Equal((_beside, _tallies.Fold), (Back().From, Seen()));
        Assert.Equal(1077, _world.Read(_tallies, "k1")!.Sum);
        Back();
        Assert.Equal(1024, _world.Read(_tallies, "k1")!.Sum);
    }

    [Fact]
    public void Keeps_what_was_chosen_over_restarts_and_forgets_what_was_discarded()
    {
        Tamper();
        Rebuild();
        Switch();
        Restart();
        Assert.Equal(_beside, Seen());
        Assert.Equal(24, _world.Read(_tallies, "k1")!.Sum);

        Assert.Equal([_tallies.Fold], Discard());
        Assert.DoesNotContain(_tallies.Fold, _world.Do(() => _world.Rows.List()));
        Restart();
        Assert.Equal(_beside, Seen());
        Assert.Equal([_beside], _world.Engine.KeptOf("tallies").Select(static fold => fold.Projection.Fold));
        Assert.Throws<InvalidOperationException>(() => Back());

        _world.Append("tally-1", new Tally.Added("k1", 1));
        Assert.Equal(25, _world.Read(_tallies, "k1")!.Sum);
        Assert.True(Rebuild(new OperationInTest()).Comparison.IsSame); // now the other way round
        Switch(new OperationInTest());
        Assert.Equal(_tallies.Fold, Seen());
    }

    [Fact]
    public void Is_refused_while_there_is_something_to_go_back_to()
    {
        Rebuild();
        Switch();

        var refused = Assert.Throws<InvalidOperationException>(() => Rebuild(new OperationInTest()));

        Assert.Contains("roll back to it, or discard it first", refused.Message, StringComparison.Ordinal);
        Discard();
        Assert.True(Rebuild(new OperationInTest()).Comparison.IsSame);
    }

    [Fact]
    public void Begins_with_nothing_though_an_earlier_one_left_rows()
    {
        Rebuild();
        Damage(_beside);

        Assert.True(Rebuild(new OperationInTest()).Comparison.IsSame);
    }

    [Fact]
    public void Goes_on_where_a_crash_left_it()
    {
        Tamper();
        _world.Ledger.Hold(LedgerCall.Read);
        var first = _world.Begin(() => new ValueTask<RebuildResult>(new Rebuild(_world.Engine, Request, _operation.Live()).Run()));
        Assert.False(first.IsCompleted);
        _world.Crash();
        _world.Start(_tallies);
        Caught(_tallies.Fold);

        var result = Rebuild();

        Assert.Equal((1, 1, 1), (result.Comparison.Added, result.Comparison.Changed, result.Comparison.Removed));
    }

    [Fact]
    public void Compares_at_one_position_while_events_go_on_arriving()
    {
        Tamper();
        var rebuilding = _world.Begin(() => new ValueTask<RebuildResult>(new Rebuild(_world.Engine, Request, _operation.Live()).Run()));
        for (var n = 0; n < 200 && !rebuilding.IsCompleted; n++)
        {
            _world.Append($"tally-{n % 5}", new Tally.Added($"k{n % 9}", 1), new Tally.Added($"k{n % 4}", 2));
            _world.Pass(TimeSpan.FromMilliseconds(7));
        }

        _world.Pass(TimeSpan.FromSeconds(5));
        Assert.True(rebuilding.IsCompletedSuccessfully);
        var comparison = _world.DoTask(() => rebuilding).Comparison;
        Assert.Equal((2, 1), (comparison.Changed + comparison.Added, comparison.Removed)); // the missing one may have come back, with less in it
        Switch();
        foreach (var key in Enumerable.Range(0, 9).Select(static n => $"k{n}"))
            Assert.Equal(Live(key), _world.Read(_tallies, key));
    }

    [Fact]
    public void Switches_once_though_the_answer_was_lost_in_a_crash()
    {
        Rebuild();
        Switch();
        var back = new OperationInTest();
        Back(back);
        Assert.Equal(_tallies.Fold, Seen());

        Back(back); // another life of the same: it is where it wanted to be

        Assert.Equal(_tallies.Fold, Seen());
    }

    [Fact]
    public void Builds_another_version_in_the_same_way()
    {
        var next = Tally.Projection(version: 2);
        _world.Stop();
        _world.Start(_tallies, next);
        Caught(_tallies.Fold);

        var result = Rebuild(version: 2);
        Assert.Equal((next.Fold, true), (result.Comparison.After, result.Comparison.IsSame));
        Switch(version: 2);
        Assert.True(_world.Engine.IsActive(next));
        Back();
        Assert.True(_world.Engine.IsActive(_tallies));
    }

    [Fact]
    public void Says_which_code_is_missing()
    {
        Assert.Contains("version 9", Assert.Throws<InvalidOperationException>(() => Rebuild(version: 9)).Message, StringComparison.Ordinal);
        Assert.Contains("Nothing is built", Assert.Throws<InvalidOperationException>(() => Switch(version: 9)).Message, StringComparison.Ordinal);
    }

    private static RebuildRequest Request { get; } = new("tallies", 1);

    private FoldName Seen() => _world.Engine.ActiveOf(_tallies)!.Projection.Fold;

    private RebuildResult Rebuild(OperationInTest? operation = null, int version = 1) =>
        Run(() => new Rebuild(_world.Engine, new RebuildRequest("tallies", version), (operation ?? _operation).Live()).Run());

    private SwitchResult Switch(OperationInTest? operation = null, int version = 1) =>
        Run(() => new Switching(_world.Engine, (operation ?? new OperationInTest()).Live()).To(new SwitchRequest("tallies", version)));

    private SwitchResult Back(OperationInTest? operation = null) =>
        Run(() => new Switching(_world.Engine, (operation ?? new OperationInTest()).Live()).Back("tallies"));

    private FoldName[] Discard() => [.. Run(() => Switching.Discard(_world.Engine, "tallies", default)).Dropped];

    private Tally? Live(string key) =>
        _world.Do(() => new TimelineEngine(_world.Ledger).Of(_tallies, Tally.Types, key).At(Moment.Now)).OrThrow();

    private T Run<T>(Func<Task<T>> work)
    {
        var task = _world.Begin(() => new ValueTask<T>(work()));
        for (var second = 0; second < 100 && !task.IsCompleted; second++)
            _world.Pass(TimeSpan.FromSeconds(1));
        return _world.DoTask(() => task);
    }

    private void Restart()
    {
        _world.Stop();
        _world.Start(_tallies);
    }

    private void Caught(FoldName fold)
    {
        var head = _world.Do(() => _world.Ledger.ReadRange()).Head;
        var kept = _world.Engine.KeptOf("tallies").Single(one => one.Projection.Fold == fold);
        Assert.True(_world.Do(() => kept.Waiters.Wait(head, null, default)));
        _world.Pass(TimeSpan.FromSeconds(2));
    }

    /// <summary>A row that nothing makes, one that is wrong, and one that is missing.</summary>
    private void Tamper()
    {
        _world.Do(() => _world.Engine.DisposeAsync());
        Damage(_tallies.Fold);
        _world.Start(_tallies);
    }

    private void Damage(FoldName fold)
    {
        var position = _world.Do(() => _world.Rows.ReadPosition(fold));
        var wrong = _world.Do(() => _world.Rows.Get(fold, Tenants.Default, RowKeys.OfState("k1")))!;
        Assert.IsType<FoldOutcome.Written>(_world.Do(() => _world.Rows.Write(new FoldBatch
        {
            Fold = fold,
            Expected = position,
            Position = position,
            Rows =
            [
                wrong with { Key = RowKeys.OfState("ghost"), Indexes = [] },
                wrong with { Data = """{"sum":77,"trail":"?"}"""u8.ToArray() },
            ],
            Removed = [new FoldKey(Tenants.Default, RowKeys.OfState("k2"))],
        })));
    }
}

public sealed class Rebuilding_a_projection_in_memory() : Rebuilding_a_projection(Backend.InMemory);

public sealed class Rebuilding_a_projection_on_the_platforms_stores() : Rebuilding_a_projection(Backend.Embedded);
