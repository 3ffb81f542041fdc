using Ledgerfold.Model.Processing;

namespace Ledgerfold.Model.Tests.Processing;

/// <summary>Which events begin an instance, reach one, or are missed.</summary>
public sealed class Reaching_instances
{
    private static readonly Process<Trip> Process = Trip.Process(static react => react.Associate("currency", "EUR"))
        .On<Trip.TripChanged>(static changed => changed.Id, static (trip, changed, react) =>
        {
            if (changed.What == "end")
                react.End();
            else if (changed.What == "leave")
                react.Dissociate("currency", "EUR");
            return trip.Saw(changed.What);
        })
        .OnEach<Trip.TripsMerged>(static (merged, _) => merged.Ids, static (trip, merged, _) => trip.Saw($"merged {merged.Ids.Length}"))
        .OnAssociated<Trip.RateMoved>("currency", static moved => moved.Currency, static (trip, _, _) => trip.Saw("rate"), Unmatched.PassOver);

    [Fact]
    public void Makes_one_instance_of_two_starts_and_records_the_second_as_missed()
    {
        var instance = Instance.Begun(Process).Tell(new Trip.TripPlanned("1"));

        Assert.Equal("started", instance.Missed);
        Assert.Equal((1, 1), (instance.Now!.Run, instance.Now.Revision));
    }

    [Fact]
    public void Begins_anew_only_where_the_process_says_so()
    {
        var again = Process with { StartsAgain = true };

        Assert.Equal("ended", Instance.Begun(Process).Tell(new Trip.TripChanged("1", "end")).Tell(new Trip.TripPlanned("1")).Missed);
        var instance = Instance.Begun(again).Tell(new Trip.TripChanged("1", "end")).Tell(new Trip.TripPlanned("1"));
        Assert.Equal((2, 3L, ProcessPhase.Running), (instance.Now!.Run, instance.Now.Revision, instance.Phase));
        Assert.Empty(instance.Log);
    }

    [Fact]
    public void Misses_what_is_for_nobody()
    {
        Assert.Equal("unknown", new Instance(Process).Tell(new Trip.TripChanged("1", "x")).Missed);
        Assert.Equal("ended", Instance.Begun(Process).Tell(new Trip.TripChanged("1", "end")).Tell(new Trip.TripChanged("1", "x")).Missed);
    }

    [Fact]
    public void Passes_over_what_says_nothing_to_others()
    {
        var process = (Process with { Reacting = Process.Reacting.Clear() })
            .On<Trip.TripChanged>(static changed => changed.Id, static (trip, _, _) => trip, Unmatched.PassOver);

        Assert.Null(new Instance(process).Tell(new Trip.TripChanged("1", "x")).Last);
        Assert.Null(Instance.Begun(process).Act(new OperatorAction.Terminate()).Tell(new Trip.TripChanged("1", "x")).Last);
    }

    [Fact]
    public void Misses_what_only_an_older_version_reacts_to_unless_the_newest_passes_it_over()
    {
        var silent = new Process<Trip>("trip", 2);
        var passing = silent.On<Trip.TripChanged>(static changed => changed.Id, static (trip, _, _) => trip, Unmatched.PassOver);
        var change = new Trip.TripChanged("1", "x");

        Assert.Equal("unknown", new Instance(Process, silent).Tell(change).Missed);
        Assert.Equal("ended", Instance.Begun(Process).Act(new OperatorAction.Terminate()).Goes(Process, silent).Tell(change).Missed);
        Assert.Null(new Instance(Process, passing).Tell(change).Last);
    }

    [Fact]
    public void Shows_the_event_that_reached_it_and_nothing_of_the_platforms_own()
    {
        var process = Trip.Process(static react => react.Run("a", new Trip.Book($"{react.Recorded!.Type} {react.Key} {react.Tenant}")))
            .Done("a", static (trip, _, react) => trip.Saw($"{react.Recorded is null}"));

        var instance = Instance.Begun(process);
        Assert.Contains("TripPlanned 1 default", instance.Step("a").Work!.ToString());
        Assert.Equal(["True"], instance.Done("a").Log);
    }

    [Fact]
    public void Reaches_several_under_their_own_keys()
    {
        var fold = new ProcessFold([Process], new WorkTypes([Trip.Module]));
        var merged = new Trip.TripsMerged(["1", "2", "1"]);
        var recorded = new RecordedEvent
        {
            Position = 1,
            Id = Guid.Empty,
            Tenant = "t",
            Stream = "s-1",
            Version = 1,
            Type = "TripsMerged",
            SchemaVersion = 1,
            RecordedAt = default,
            ContentType = "",
            Data = default,
        };

        Assert.Equal(["1", "2"], fold.KeysOf(merged, recorded));
        Assert.Empty(fold.AssociationsOf(merged));
        Assert.Equal(["merged 3"], Instance.Begun(Process).Tell(merged).Log);
    }

    [Fact]
    public void Reaches_everybody_who_is_associated_as_long_as_they_are()
    {
        var fold = new ProcessFold([Process], new WorkTypes([Trip.Module]));
        Assert.Equal(["currency:EUR"], fold.AssociationsOf(new Trip.RateMoved("EUR")));
        Assert.Equal(Unmatched.PassOver, fold.UnmatchedOf(new Trip.RateMoved("EUR")));

        var instance = Instance.Begun(Process).Tell(new Trip.RateMoved("EUR"));
        Assert.Equal(["rate"], instance.Log);
        Assert.Null(instance.Tell(new Trip.RateMoved("USD")).Last);
        Assert.Null(instance.Tell(new Trip.TripChanged("1", "leave")).Tell(new Trip.RateMoved("EUR")).Last);
        Assert.Equal(["rate", "leave"], instance.Log);
    }

    [Fact]
    public void Is_associated_with_nothing_once_it_has_ended() =>
        Assert.Empty(Instance.Begun(Process).Tell(new Trip.TripChanged("1", "end")).Now!.Associations);

    [Fact]
    public void Holds_code_that_associates_with_what_cannot_be_looked_for() =>
        Assert.Contains("associates nothing", Instance.Begun(Trip.Process(static react => react.Associate("a b", "1"))).Now!.Error);

    [Fact]
    public void Leaves_nothing_where_an_event_is_for_an_instance_of_another_key()
    {
        var instance = Instance.Begun(Process);

        Assert.Null(instance.Tell(new Trip.TripPlanned("2")).Last);
        Assert.Null(instance.Tell(new Trip.TripChanged("2", "x")).Last);
        Assert.Null(new Instance(Process).Tell(new Trip.TripPlanned("2")).Last);
    }

    [Fact]
    public void Reacts_to_an_event_that_also_begins_instances()
    {
        var process = Process.On<Trip.TripPlanned>(static planned => planned.Id, static (trip, _, _) => trip.Saw("planned again"));

        Assert.Equal(["planned again"], Instance.Begun(process).Tell(new Trip.TripPlanned("1")).Log);
    }

    [Fact]
    public void Holds_code_that_gives_no_state()
    {
        var process = new Process<Trip>("trip").Starts<Trip.TripPlanned>(static planned => planned.Id, static (_, _) => null!);

        Assert.Contains("gave no state", Instance.Begun(process).Now!.Error);
    }
}
