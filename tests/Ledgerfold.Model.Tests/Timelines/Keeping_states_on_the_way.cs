using Ledgerfold.Model.Deciding;
using Ledgerfold.Model.Events;
using Ledgerfold.Model.Folding;
using Ledgerfold.Model.Tests.Folding;
using Ledgerfold.Model.Timelines;

namespace Ledgerfold.Model.Tests.Timelines;

#pragma warning disable xUnit1051 // in memory nothing waits

public sealed class Keeping_states_on_the_way
{
    private const int Events = 1_000;

    private readonly TimelineWorld _world = new(new TimelineOptions { WaypointEvery = 10, WaypointsMax = 200 });
    private readonly Projection<Tally> _perStream = new("streams", perStreamOf: "tally") { Apply = Count };
    private readonly Decider<Tally> _decider = Counting();

    private int Read
    {
        get
        {
            var read = _world.Ledger.EventsRead;
            _world.Ledger.EventsRead = 0;
            return read;
        }
    }

    [Fact]
    public async Task Reads_no_more_than_from_one_waypoint_to_the_next()
    {
        await Fill("tally-1");
        var timeline = _world.Engine.Of(_decider, Tally.Types, "1");
        await timeline.At(Moment.Now);
        Assert.Equal(Events, Read);

        foreach (var version in Enumerable.Range(0, Events + 1))
        {
            Assert.Equal(version, (await timeline.At(Moment.AfterVersion(version))).OrThrow()!.Sum);
            Assert.InRange(Read, 0, 9);
            Assert.Equal(version, (await timeline.At(Moment.AfterPosition(version))).OrThrow()!.Sum);
            Assert.InRange(Read, 0, 9);
        }
    }

    [Fact]
    public async Task Begins_steps_at_the_waypoint_before_them()
    {
        await Fill("tally-1");
        var timeline = _world.Engine.Of(_perStream, Tally.Types, "tally-1");
        await timeline.At(Moment.Now);
        _ = Read;

        var sums = new List<long>();
        await foreach (var step in timeline.Steps(Moment.AfterPosition(500), Moment.AfterPosition(503)))
            sums.Add(step.OrThrow().After!.Sum);

        Assert.Equal([501, 502, 503], sums);
        Assert.InRange(Read, 3, 12);
    }

    [Fact]
    public async Task Serves_a_key_also_where_its_events_are_few_among_many()
    {
        var searched = new Projection<Tally>("searched") { Query = Tally.Query, Key = static (_, recorded) => recorded.Stream, Apply = Count };
        await Fill("tally-2");
        await _world.Append(Tally.Types, "tally-1", new Tally.Added("a", 1));
        await Fill("tally-2");
        var timeline = _world.Engine.Of(searched, Tally.Types, "tally-1");

        Assert.Equal(1, (await timeline.At(Moment.Now)).OrThrow()!.Sum);
        Assert.Equal((2 * Events) + 1, Read);
        Assert.Equal(1, (await timeline.At(Moment.Now)).OrThrow()!.Sum);
        Assert.InRange(Read, 0, 700 + 256);
        Assert.Null((await timeline.At(Moment.AfterPosition(Events))).OrThrow());
    }

    [Fact]
    public async Task Keeps_no_more_than_it_may_and_lets_go_of_what_was_used_least_recently()
    {
        await Fill("tally-1");
        await Fill("tally-2");
        await Fill("tally-3");
        var first = _world.Engine.Of(_decider, Tally.Types, "1");
        await first.At(Moment.Now);
        await _world.Engine.Of(_decider, Tally.Types, "2").At(Moment.Now);
        Assert.Equal(200, _world.Engine.Waypoints.Count);
        _ = await first.At(Moment.AfterVersion(500));
        _ = Read;

        await _world.Engine.Of(_decider, Tally.Types, "3").At(Moment.AfterVersion(990)); // 99 of them push 99 out
        _ = Read;
        Assert.Equal(200, _world.Engine.Waypoints.Count);
        Assert.Equal(500, (await first.At(Moment.AfterVersion(500))).OrThrow()!.Sum);
        Assert.Equal(0, Read);
        await first.At(Moment.AfterVersion(300));
        Assert.Equal(300, Read);
    }

