using Ledgerfold.Model.Processing;

namespace Ledgerfold.Model.Tests.Processing;

public sealed class Running_steps
{
    private static readonly Process<Trip> OneByOne = Trip.Process(static react => react.Run("flight", new Trip.Book("flight")))
        .Done("flight", static (trip, _, react) =>
        {
            react.Run("hotel", new Trip.Book("hotel"));
            return trip.Saw("flight done");
        })
        .Done("hotel", static (trip, _, react) =>
        {
            react.End();
            return trip.Saw("hotel done");
        });

    private static readonly Process<Trip> Together = Trip
        .Process(
            static react =>
            {
                react.Run("flight", new Trip.Book("out"), of: "out");
                react.Run("flight", new Trip.Book("back"), of: "back");
                react.Run("hotel", new Trip.Book("hotel"));
            },
            "flight",
            "hotel")
        .Failed("flight", static (trip, failed, _) => trip.Saw($"flight {failed.Of} failed"))
        .Finished(["flight", "hotel"], static (trip, react) =>
        {
            react.End();
            return trip.Saw("finished");
        });

    [Fact]
    public void Asks_for_the_next_one_when_one_is_done()
    {
        var instance = Instance.Begun(OneByOne);
        Assert.Equal(["flight"], instance.Out);

        instance.Done("flight");
        Assert.Equal(["StepClosed flight", "hotel"], instance.Out);
        Assert.Equal(ProcessPhase.Running, instance.Phase);

        instance.Done("hotel");
        Assert.Equal(["flight done", "hotel done"], instance.Log);
        Assert.Equal(ProcessPhase.Completed, instance.Phase);
        Assert.Empty(instance.Now!.Steps);
    }

    [Fact]
    public void Keeps_what_is_asked_for_as_it_is_recorded()
    {
        var step = Assert.Single(Instance.Begun(OneByOne).Now!.Steps);

        Assert.Equal("""Book {"what":"flight"} True False""", $"{step.Work!.Name} {step.Work.Data} {step.Work.Settles} {step.Work.Activity}");
    }

    [Fact]
    public void Goes_on_when_the_last_of_several_is_settled_whichever_it_is()
    {
        var instance = Instance.Begun(Together).Done("flight", "back").Done("hotel");
        Assert.Equal(ProcessPhase.Running, instance.Phase);

        instance.Done("flight", "out");
        Assert.Equal(["flight back done", "hotel done", "flight out done", "finished"], instance.Log);
        Assert.Equal(ProcessPhase.Completed, instance.Phase);
    }

    [Fact]
    public void Counts_a_step_that_failed_as_settled()
    {
        var instance = Instance.Begun(Together).Done("hotel").Done("flight", "out").Failed("flight", "back");

        Assert.Equal(["hotel done", "flight out done", "flight back failed", "finished"], instance.Log);
    }

    [Fact]
    public void Counts_a_step_that_nobody_will_ever_know_of_as_settled()
    {
        var instance = Instance.Begun(Together).Done("hotel").Done("flight", "out").Unknown("flight", "back");

        Assert.Equal(["hotel done", "flight out done", "flight back failed", "finished"], instance.Log);
    }

    [Fact]
    public void Says_that_it_finished_once_for_each_time()
    {
        var again = Together with { OnFinished = [] };
        var process = again.Finished(["flight", "hotel"], static (trip, react) =>
        {
            if (trip.Log.Count < 5)
                react.Run("hotel", new Trip.Book("another"));
            return trip.Saw("finished");
        });

        var instance = Instance.Begun(process).Done("hotel").Done("flight", "out").Done("flight", "back").Done("hotel");
        Assert.Equal(["hotel done", "flight out done", "flight back done", "finished", "hotel done", "finished"], instance.Log);
    }

    [Fact]
    public void Is_not_finished_while_a_step_is_only_overdue()
    {
        var process = Trip
            .Process(
                static react =>
                {
                    react.Run("pay", new Trip.Charge("1"), within: TimeSpan.FromMinutes(1));
                    react.Run("hotel", new Trip.Book("hotel"));
                },
                "hotel")
            .Failed("pay", static (trip, failed, _) => trip.Saw($"pay {failed.Code}"))
            .Late("pay", static (trip, _, _) => trip.Saw("pay late"))
            .Finished(["pay", "hotel"], static (trip, _) => trip.Saw("finished"));

        var instance = Instance.Begun(process).Fires("pay").Done("hotel");
        Assert.Equal(["pay OVERDUE", "hotel done"], instance.Log);
        Assert.Equal(["pay OVERDUE", "hotel done", "pay late", "finished"], instance.Done("pay").Log);
    }

    [Fact]
    public void Refuses_a_second_step_of_a_name_while_one_is_under_way()
    {
        var process = Trip.Process(static react => react.Run("flight", new Trip.Book("1")))
            .On<Trip.TripChanged>(static changed => changed.Id, static (trip, changed, react) =>
            {
                react.Run("flight", new Trip.Book("2"), of: changed.What.Length == 0 ? null : changed.What);
                return trip;
            });

        Assert.Null(Instance.Begun(process).Tell(new Trip.TripChanged("1", "other")).Now!.Error);
        var instance = Instance.Begun(process).Tell(new Trip.TripChanged("1", ""));
        Assert.Contains("The step flight is under way already.", instance.Now!.Error);
    }

    [Fact]
    public void Tells_what_an_activity_answered()
    {
        var process = Trip.Process(static react => react.Run("pay", new Trip.Charge("1")))
            .Done("pay", static (trip, done, _) => trip.Saw(done.Result<Trip.Charge>().What));
        var answer = System.Text.Json.JsonSerializer.SerializeToElement(new { what = "receipt" });

        var instance = Instance.Begun(process);
        instance.Answer(1, new StepOutcome(StepOutcomeKind.Done, Result: answer));
        Assert.Equal(["receipt"], instance.Log);
    }

    [Fact]
    public void Misses_an_answer_to_a_step_that_is_settled_or_unknown()
    {
        var instance = Instance.Begun(OneByOne).Done("flight");

        Assert.Equal("settled", instance.Answer(1, new StepOutcome(StepOutcomeKind.Failed, "NO")).Missed);
        Assert.Equal("settled", instance.Answer(99, new StepOutcome(StepOutcomeKind.Done)).Missed);
        Assert.Equal("unknown", new Instance(OneByOne).Answer(1, new StepOutcome(StepOutcomeKind.Done)).Missed);
    }

    [Fact]
    public void Never_uses_a_number_twice()
    {
        var process = Together with { StartsAgain = true };
        var instance = Instance.Begun(process).Done("hotel").Done("flight", "out").Done("flight", "back").Tell(new Trip.TripPlanned("1"));

        Assert.Equal(2, instance.Now!.Run);
        Assert.Equal([4, 5, 6], instance.Now.Steps.Select(static step => step.Serial));
    }

    [Fact]
    public void Holds_code_that_goes_on_after_the_end()
    {
        var process = Trip.Process(static react =>
        {
            react.End();
            react.Run("flight", new Trip.Book("1"));
        });

        Assert.Contains("flight would follow on the end", Instance.Begun(process).Now!.Error);
    }

    [Fact]
    public void Holds_code_that_asks_for_what_nobody_does()
    {
        var process = Trip.Process(static react => react.Run("flight", "a text"));

        Assert.Contains("No module handles or performs System.String", Instance.Begun(process).Now!.Error);
    }
}
