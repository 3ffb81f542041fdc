using System.Text.Json;
using Ledgerfold.Model.Deciding;
using Ledgerfold.Model.Folding;
using Ledgerfold.Model.Tests.Folding;
using Ledgerfold.Model.Timelines;

namespace Ledgerfold.Model.Tests.Timelines;

#pragma warning disable xUnit1051 // in memory nothing waits

public sealed class Meeting_what_cannot_be_folded
{
    private readonly TimelineWorld _world = new(new TimelineOptions { WaypointEvery = 1 });

    private static readonly Projection<Tally> Projection = Tally.Projection();

    [Fact]
    public async Task Says_at_which_event_it_failed_and_why_and_stays_right_before_it()
    {
        await _world.Append(Tally.Types, "tally-1", new Tally.Added("a", 1));
        await _world.AppendRaw("tally-1", _world.NewEvent("Unheard", "{}"u8.ToArray()));
        await _world.Append(Tally.Types, "tally-1", new Tally.Added("a", 1));
        var timeline = _world.Engine.Of(Projection, Tally.Types, "a");

        for (var again = 0; again < 2; again++)
        {
            var failed = Assert.IsType<TimelineAnswer<Tally?>.Failed>(await timeline.At(Moment.Now));
            Assert.Equal(2, failed.Position);
            Assert.Contains("no event of this module has that name", failed.Error);
            Assert.Throws<InvalidOperationException>(failed.OrThrow);
            Assert.Equal(1, (await timeline.At(Moment.AfterPosition(1))).OrThrow()!.Sum);
        }

        Assert.Equal(2, Assert.IsType<TimelineAnswer<System.Collections.Immutable.ImmutableArray<FieldBlame>>.Failed>(await timeline.Blame(Moment.Now)).Position);
        Assert.IsType<TimelineAnswer<System.Collections.Immutable.ImmutableArray<Comparing.FieldChange>>.Failed>(await timeline.Compare(Moment.Now, Moment.Beginning));
        Assert.IsType<TimelineAnswer<System.Collections.Immutable.ImmutableArray<Comparing.FieldChange>>.Failed>(await timeline.Compare(Moment.Beginning, Moment.Now));
        Assert.IsType<TimelineAnswer<FieldStep?>.Failed>(await timeline.FirstChange("/none"));
        Assert.Equal(1, (await timeline.FirstChange("/sum")).OrThrow()!.By.Position); // which came before it
        Assert.IsType<TimelineAnswer<Tally?>.Failed>(await timeline.At(Moment.AsOf(_world.Now, _world.Now)));
        Assert.IsType<TimelineAnswer<Tally?>.Computed>(await timeline.At(Moment.AsOf(_world.Now.AddDays(-1), _world.Now)));
    }

    [Fact]
    public async Task Ends_steps_with_the_failure()
    {
        await _world.Append(Tally.Types, "tally-1", new Tally.Added("a", 1), new Tally.Added("a", 2), new Tally.Added("a", 3));
        var failing = Tally.Projection((_, recorded) => _ = recorded.Position == 2 ? throw new FormatException("seven") : 0);
        var answers = new List<TimelineAnswer<Step<Tally>>>();

        await foreach (var answer in _world.Engine.Of(failing, Tally.Types, "a").Steps(Moment.Beginning, Moment.Now))
            answers.Add(answer);

        Assert.Equal(2, answers.Count);
        Assert.Equal(1, answers[0].OrThrow().After!.Sum);
        Assert.Equal(new TimelineAnswer<Step<Tally>>.Failed(2, "FormatException: seven"), answers[1]);
    }

    [Fact]
    public async Task Applies_all_of_an_event_or_nothing()
    {
        var types = Events.EventTypes.Of<Tally.Event>().Upcast("Labelled", 1, static old =>
        [
            old with { Type = "Added", Data = """{"key":"a","amount":5}"""u8.ToArray() },
            old with { Type = "Cleared", Data = """{"key":"a"}"""u8.ToArray() },
        ]);
        var throwing = new Decider<Tally>("tally", new Tally(0, ""), static (tally, fact) =>
            fact is Tally.Added added ? new Tally(tally.Sum + added.Amount, "") : throw new FormatException("half"));
        await _world.Append(Tally.Types, "tally-1", new Tally.Added("a", 1), new Tally.Labelled("a", "x"));
        var timeline = _world.Engine.Of(throwing, types, "1");

        Assert.IsType<TimelineAnswer<Tally?>.Failed>(await timeline.At(Moment.Now));
        Assert.IsType<TimelineAnswer<Tally?>.Failed>(await timeline.At(Moment.Now));
        Assert.Equal(1, (await timeline.At(Moment.AfterVersion(1))).OrThrow()!.Sum);
    }

    [Fact]
    public async Task Says_where_something_is_missing_in_a_stream()
    {
        await _world.Append(Tally.Types, "tally-1", new Tally.Added("a", 1), new Tally.Added("a", 2), new Tally.Added("a", 3));
        _world.Ledger.Show = static recorded => recorded.Version == 2 ? null : recorded;
        var decider = new Decider<Tally>("tally", new Tally(0, ""), static (tally, _) => tally);

        var failed = Assert.IsType<TimelineAnswer<Tally?>.Failed>(await _world.Engine.Of(decider, Tally.Types, "1").At(Moment.Now));
        Assert.Equal(3, failed.Position);
        Assert.Contains("missing", failed.Error);
    }

    public sealed record Unsayable(int Count)
    {
        public int Half => Count % 2 == 0 ? Count / 2 : throw new InvalidOperationException("odd");
    }

    [Fact]
    public async Task Says_which_state_cannot_be_said_as_JSON()
    {
        await _world.Append(Tally.Types, "tally-1", new Tally.Added("a", 2), new Tally.Added("a", 1));
        var decider = new Decider<Unsayable>("tally", new Unsayable(0), static (one, fact) => new Unsayable(one.Count + (int)((Tally.Added)fact).Amount));
        var timeline = _world.Engine.Of(decider, Tally.Types, "1");

        Assert.Equal(3, (await timeline.At(Moment.Now)).OrThrow()!.Count);
        Assert.Equal(2, Assert.IsType<TimelineAnswer<JsonElement?>.Failed>(await timeline.AsJson().At(Moment.Now)).Position);
        Assert.Equal(1, (await timeline.AsJson().At(Moment.AfterVersion(1))).OrThrow()!.Value.GetProperty("half").GetInt32());
        Assert.Equal(2, Assert.IsType<TimelineAnswer<System.Collections.Immutable.ImmutableArray<FieldBlame>>.Failed>(await timeline.Blame(Moment.Now)).Position);
    }
}
