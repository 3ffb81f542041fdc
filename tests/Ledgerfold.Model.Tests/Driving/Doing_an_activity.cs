using Ledgerfold.Model.Acting;
using Ledgerfold.Model.Processing;

namespace Ledgerfold.Model.Tests.Driving;

public sealed class Doing_an_activity
{
    [Fact]
    public void Is_tried_again_under_the_same_key_until_it_answers()
    {
        var remote = new Remote(canAsk: false).Will(Behaviour.Fails, Behaviour.LosesTheCall, Behaviour.Fails);
        var world = ProcessWorld.Selling(remote);

        world.Send(new PlaceOrder("1", "tea", 2, 700));
        world.Pass(TimeSpan.FromMinutes(5));

        Assert.Equal(ProcessPhase.Completed, world.Find("1")!.Phase);
        Assert.Equal(4, remote.Calls.Count);
        Assert.Single(remote.Calls.Select(static call => call.Context.IdempotencyKey).Distinct());
        Assert.Equal([1, 2, 3, 4], remote.Calls.Select(static call => call.Context.Attempt));
        Assert.Equal(["charged 1 700"], remote.Effects);
        var tried = world.Records("1").OfType<ProcessEvent.StepTried>().ToArray();
        Assert.Equal([1, 2, 3], tried.Select(static one => one.Attempt));
        Assert.Equal("IOException: the line is dead", tried[0].Problem);
        Assert.Equal("no answer within 00:00:10", tried[1].Problem);
    }

    [Fact]
    public void Is_asked_about_before_it_is_done_again()
    {
        var remote = new Remote().Will(Behaviour.LosesTheAnswer);
        var world = ProcessWorld.Selling(remote);

        world.Send(new PlaceOrder("1", "tea", 2, 700));
        world.Pass(TimeSpan.FromMinutes(1));

        Assert.Equal(ProcessPhase.Completed, world.Find("1")!.Phase);
        Assert.Single(remote.Calls);
        Assert.Equal(1, remote.Asked);
    }

    [Fact]
    public void Is_taken_back_when_it_turns_out_done_after_its_time()
    {
        var remote = new Remote { IsSilent = true }.Will(Behaviour.LosesTheAnswer);
        var world = ProcessWorld.Selling(remote);
        world.Send(new PlaceOrder("1", "tea", 2, 700));

        world.Pass(TimeSpan.FromMinutes(11));
        Assert.Equal(ProcessPhase.Compensating, world.Find("1")!.Phase);
        Assert.Equal(["Stocked", "Reserved", "Released"], world.TypesIn("stock-tea"));
        Assert.Single(remote.Calls);

        remote.IsSilent = false;
        world.Pass(TimeSpan.FromMinutes(1));

        Assert.Equal(ProcessPhase.Compensated, world.Find("1")!.Phase);
        Assert.Equal(["charged 1 700", "refunded 1 700"], remote.Effects);
        Assert.Equal(remote.Calls[0].Context.IdempotencyKey, remote.Calls[1].Context.Undoes);
    }

    [Fact]
    public void Is_not_taken_back_when_it_turns_out_not_done()
    {
        var remote = new Remote { IsSilent = true }.Will(Behaviour.Fails);
        var world = ProcessWorld.Selling(remote);
        world.Send(new PlaceOrder("1", "tea", 2, 700));
        world.Pass(TimeSpan.FromMinutes(11));

        remote.IsSilent = false;
        world.Pass(TimeSpan.FromMinutes(1));

        Assert.Equal(ProcessPhase.Compensated, world.Find("1")!.Phase);
        Assert.Empty(remote.Effects);
    }

    [Fact]
    public void Is_taken_back_to_be_safe_where_nobody_can_be_asked()
    {
        var remote = new Remote(canAsk: false, new Backoff { AttemptsMax = 2, First = TimeSpan.FromSeconds(1) })
            .Will(Behaviour.Fails, Behaviour.LosesTheAnswer);
        var world = ProcessWorld.Selling(remote);

        world.Send(new PlaceOrder("1", "tea", 2, 700));
        world.Pass(TimeSpan.FromMinutes(1));

        Assert.Equal(ProcessPhase.Compensated, world.Find("1")!.Phase);
        Assert.Equal(["charged 1 700", "refunded 1 700"], remote.Effects);
    }

