using System.Text;
using Ledgerfold.Model.Events;
using Ledgerfold.Model.Folding;
using Ledgerfold.Model.Querying;

namespace Ledgerfold.Model.Tests.Folding;

public abstract class Keeping_a_projection(Backend backend)
{
    private readonly FoldWorld _world = new(backend: backend);
    private readonly Projection<Tally> _tallies = Tally.Projection();

    [Fact]
    public void Folds_what_happened_before_it_began_and_what_happens_after()
    {
        _world.Append("tally-1", new Tally.Added("a", 5), new Tally.Added("b", 7));
        _world.Start(_tallies);
        _world.Append("tally-2", new Tally.Added("a", 1));

        Assert.Equal(new Tally(6, "1,3"), _world.Read(_tallies, "a"));
        Assert.Equal(new Tally(7, "2"), _world.Read(_tallies, "b"));
        Assert.Null(_world.Read(_tallies, "c"));
        Assert.Equal(0, _world.Scheduler.Strays);
    }

    [Fact]
    public void Folds_a_fact_under_every_key_it_belongs_to()
    {
        _world.Start(_tallies);
        _world.Append("tally-1", new Tally.Added("a", 5), new Tally.Moved("a", "b", 2), new Tally.Moved("b", "b", 2));

        Assert.Equal("1,2", _world.Read(_tallies, "a")!.Trail);
        Assert.Equal("2,3", _world.Read(_tallies, "b")!.Trail);
    }

    [Fact]
    public void Keeps_one_state_for_all_where_no_key_is_given()
    {
        var count = new Projection<Tally>("count") { Query = Tally.Query, Apply = (all, _, _) => new Tally((all?.Sum ?? 0) + 1, "") };
        _world.Start(count);
        _world.Append("tally-1", new Tally.Added("a", 5), new Tally.Added("b", 5));

        Assert.Equal(2, _world.Read(count, Projection.WholeKey)!.Sum);
    }

