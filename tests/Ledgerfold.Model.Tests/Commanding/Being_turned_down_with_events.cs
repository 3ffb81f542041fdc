using Ledgerfold.Model.Commanding;
using Ledgerfold.Model.Deciding;
using Ledgerfold.Model.Events;
using Ledgerfold.Testing;

namespace Ledgerfold.Model.Tests.Commanding;

public sealed class Being_turned_down_with_events : IAsyncDisposable
{
    private static readonly CommandOrigin Origin = new() { Id = new Guid("0197c2f4-7a4e-7bb5-9d1c-333333333333") };

    private static readonly Module Seats = new Module("seats")
        .Events(EventTypes.Of<Event>())
        .Decides(new Decider<string?>("seat", null, Apply), static seats => seats
            .On<Take>(command => command.Seat, Decide)
            .On<Leave>(command => command.Seat, static (_, _) => Decision.Of(new Left())));

    private readonly InMemoryLedger _ledger = new();

    public abstract record Event;

    public sealed record Taken(string Name) : Event;

    public sealed record Left : Event;

    public sealed record TurnedAway(string Name) : Event;

    public sealed record Take(string Seat, string Name);

    public sealed record Leave(string Seat);

    public ValueTask DisposeAsync() => _ledger.DisposeAsync();

    [Fact]
    public async Task Says_so_and_leaves_them_in_the_stream_and_no_record_beside()
    {
        var commands = new Commands(Seats, _ledger);
        await commands.Tell(new Take("1", "ada"));

        var answer = await commands.Tell(new Take("1", "bob"), Origin);

        Assert.Equal(new CommandAnswer.Rejected("TAKEN", "seat", "by ada", Repeated: false), answer);
        Assert.Equal(["seat-1 Taken", "seat-1 TurnedAway"], (await _ledger.All()).Select(static one => $"{one.Stream} {one.Type}"));
        Assert.Empty(await _ledger.Answers());
    }

    [Fact]
    public async Task Is_answered_the_same_for_ever_and_leaves_them_once()
    {
        var commands = new Commands(Seats, _ledger);
        await commands.Tell(new Take("1", "ada"));
        await commands.Tell(new Take("1", "bob"), Origin);
        await commands.Tell(new Leave("1"));

        var restarted = new Commands(Seats, _ledger);
        var again = await restarted.Tell(new Take("1", "bob"), Origin);
        var another = await restarted.Tell(new Take("1", "eve"), Origin);

        Assert.Equal(new CommandAnswer.Rejected("TAKEN", "seat", "by ada", Repeated: true), again);
        Assert.Equal("id", Assert.IsType<CommandAnswer.Invalid>(another).Field);
        Assert.Equal(["Taken", "TurnedAway", "Left"], (await _ledger.All()).Select(static one => one.Type));
    }

    [Fact]
    public async Task Is_answered_so_to_all_who_sent_it_at_once()
    {
        var commands = new Commands(Seats, _ledger);
        await commands.Tell(new Take("1", "ada"));

        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => commands.Tell(new Take("1", "bob"), Origin)));

        Assert.All(answers, static one => Assert.Equal("TAKEN", Assert.IsType<CommandAnswer.Rejected>(one).Code));
        Assert.Equal(["Taken", "TurnedAway"], (await _ledger.All()).Select(static one => one.Type));
    }

    [Fact]
    public async Task Lets_those_behind_it_go_on_from_what_it_left()
    {
        var commands = new Commands(Seats, _ledger);

        var answers = await Task.WhenAll(
            commands.Tell(new Take("1", "ada")), commands.Tell(new Take("1", "bob")), commands.Tell(new Leave("1")), commands.Tell(new Take("1", "eve")));

        Assert.Equal(["accepted", "rejected", "accepted", "accepted"], answers.Select(static one => one.Kind));
        Assert.Equal([1, 2, 3, 4], (await _ledger.All()).Select(static one => one.Version));
        Assert.Equal(4, Assert.IsType<CommandAnswer.Accepted>(answers[3]).Versions[0].Version);
    }

    [Fact]
    public void Is_said_in_a_scenario()
    {
        var taken = new Scenario(Seats).Given(new Taken("ada"));

        taken.When(new Take("1", "bob")).ThenRejected("TAKEN", "seat", new TurnedAway("bob"));
        Assert.ThrowsAny<Exception>(() => taken.When(new Take("1", "bob")).ThenRejected("TAKEN", "seat"));
    }

    private static string? Apply(string? name, object fact) => fact switch
    {
        Taken taken => taken.Name,
        Left => null,
        _ => name,
    };

    private static Decision Decide(Take command, string? name) => name is null
        ? Decision.Of(new Taken(command.Name))
        : Decision.Reject("TAKEN", "seat", $"by {name}").Leaving(new TurnedAway(command.Name));
}