    [Fact]
    public async Task Never_gives_a_state_to_other_code_or_other_events_of_the_same_name()
    {
        await Fill("tally-1");
        var doubled = new Decider<Tally>("tally", new Tally(0, ""), static (tally, _) => new Tally(tally.Sum + 2, ""));
        var emptied = EventTypes.Of<Tally.Event>().Upcast("Added", 1, static _ => []);

        Assert.Equal(Events, (await _world.Engine.Of(_decider, Tally.Types, "1").At(Moment.Now)).OrThrow()!.Sum);
        Assert.Equal(2 * Events, (await _world.Engine.Of(doubled, Tally.Types, "1").At(Moment.Now)).OrThrow()!.Sum);
        Assert.Equal(0, (await _world.Engine.Of(_decider, emptied, "1").At(Moment.Now)).OrThrow()!.Sum);
        Assert.Equal(Events, (await _world.Engine.Of(_perStream, Tally.Types, "tally-1").At(Moment.Now)).OrThrow()!.Sum);
    }

    [Theory]
    [InlineData("tally-1")]
    [InlineData(null)]
    public async Task Forgets_what_was_erased_when_it_is_told(string? stream)
    {
        await Fill("tally-1");
        var aggregate = _world.Engine.Of(_decider, Tally.Types, "1");
        var key = _world.Engine.Of(Tally.Projection(), Tally.Types, "a"); // whose name says nothing of the stream
        await aggregate.At(Moment.Now);
        await key.At(Moment.Now);
        _world.Ledger.Show = Erased;
        Assert.Equal(Events, (await aggregate.At(Moment.Now)).OrThrow()!.Sum);

        _world.Engine.Forget(Tenants.Default, stream);

        Assert.Equal(Events - 1, (await aggregate.At(Moment.Now)).OrThrow()!.Sum);
        Assert.Equal(Events - 1, (await key.At(Moment.Now)).OrThrow()!.Sum);
    }

    [Fact]
    public async Task Keeps_what_others_said_when_a_stream_is_forgotten()
    {
        await Fill("tally-1");
        await Fill("tally-2");
        var other = _world.Engine.Of(_decider, Tally.Types, "2");
        await other.At(Moment.Now);
        _ = Read;

        _world.Engine.Forget(Tenants.Default, "tally-1");
        _world.Engine.Forget("other");

        await other.At(Moment.Now);
        Assert.Equal(0, Read);
    }

    [Fact]
    public async Task Keeps_nothing_of_a_question_that_was_on_its_way_when_something_was_forgotten()
    {
        await Fill("tally-1");
        var aggregate = _world.Engine.Of(_decider, Tally.Types, "1");
        var pages = 0;
        _world.Ledger.BeforePage = () =>
        {
            if (++pages == 2)
            {
                _world.Ledger.Show = Erased;
                _world.Engine.Forget(Tenants.Default, "tally-1");
            }

            return Task.CompletedTask;
        };

        Assert.Equal(Events, (await aggregate.At(Moment.Now)).OrThrow()!.Sum);
        Assert.Equal(Events - 1, (await aggregate.At(Moment.Now)).OrThrow()!.Sum);
    }

    private static Tally Count(Tally? tally, object fact, RecordedEvent recorded) => new((tally?.Sum ?? 0) + 1, "");

    private static Decider<Tally> Counting() => new("tally", new Tally(0, ""), static (tally, _) => new Tally(tally.Sum + 1, ""));

    private static RecordedEvent? Erased(RecordedEvent recorded) => recorded.Version != 5 ? recorded : new RecordedEvent
    {
        Position = recorded.Position,
        Id = recorded.Id,
        Tenant = recorded.Tenant,
        Stream = recorded.Stream,
        Version = recorded.Version,
        Type = recorded.Type,
        SchemaVersion = recorded.SchemaVersion,
        RecordedAt = recorded.RecordedAt,
        ContentType = recorded.ContentType,
        Data = default,
        Erased = true,
    };

    private Task Fill(string stream) => _world.Append(Tally.Types, stream, [.. Enumerable.Range(0, Events).Select(_ => new Tally.Added("a", 1))]);
}
