using Ledgerfold.Model.Processing;
using Ledgerfold.Model.Tests.Driving;
using Ledgerfold.Testing.Processing;
using Xunit.Sdk;

namespace Ledgerfold.Model.Tests.Processing;

/// <summary>The history of an instance, kept in a file, meets definitions that have changed.</summary>
public sealed class Replaying_a_recording
{
    private static Process<Trip> Process(int version = 1, string hotel = "hotel", string log = "flight done", bool insured = false) =>
        new Process<Trip>("trip", version)
            .Starts<Trip.TripPlanned>(static planned => planned.Id, (_, react) =>
            {
                if (insured)
                    react.Run("insurance", new Trip.Book("insurance"));
                react.Run("flight", new Trip.Book("flight"), undo: new Trip.Cancel("flight"), within: TimeSpan.FromMinutes(5));
                react.After("remind", TimeSpan.FromMinutes(30));
                return Trip.Planned;
            })
            .Done("flight", (trip, _, react) =>
            {
                react.Run("hotel", new Trip.Book(hotel), undo: new Trip.Cancel("hotel"));
                return trip.Saw(log);
            })
            .Timer("remind", static (trip, react) => trip.Saw($"reminded at {react.Now:HH:mm}"))
            .On<Trip.TripChanged>(static changed => changed.Id, static (trip, changed, _) => changed.What == "poison"
                ? throw new InvalidOperationException("poison")
                : trip.Saw(changed.What));