    [Fact]
    public void Keeps_rows_of_tenants_apart()
    {
        _world.Start(_tallies);
        _world.Append("north", "tally-1", new Tally.Added("a", 1));
        _world.Append("south", "tally-1", new Tally.Added("a", 2));

        Assert.Equal(1, _world.Read(_tallies, "a", "north")!.Sum);
        Assert.Equal(2, _world.Read(_tallies, "a", "south")!.Sum);
        Assert.Null(_world.Read(_tallies, "a"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Removes_a_row_and_makes_it_anew(bool writtenBetween)
    {
        _world.Start(_tallies);
        _world.Append("tally-1", new Tally.Added("a", 1), new Tally.Added("b", 1));
        if (writtenBetween)
            _world.Pass(TimeSpan.FromSeconds(2));
        _world.Append("tally-1", new Tally.Cleared("a"), new Tally.Added("a", 3), new Tally.Cleared("b"));

        Assert.Equal(new Tally(3, "4"), _world.Read(_tallies, "a"));
        Assert.Null(_world.Read(_tallies, "b"));
        _world.Stop();
        _world.Start(_tallies);
        Assert.Null(_world.Read(_tallies, "b"));
    }

    [Fact]
    public void Moves_on_to_what_was_looked_at_though_nothing_matches()
    {
        _world.Start(_tallies);
        var last = _world.Append("other-1", new Tally.Added("a", 1), new Tally.Added("a", 1));

        Assert.Equal(last, _world.Status(_tallies).Position);
        _world.Pass(TimeSpan.FromSeconds(2));
        Assert.Equal(last, _world.Do(() => _world.Rows.ReadPosition(_tallies.Fold)));
        Assert.Null(_world.Read(_tallies, "a"));
    }

    [Fact]
    public void Writes_nothing_while_nothing_happens()
    {
        _world.Start(_tallies);
        _world.Append("tally-1", new Tally.Added("a", 1));
        _world.Pass(TimeSpan.FromSeconds(5));
        var written = _world.Store.Written;

        _world.Pass(TimeSpan.FromHours(1));

        Assert.Equal(1, written);
        Assert.Equal(written, _world.Store.Written);
    }

    [Fact]
    public void Writes_soon_by_itself_once_it_has_caught_up()
    {
        _world.Start(_tallies);
        _world.Append("tally-1", new Tally.Added("a", 1));

        Assert.Equal(0, _world.Do(() => _world.Rows.ReadPosition(_tallies.Fold)));
        _world.Pass(_world.Options.FreshWithin);
        Assert.Equal(1, _world.Do(() => _world.Rows.ReadPosition(_tallies.Fold)));
    }

    [Fact]
    public void Writes_at_once_for_who_waits_and_together_for_many()
    {
        _world.Start(_tallies);
        var token = 0L;
        for (var n = 0; n < 10; n++)
            token = _world.Append("tally-1", new Tally.Added("a", 1));

        var reads = Enumerable.Range(1, 10).Select(n => _world.Scheduler.Start(
            () => _world.Projections.Of(_tallies).Get("a", Consistency.AtLeast(n, TimeSpan.FromSeconds(1))).AsTask())).ToArray();
        _world.Settle();

        Assert.All(reads, read => Assert.True(read.IsCompletedSuccessfully));
        Assert.Equal(1, _world.Store.Written);
        Assert.Equal(token, _world.Do(() => _world.Rows.ReadPosition(_tallies.Fold)));
    }

    [Fact]
    public void Goes_on_folding_while_it_writes_and_writes_the_rest_afterwards()
    {
        _world.Start(_tallies);
        _world.Append("tally-1", new Tally.Added("a", 1));
        var held = _world.Store.HoldWrite();
        _world.Pass(_world.Options.FreshWithin);
        Assert.True(held.Arrived.IsCompleted);
        _world.Append("tally-1", new Tally.Added("a", 1), new Tally.Added("b", 1));

        Assert.Equal(0, _world.Status(_tallies).Position);
        held.Release();
        _world.Settle();
        Assert.Equal(1, _world.Status(_tallies).Position);

        Assert.Equal(new Tally(2, "1,2"), _world.Read(_tallies, "a"));
        Assert.Equal(new Tally(1, "3"), _world.Read(_tallies, "b"));
    }

    [Fact]
    public void Reads_rows_again_that_it_let_go_of()
    {
        _world.Options = _world.Options with { CachedRowsMax = 1, DirtyRowsMax = 1 };
        _world.Start(_tallies);
        for (var round = 0; round < 5; round++)
        {
            for (var key = 0; key < 5; key++)
                _world.Append("tally-1", new Tally.Added($"k{key}", 1));
            _world.Pass(TimeSpan.FromSeconds(1));
        }

        for (var key = 0; key < 5; key++)
            Assert.Equal(new Tally(5, string.Join(',', Enumerable.Range(0, 5).Select(round => (round * 5) + key + 1))), _world.Read(_tallies, $"k{key}"));
    }

    [Fact]
    public void Has_a_row_for_each_stream_of_a_category_where_that_is_said()
    {
        var streams = new Projection<Tally>("streams", perStreamOf: "tally") { Apply = static (tally, _, recorded) => new Tally(0, $"{tally?.Trail}/{recorded.Position}") };
        _world.Start(streams);
        _world.Append("tally-1", new Tally.Added("a", 1));
        _world.Append("other-1", new Tally.Added("a", 1));
        _world.Append("tally-2", new Tally.Added("a", 1), new Tally.Added("b", 1));

        Assert.Equal(("/1", "/3/4", null), (_world.Read(streams, "tally-1")?.Trail, _world.Read(streams, "tally-2")?.Trail, _world.Read(streams, "other-1")));
        Assert.Equal("tally-2", Assert.Single(streams.QueryOf("tally-2").Items).Stream);
    }

    [Fact]
    public void Reads_old_events_as_new_ones()
    {
        var types = Tally.Types.Upcast("AddedTwice", 1, static old =>
        [
            old with { Type = "Added", Data = "{\"key\":\"a\",\"amount\":1}"u8.ToArray() },
            old with { Type = "Added", Data = "{\"key\":\"b\",\"amount\":2}"u8.ToArray() },
            old with { Type = "Added", Data = "{\"key\":\"a\",\"amount\":3}"u8.ToArray() },
        ]);
        _world.AppendRaw("default", "tally-1", _world.NewEvent("AddedTwice", Encoding.UTF8.GetBytes("{}")));
        var engine = new FoldEngine(_world.Ledger, _world.Store, types, [_tallies], _world.Options);
        _world.Do(() => engine.Start());

        Assert.True(_world.Do(() => engine.WaitUntil(_tallies, 1)));
        var a = _world.Do(() => new Projections(engine).Of(_tallies).Get("a")).OrThrow();
        Assert.Equal(new Tally(4, "1,1"), a);
    }

    [Fact]
    public void Is_refused_twice_under_one_name_and_version_and_with_a_broken_query()
    {
        Assert.Throws<ArgumentException>(() => new FoldEngine(_world.Ledger, _world.Store, Tally.Types, [_tallies, Tally.Projection()]));
        Assert.Throws<ArgumentException>(() => new Module("m").Projects(_tallies).Projects(Tally.Projection()));
        Assert.Throws<ArgumentException>(() => new Projection<Tally>("$mine") { Apply = (tally, _, _) => tally });
        var broken = new Projection<Tally>("broken") { Query = EventQuery.OfStream("no stream"), Apply = (tally, _, _) => tally };
        Assert.Throws<ArgumentException>(() => new FoldEngine(_world.Ledger, _world.Store, Tally.Types, [broken]));
    }

    [Fact]
    public void Takes_the_projections_and_the_events_of_modules()
    {
        var module = new Module("tallies").Events(EventTypes.Of<Tally.Event>()).Projects(_tallies);
        _world.Append("tally-1", new Tally.Added("a", 5));
        var engine = new FoldEngine(_world.Ledger, _world.Store, [module], _world.Options);
        _world.Do(() => engine.Start());

        Assert.Equal(5, _world.Do(() => new Projections(engine).Of(_tallies).Get("a", Consistency.Latest(TimeSpan.FromSeconds(1)))).OrThrow()!.Sum);
    }
}