    [Fact]
    public void Is_given_up_after_so_many_attempts()
    {
        var remote = new Remote(canAsk: true, new Backoff { AttemptsMax = 3, First = TimeSpan.FromSeconds(1) })
            .Will(Behaviour.Fails, Behaviour.Fails, Behaviour.Fails);
        var world = ProcessWorld.Selling(remote);

        world.Send(new PlaceOrder("1", "tea", 2, 700));
        world.Pass(TimeSpan.FromMinutes(1));

        Assert.Equal(3, remote.Calls.Count);
        Assert.Equal("pay: GIVEN_UP: never heard of it", world.Find("1")!.Reason);
        Assert.Equal(ProcessPhase.Compensated, world.Find("1")!.Phase);
    }

    [Fact]
    public void Is_known_by_an_answer_that_comes_after_the_attempt_was_given_up()
    {
        var remote = new Remote { IsSilent = true }.Will(Behaviour.Hangs);
        var world = ProcessWorld.Selling(remote);
        world.Send(new PlaceOrder("1", "tea", 2, 700));
        world.Pass(TimeSpan.FromSeconds(15));

        remote.LetGo();
        world.Settle();

        Assert.Equal(ProcessPhase.Completed, world.Find("1")!.Phase);
        Assert.Single(remote.Calls);
    }

    [Fact]
    public void Is_told_to_somebody_when_it_is_done_though_another_copy_said_that_it_is_not()
    {
        var remote = new Remote { IsSilent = true }.Will(Behaviour.Hangs);
        var world = ProcessWorld.Selling(remote);
        world.Send(new PlaceOrder("1", "tea", 2, 700));
        var step = world.Find("1")!.Steps.Single(static one => one.Name == "pay");
        var failed = new ProcessEvent.StepAnswered("checkout", "1", step.Serial, new StepOutcome(StepOutcomeKind.Failed, "GIVEN_UP"));
        var id = ProcessRecords.IdOfAnswer("checkout", "1", step.Serial);
        world.Append("$process-checkout.1", ProcessRecords.Write(failed, id, null, null));
        Assert.Equal(ProcessPhase.Compensated, world.Find("1")!.Phase);

        remote.LetGo();
        world.Pass(TimeSpan.FromSeconds(1)); // rows come a moment later

        Assert.Equal(["settled"], world.Records("1").OfType<ProcessEvent.ProcessMissed>().Select(static one => one.Why));
        Assert.Equal(1, Assert.Single(world.Do(() => world.Engine.ReadTrouble(10))).Missed);
    }

    [Fact]
    public void Holds_up_nobody_but_its_own_lane()
    {
        var remote = new Remote { IsSilent = true }.Will([.. Enumerable.Repeat(Behaviour.Hangs, 32)]);
        var world = ProcessWorld.Selling(remote);

        for (var n = 0; n < 33; n++)
            world.Send(new PlaceOrder($"{n}", "tea", 1, 10));

        Assert.Equal(32, remote.Calls.Count);
        Assert.Equal(33, world.TypesIn("stock-tea").Count(static type => type == "Reserved"));
        remote.LetGo();
        world.Settle();
        Assert.All(Enumerable.Range(0, 33), n => Assert.Equal(ProcessPhase.Completed, world.Find($"{n}")!.Phase));
    }

    [Fact]
    public void Is_only_asked_about_when_its_turn_comes_after_its_time_is_up()
    {
        var remote = new Remote(timeout: TimeSpan.FromHours(1)).Will([.. Enumerable.Repeat(Behaviour.Hangs, 32)]);
        var world = ProcessWorld.Selling(remote);
        for (var n = 0; n < 33; n++)
            world.Send(new PlaceOrder($"{n}", "tea", 1, 10));
        world.Pass(TimeSpan.FromMinutes(11));

        remote.LetGo();
        world.Settle();

        Assert.Equal(32, remote.Calls.Count(static call => call.What.StartsWith("charged", StringComparison.Ordinal)));
        Assert.Equal(ProcessPhase.Compensated, world.Find("32")!.Phase);
    }

    [Fact]
    public void Draws_its_pauses_from_spans_that_grow()
    {
        var backoff = new Backoff { First = TimeSpan.FromSeconds(1), Longest = TimeSpan.FromSeconds(10) };

        Assert.Equal([1, 2, 4, 8, 10, 10], Enumerable.Range(1, 6).Select(attempt => backoff.SpanAfter(attempt).TotalSeconds));
        Assert.Equal(10, backoff.SpanAfter(1_000_000).TotalSeconds);
    }
}