    /// <summary>A trip that is reminded, misses a second plan, fails at its hotel, and is taken back at the second try.</summary>
    private static async Task<ProcessRecording> Record()
    {
        await using var trip = new RecordedTrip(Process());
        await trip.Tell(new Trip.TripPlanned("1"), actor: "bob");
        await trip.Tell(new Trip.TripPlanned("1"));
        await trip.Done("flight");
        await trip.Fires("remind");
        await trip.Failed("hotel");
        var undo = trip.Now!.Steps.Single(static step => step.Undoes is not null).Serial;
        await trip.Tell(new ProcessEvent.StepAnswered("trip", "1", undo, new StepOutcome(StepOutcomeKind.Failed, "NO")));
        await trip.Act(new OperatorAction.RetryStep(undo));
        undo = trip.Now!.Steps.Single(static step => step.Undoes is not null).Serial;
        await trip.Tell(new ProcessEvent.StepAnswered("trip", "1", undo, new StepOutcome(StepOutcomeKind.Done)));
        Assert.Equal(ProcessPhase.Compensated, trip.Now.Phase);
        return await ProcessRecording.Read(trip.Ledger, "trip", "1", cancel: TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Is_the_same_under_the_same_code()
    {
        var recording = await Record();

        Assert.Equal(8, recording.Inputs.Length);
        recording.Replay(Process(), Trip.Module).ThenSame();
        Assert.Equal("trip 1: no difference", recording.Replay(Process(), Trip.Module).ToString());
    }

    [Fact]
    public async Task Is_the_same_for_what_the_engine_recorded()
    {
        var remote = new Remote().Will(Behaviour.Refuses);
        var world = ProcessWorld.Selling(remote);
        world.Send(new PlaceOrder("1", "tea", 2, 700));
        world.Send(new PlaceOrder("2", "tea", 2, 700));

        foreach (var (key, phase) in (ValueTuple<string, ProcessPhase>[])[("1", ProcessPhase.Compensated), ("2", ProcessPhase.Completed)])
        {
            var recording = await ProcessRecording.Read(world.Ledger, "checkout", key, cancel: TestContext.Current.CancellationToken);
            Assert.Equal(phase, recording.Inputs[^1].Advanced!.Instance.Phase);
            ProcessRecording.Parse(recording.ToText()).Replay(Checkout.Process, Checkout.Module(remote)).ThenSame();
        }
    }

    [Fact]
    public async Task Comes_back_from_its_text_as_it_was()
    {
        var recording = await Record();
        var text = recording.ToText();

        var read = ProcessRecording.Parse(text);
        Assert.Equal(text, read.ToText());
        read.Replay(Process(), Trip.Module).ThenSame();
        Assert.Contains("\"actor\": \"bob\"", text);
        Assert.Contains("\"log\": [", text);
        Assert.DoesNotContain('\r', text);
    }

    [Fact]
    public async Task Shows_outputs_that_differ()
    {
        var replay = (await Record()).Replay(Process(hotel: "hostel"), Trip.Module);

        Assert.Equal(
            """
            trip 1 differs at 1 of 8 inputs:
              5 StepAnswered at 2026-03-01T12:00:00.000000Z
                - StepBegun hotel: Book {"what":"hotel"}, to be undone by Cancel {"what":"hotel"}
                + StepBegun hotel: Book {"what":"hostel"}, to be undone by Cancel {"what":"hotel"}
            """,
            replay.ToString());
        Assert.ThrowsAny<XunitException>(() => replay.ThenSame());
    }

    [Fact]
    public async Task Shows_fields_that_differ_unless_they_may()
    {
        var replay = (await Record()).Replay(Process(log: "flown"), Trip.Module);

        Assert.Equal("""/log/0: "flight done" → "flown" """.Trim(), Assert.Single(replay.Differences[0].Fields).ToString());
        replay.ThenSame(except: "/log/0");
        replay.ThenSame(except: "/log");
        Assert.ThrowsAny<XunitException>(() => replay.ThenSame("/lo"));
    }

    [Fact]
    public async Task Finds_steps_and_timers_by_name_where_they_are_numbered_otherwise()
    {
        var replay = (await Record()).Replay(Process(insured: true), Trip.Module);

        Assert.Equal(["StepBegun insurance: Book {\"what\":\"insurance\"}"], replay.Differences[0].New);
        // what the history never answers holds up the way back: the one thing that differs later
        Assert.All(replay.Differences.Skip(1), static one => Assert.Empty(one.Fields));
        Assert.Contains(replay.Differences, static one => one.Gone.Contains("Ended"));
    }

    [Fact]
    public async Task Shows_inputs_that_nobody_takes_any_more()
    {
        var other = new Process<Trip>("trip").Starts<Trip.TripPlanned>(static planned => planned.Id, static (_, _) => Trip.Planned);

        var replay = (await Record()).Replay(other, Trip.Module);
        Assert.Equal(["missed: settled"], replay.Differences[1].New);
        Assert.Contains(replay.Differences, static one => one.Type == "TimerFired" && one.New.SequenceEqual(["nothing recorded"]));
        Assert.Equal((ProcessPhase.Compensated, null), (replay.Differences[^1].PhaseBefore, replay.Differences[^1].PhaseNow));
    }

    [Fact]
    public async Task Goes_on_from_the_middle_by_a_migration()
    {
        var recording = await Record();
        var second = Process(version: 2).Migrates<Trip>(1, static (trip, _) => trip);

        recording.ReplayBehind(1, second, Trip.Module).ThenSame();
        recording.ReplayBehind(5, second, Trip.Module).ThenSame();
        var lossy = Process(version: 2).Migrates<Trip>(1, static (_, _) => Trip.Planned);
        var replay = recording.ReplayBehind(5, lossy, Trip.Module);
        Assert.Equal("/log/0: \"flight done\" → \"reminded at 12:30\"", replay.Differences[0].Fields[0].ToString());
        Assert.Throws<ArgumentException>(() => recording.ReplayBehind(4, second, Trip.Module));
        Assert.Throws<ArgumentException>(() => recording.Replay(new Process<Trip>("other"), Trip.Module));
    }

    [Fact]
    public async Task Shows_that_an_instance_is_held_where_its_version_is_gone()
    {
        var replay = (await Record()).ReplayBehind(1, Process(version: 2), Trip.Module);

        Assert.Contains("Held InvalidOperationException: There is no version 1 of trip any more.", replay.ToString());
    }

    [Fact]
    public async Task Takes_up_once_what_had_waited()
    {
        await using var trip = new RecordedTrip(Process());
        await trip.Tell(new Trip.TripPlanned("1"));
        await trip.Tell(new Trip.TripChanged("1", "poison"));
        await trip.Tell(new Trip.TripChanged("1", "x"));
        trip.Goes(Mended);
        trip.Clock.Advance(TimeSpan.FromHours(1));
        await trip.Act(new OperatorAction.Release());
        await trip.Done("flight");
        var recording = await ProcessRecording.Read(trip.Ledger, "trip", "1", cancel: TestContext.Current.CancellationToken);

        recording.Replay(Mended, Trip.Module).ThenSame();
        var replay = recording.Replay(Process(), Trip.Module);
        Assert.Contains("Held InvalidOperationException: poison", replay.ToString());
    }

    [Fact]
    public async Task Needs_an_instance_and_a_text_that_is_one()
    {
        await using var trip = new RecordedTrip(Process());

        await Assert.ThrowsAsync<InvalidOperationException>(
            async () => await ProcessRecording.Read(trip.Ledger, "trip", "1", cancel: TestContext.Current.CancellationToken));
        Assert.Throws<InvalidDataException>(() => ProcessRecording.Parse("{}"));
        var other = (await Record()) with { Format = 2 };
        Assert.Throws<InvalidDataException>(() => ProcessRecording.Parse(other.ToText()));
    }

    private static Process<Trip> Mended => (Process() with { Reacting = Process().Reacting.Clear() })
        .On<Trip.TripChanged>(static changed => changed.Id, static (trip, changed, react) => trip.Saw($"{changed.What} at {react.Now:HH:mm}"));
}
