using Ledgerfold.Model.Processing;

namespace Ledgerfold.Model.Tests.Processing;

public sealed class Migrating_an_instance
{
    private static Process<Trip> Version(int version) => new Process<Trip>("trip", version)
        .Starts<Trip.TripPlanned>(static planned => planned.Id, (_, react) =>
        {
            react.Run("a", new Trip.Book("a"), undo: new Trip.Cancel("a"));
            return Trip.Planned.Saw($"began by {version}");
        })
        .On<Trip.TripChanged>(static changed => changed.Id, (trip, changed, react) =>
        {
            if (changed.What == "end")
                react.End();
            return trip.Saw($"changed by {version}");
        });

    private static Process<Trip> Migrating(int version, int from) =>
        Version(version).Migrates<Trip>(from, (old, _) => old.Saw($"{from} to {version}"));

    private static readonly Trip.TripChanged Change = new("1", "x");

    [Fact]
    public void Goes_on_by_the_version_it_began_with_where_no_newer_one_takes_over()
    {
        var instance = Instance.Begun(Version(1)).Goes(Version(1), Version(2)).Tell(Change);

        Assert.Equal(["began by 1", "changed by 1"], instance.Log);
        Assert.Equal(1, instance.Now!.Version);
        Assert.Equal(["began by 2"], Instance.Begun(Version(1), Version(2)).Log);
    }

    [Fact]
    public void Goes_on_by_the_newer_version_from_the_next_input()
    {
        var instance = Instance.Begun(Version(1)).Goes(Migrating(2, from: 1)).Tell(Change);

        Assert.Equal(["began by 1", "1 to 2", "changed by 2"], instance.Log);
        Assert.Equal(["Migrated 1 to 2"], instance.Out);
        Assert.Equal(2, instance.Now!.Version);
        Assert.Equal("a", Assert.Single(instance.Now.Steps).Name);
    }

    [Fact]
    public void Goes_through_every_version_between()
    {
        var instance = Instance.Begun(Version(1)).Goes(Migrating(3, from: 2), Migrating(2, from: 1)).Tell(Change);

        Assert.Equal(["began by 1", "1 to 2", "2 to 3", "changed by 3"], instance.Log);
        Assert.Equal(["Migrated 1 to 2", "Migrated 2 to 3"], instance.Out);
    }

    [Fact]
    public void Is_held_where_its_version_is_missing_and_goes_on_when_it_is_back()
    {
        var instance = Instance.Begun(Version(1)).Goes(Version(2)).Tell(Change);
        Assert.Contains("There is no version 1 of trip any more.", instance.Now!.Error);

        instance.Act(new OperatorAction.Release());
        Assert.Equal([2L], instance.Now.Waiting);
        instance.Goes(Version(1), Version(2)).Act(new OperatorAction.Release());
        Assert.Equal(["began by 1", "changed by 1"], instance.Log);
    }

    [Fact]
    public void Can_be_ended_where_its_version_is_missing() =>
        Assert.Equal(ProcessPhase.Terminated, Instance.Begun(Version(1)).Goes(Version(2)).Tell(Change).Act(new OperatorAction.Terminate()).Phase);

    [Fact]
    public void Is_held_as_it_was_where_taking_over_fails()
    {
        var broken = Version(2).Migrates<Trip>(1, static (_, _) => throw new FormatException("cannot"));
        var instance = Instance.Begun(Version(1)).Goes(broken).Tell(Change);

        Assert.Equal(("FormatException: cannot", 1), (instance.Now!.Error, instance.Now.Version));
        Assert.Equal(["began by 1", "1 to 2", "changed by 2"], instance.Goes(Migrating(2, from: 1)).Act(new OperatorAction.Release()).Log);
    }

    [Fact]
    public void May_ask_for_more_when_it_takes_over()
    {
        var more = Version(2).Migrates<Trip>(1, static (old, react) =>
        {
            react.Run("b", new Trip.Book("b"));
            react.After("remind", TimeSpan.FromHours(1));
            return old;
        });

        var instance = Instance.Begun(Version(1)).Goes(more).Tell(Change);
        Assert.Equal(["b", "TimerSet remind 13:00", "Migrated 1 to 2"], instance.Out);
    }

    [Fact]
    public void Leaves_one_that_has_ended_as_it_is()
    {
        var ended = new Trip.TripChanged("1", "end");
        var instance = Instance.Begun(Version(1)).Tell(ended).Goes(Migrating(2, from: 1)).Done("a");

        Assert.Equal(["StepClosed a"], instance.Out);
        Assert.Equal(1, instance.Now!.Version);
        Assert.Null(instance.Now.Error);
    }

    [Fact]
    public void Cannot_go_back() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Version(1).Migrates<Trip>(2, static (old, _) => old));
}
