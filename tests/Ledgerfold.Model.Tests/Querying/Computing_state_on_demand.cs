using Ledgerfold.Model.Events;
using Ledgerfold.Model.Folding;
using Ledgerfold.Model.Querying;
using Ledgerfold.Model.Tests.Folding;

namespace Ledgerfold.Model.Tests.Querying;

public sealed class Computing_state_on_demand
{
    private readonly FoldWorld _world = new();
    private readonly Projection<Tally> _tallies = Tally.Projection();

    private LiveFold<Tally> Live => _world.Projections.Live(_tallies);

    [Fact]
    public void Gives_the_state_after_every_position()
    {
        _world.Start(_tallies);
        _world.Append("tally-1", new Tally.Added("a", 1), new Tally.Added("b", 2), new Tally.Added("a", 3), new Tally.Cleared("a"));
        _world.Append("tally-1", new Tally.Added("a", 4));

        string?[] trails = [.. Enumerable.Range(0, 6).Select(position => _world.Do(() => Live.At(position, "a")).OrThrow()?.Trail)];

        string?[] expected = [null, "1", "1", "1,3", null, "5"];
        Assert.Equal<IEnumerable<string?>>(expected, trails);
        Assert.Equal("5", _world.Do(() => Live.Now("a")).OrThrow()!.Trail);
        Assert.Equal(5, Assert.IsType<LiveState<Tally>.Computed>(_world.Do(() => Live.Now("a"))).Position);
    }

    [Fact]
    public void Gives_the_state_as_it_was_known_at_a_time()
    {
        _world.Start(_tallies);
        _world.Append("tally-1", new Tally.Added("a", 1));
        _world.Pass(TimeSpan.FromHours(1));
        var between = _world.Clock.GetUtcNow();
        _world.Pass(TimeSpan.FromHours(1));
        _world.Append("tally-1", new Tally.Added("a", 1));

        Assert.Equal("1", _world.Do(() => Live.At(between, "a")).OrThrow()!.Trail);
        Assert.Null(_world.Do(() => Live.At(between - TimeSpan.FromDays(1), "a")).OrThrow());
    }

    [Fact]
    public void Gives_what_was_known_at_one_time_of_what_was_true_at_another()
    {
        _world.Start(_tallies);
        var day = _world.Clock.GetUtcNow();
        Record(day.AddDays(3), 1);
        Record(day.AddDays(1), 2);
        _world.Pass(TimeSpan.FromDays(10));
        var known = _world.Clock.GetUtcNow();
        _world.Pass(TimeSpan.FromDays(1));
        Record(day.AddDays(2), 4); // learned later

        Assert.Equal("2", Trail(known, day.AddDays(2)));
        Assert.Equal("2,1", Trail(known, day.AddDays(3)));
        Assert.Equal("2,3,1", Trail(_world.Clock.GetUtcNow(), day.AddDays(3)));
        Assert.Null(Trail(known, day));

        string? Trail(DateTimeOffset recorded, DateTimeOffset effective) => _world.Do(() => Live.AsOf(recorded, effective, "a")).OrThrow()?.Trail;
        void Record(DateTimeOffset effective, long amount)
        {
            var (type, _, data) = new EventCodec(Tally.Types).Encode(new Tally.Added("a", amount));
            _world.AppendRaw("default", "tally-1", _world.NewEvent(type, data) with { EffectiveAt = effective });
        }
    }

    [Fact]
    public void Reads_only_the_events_of_the_key_where_the_projection_can_name_them()
    {
        var read = new List<long>();
        var streams = new Projection<Tally>("streams")
        {
            Query = Tally.Query,
            EventsOf = EventQuery.OfStream,
            Key = (_, recorded) =>
            {
                read.Add(recorded.Position);
                return recorded.Stream;
            },
            Apply = (tally, _, _) => new Tally((tally?.Sum ?? 0) + 1, ""),
        };
        _world.Append("tally-1", new Tally.Added("a", 1));
        _world.Append("tally-2", new Tally.Added("a", 1));
        _world.Append("tally-1", new Tally.Added("a", 1));
        var live = new LiveFold<Tally>(_world.Ledger, new EventCodec(Tally.Types), streams);

        Assert.Equal(2, _world.Do(() => live.Now("tally-1")).OrThrow()!.Sum);
        Assert.Equal([1, 3], read);
    }

    [Fact]
    public void Takes_no_event_that_the_projection_itself_would_not()
    {
        var confined = new Projection<Tally>("confined")
        {
            Query = EventQuery.Of(new QueryItem { Category = "tally", Types = ["Added"] }),
            EventsOf = EventQuery.OfStream,
            Key = (_, recorded) => recorded.Stream,
            Apply = (tally, _, _) => new Tally((tally?.Sum ?? 0) + 1, ""),
        };
        _world.Append("tally-1", new Tally.Added("a", 1), new Tally.Cleared("a"), new Tally.Added("a", 1));
        var live = new LiveFold<Tally>(_world.Ledger, new EventCodec(Tally.Types), confined);

        Assert.Equal(2, _world.Do(() => live.Now("tally-1")).OrThrow()!.Sum);
    }

    [Fact]
    public void Says_at_which_event_it_failed_and_never_guesses()
    {
        _world.Start(_tallies);
        _world.Append("tally-1", new Tally.Added("a", 1));
        _world.AppendRaw("default", "tally-1", _world.NewEvent("Unheard", "{}"u8.ToArray()));

        var failed = Assert.IsType<LiveState<Tally>.Failed>(_world.Do(() => Live.Now("a")));
        Assert.Equal(2, failed.Position);
        Assert.Throws<InvalidOperationException>(failed.OrThrow);
        Assert.Equal(1, _world.Do(() => Live.At(1, "a")).OrThrow()!.Sum);
    }
}
