using System.Text.Json;
using Ledgerfold.Model.Comparing;
using Ledgerfold.Model.Processing;

namespace Ledgerfold.Model.Tests.Processing;

public sealed class Telling_a_history
{
    private static readonly Process<Trip> Process = Trip
        .Process(
            static react =>
            {
                react.Run("flight", new Trip.Book("flight"), undo: new Trip.Cancel("flight"));
                react.After("remind", TimeSpan.FromMinutes(30));
            },
            "flight")
        .Timer("remind", static (trip, _) => trip.Saw("reminded"));

    [Fact]
    public async Task Says_what_came_in_what_went_out_and_which_fields_changed()
    {
        await using var trip = new RecordedTrip(Process);
        await trip.Tell(new Trip.TripPlanned("1"), actor: "bob");
        await trip.Done("flight");

        var entries = await trip.Read();
        Assert.Equal([2L, 3, 4], entries.Select(static entry => entry.Position));
        Assert.Equal(("TripPlanned", "bob", 1), (entries[0].In!.Type, entries[0].In!.Actor, entries[0].In!.Position));
        Assert.Null(entries[0].Before);
        Assert.Equal("""all: nothing → {"log":[]}""", Assert.Single(entries[0].Changes).ToString());
        Assert.IsType<ProcessEvent.StepAnswered>(entries[1].Said);
        Assert.Equal("StepAnswered", entries[2].In!.Type);
        Assert.Equal("""/log/0: nothing → "flight done" """.Trim(), Assert.Single(entries[2].Changes).ToString());
        Assert.Equal(1, entries[2].Before!.Revision);
    }

    [Fact]
    public async Task Tells_attempts_operators_and_what_was_missed()
    {
        await using var trip = new RecordedTrip(Process);
        await trip.Tell(new Trip.TripPlanned("1"));
        await trip.Append(new ProcessEvent.StepTried("trip", "1", 1, 1, "timeout", trip.Clock.GetUtcNow()));
        await trip.Act(new OperatorAction.FireTimer("remind"));
        await trip.Tell(new Trip.TripPlanned("1"));

        var entries = await trip.Read();
        Assert.Equal("timeout", Assert.IsType<ProcessEvent.StepTried>(entries[1].Said).Problem);
        Assert.Equal(("ada", "because"), (entries[2].Actor, Assert.IsType<ProcessEvent.OperatorActed>(entries[2].Said).Reason));
        Assert.Equal(("ada", "OperatorActed"), (entries[3].In!.Actor, entries[3].In!.Type));
        Assert.Equal(("started", "TripPlanned"), (Assert.IsType<ProcessEvent.ProcessMissed>(entries[4].Said).Why, entries[4].In!.Type));
    }

    [Fact]
    public async Task Can_be_told_from_any_record_on()
    {
        await using var trip = new RecordedTrip(Process);
        await trip.Tell(new Trip.TripPlanned("1"));
        await trip.Done("flight");
        await trip.Fires("remind");

        var whole = await trip.Read();
        for (var e = 0; e < whole.Length; e++)
        {
            var rest = await trip.Read(after: whole[e].Position);
            Assert.Equal(whole.Skip(e + 1).Select(static entry => entry.ToString()), rest.Select(static entry => entry.ToString()));
        }
    }

    [Fact]
    public async Task Says_how_an_instance_stood_at_a_position()
    {
        await using var trip = new RecordedTrip(Process);
        await trip.Tell(new Trip.TripPlanned("1"));
        await trip.Done("flight");

        var cancel = TestContext.Current.CancellationToken;
        Assert.Null(await ProcessHistory.ReadAt(trip.Ledger, "trip", "1", Tenants.Default, 1, cancel));
        Assert.Equal(1, (await ProcessHistory.ReadAt(trip.Ledger, "trip", "1", Tenants.Default, 3, cancel))!.Revision);
        Assert.Equal(2, (await ProcessHistory.ReadAt(trip.Ledger, "trip", "1", Tenants.Default, long.MaxValue, cancel))!.Revision);
    }

    [Fact]
    public async Task Compares_no_state_with_that_of_a_former_run()
    {
        var process = Process.On<Trip.TripChanged>(static changed => changed.Id, static (trip, _, react) =>
        {
            react.End();
            return trip;
        }) with
        {
            StartsAgain = true,
        };
        await using var trip = new RecordedTrip(process);
        await trip.Tell(new Trip.TripPlanned("1"));
        await trip.Tell(new Trip.TripChanged("1", ""));
        await trip.Tell(new Trip.TripPlanned("1"));

        Assert.Equal("", Assert.Single((await trip.Read())[^1].Changes).Pointer);
    }

    [Fact]
    public async Task Reads_well()
    {
        await using var trip = new RecordedTrip(Process);
        await trip.Tell(new Trip.TripPlanned("1"), actor: "bob");
        await trip.Failed("flight");

        Assert.Equal(
            """
            2 2026-03-01T12:00:00.000000Z TripPlanned at 1 of 2026-03-01T12:00:00.000000Z by bob →
                StepBegun flight
                TimerSet remind 2026-03-01T12:30:00.000000Z
                state all: nothing → {"log":[]}
                Running
            3 2026-03-01T12:00:00.000000Z step 1 is Failed: NO not today
            4 2026-03-01T12:00:00.000000Z StepAnswered at 3 of 2026-03-01T12:00:00.000000Z →
                StepClosed flight
                TimerEnded remind
                CompensationBegun flight: NO: not today
                Ended
                Compensated
            """,
            string.Join('\n', (await trip.Read()).Select(static entry => entry.ToString())));
    }

    [Theory]
    [InlineData("""{"a":1}""", """{"a":1.0}""", "")]
    [InlineData("""{"a":1,"b":2}""", """{"b":3,"c":null}""", "/a: 1 → nothing|/b: 2 → 3|/c: nothing → null")]
    [InlineData("""{"a":{"x/y":[1,{"~":2}]}}""", """{"a":{"x/y":[1,{"~":3},4]}}""", "/a/x~1y/1/~0: 2 → 3|/a/x~1y/2: nothing → 4")]
    [InlineData("""{"a":[1]}""", """{"a":{"0":1}}""", """/a: [1] → {"0":1}""")]
    [InlineData("1", "\"1\"", """all: 1 → "1" """)]
    [InlineData("true", "false", "all: true → false")]
    [InlineData("[]", "[]", "")]
    public void Finds_every_field_that_differs(string before, string after, string changes)
    {
        var found = FieldChange.Between(JsonElement.Parse(before), JsonElement.Parse(after));

        Assert.Equal(changes.Trim(), string.Join('|', found));
    }
}
