using Ledgerfold.Model.Processing;
using Ledgerfold.Testing.Processing;
using Xunit.Sdk;
using static Ledgerfold.Testing.Tests.Processing.Checkout;

namespace Ledgerfold.Testing.Tests.Processing;

public sealed class Writing_a_process_down
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly ProcessScenario Placing = new ProcessScenario(Checkout.Process, Shop, Payments).At(Noon);

    private static readonly ProcessScenario Placed = Placing.Given(new OrderPlaced("1", 30m));

    /// <summary>Reminds without a payment, and ships when that is reserved.</summary>
    private static readonly Process<Checkout> Mended = new Process<Checkout>("checkout")
        .Timer("remind", static (state, _) => state with { Order = $"{state.Order} reminded" })
        .Done("reserve", static (state, _, react) =>
        {
            react.Run("ship", new Ship(react.Key));
            return state;
        });

    [Fact]
    public void Says_what_is_asked_for_which_timers_are_set_and_what_is_known() => Placing
        .When(new OrderPlaced("1", 30m))
        .ThenReaches("1")
        .Then(new Reserve("1"), new Charge("1", 30m), Wanted.Timer("remind", Noon.AddDays(1)))
        .ThenPhase(ProcessPhase.Running)
        .ThenState(new Checkout("1", Paid: false));

    [Fact]
    public void Goes_through_a_whole_life() => Placed
        .When(Told.Done("reserve")).ThenNothing()
        .And.When(Told.Done("pay", new Receipt("R7"))).Then(new Ship("1")).ThenState(new Checkout("1 R7", Paid: true))
        .And.When(Told.Done("ship")).Then().ThenPhase(ProcessPhase.Completed)
        .And.When(new OrderPlaced("1", 30m)).ThenMissed("ended");

    [Fact]
    public void Says_what_is_taken_back_in_order() => Placed
        .Given(Told.Done("pay", new Receipt("R7")))
        .When(Told.Failed("reserve", "SOLD_OUT")).Then(Wanted.Undo("pay")).ThenPhase(ProcessPhase.Compensating)
        .And.When(Told.NotUndone("pay", "NO_REFUND")).Then()
        .And.When(Told.Retry("pay", "the bank is back")).Then(Wanted.Undo("pay"))
        .And.When(Told.Undone("pay")).Then().ThenPhase(ProcessPhase.Compensated);

    [Fact]
    public void Tells_that_a_step_is_overdue_late_or_never_known() => Placed
        .Given(Told.Done("reserve"))
        .When(Told.Overdue("pay")).Then(Wanted.Undo("reserve"))
        .And.Given(Told.Undone("reserve"))
        .When(Told.Unknown("pay")).Then(Wanted.Undo("pay"));

    [Fact]
    public void Fires_a_timer_when_it_is_due()
    {
        var paid = Placed.Given(Told.Done("pay", new Receipt("R7")));

        var outcome = paid.When(Told.Timer("remind")).Then();
        Assert.Equal(Noon.AddDays(1), outcome.Reactions[0].After!.ChangedAt);
        outcome = paid.After(TimeSpan.FromDays(3)).When(Told.Timer("remind"));
        Assert.Equal(Noon.AddDays(3), outcome.Reactions[0].After!.ChangedAt);
    }

    [Fact]
    public void Takes_up_what_waited_once_it_is_released() => Placed
        .When(Told.Timer("remind")).ThenHeld("not paid")
        .And.When(Told.Done("reserve")).ThenState(new Checkout("1", Paid: false))
        .And.Goes(Mended, Shop, Payments).When(Told.Operator(new OperatorAction.Release(), "mended"))
        .Then(new Ship("1")).ThenState(new Checkout("1 reminded", Paid: false));

    [Fact]
    public void Finds_instances_the_way_they_are_found_in_earnest()
    {
        var both = Placed.Given(new OrderPlaced("2", 5m));

        both.When(new WarehouseClosed("north")).ThenReaches("1", "2").Of("2").Then(Wanted.Timer("remind", Noon.AddHours(1)));
        both.When(new OrdersMerged(["2", "3"])).ThenReaches("2", "3").ThenNothing();
        both.When(new OrderCancelled("3")).ThenReaches("3").ThenMissed("unknown");
        both.When(new WarehouseClosed("south")).ThenMissed("unknown");
        both.When(Told.Done("reserve").To("2")).ThenReaches("2").ThenNothing();
    }

    [Fact]
    public void Refuses_to_tell_what_nobody_waits_for()
    {
        var wrong = Assert.Throws<InvalidOperationException>(() => Placed.When(Told.Undone("pay")));
        Assert.Equal(
            "checkout 1 cannot be told that the way back of pay is Done. It has the steps reserve (Open), pay (Open) and the timers pay in time, remind.",
            wrong.Message);
        Assert.Throws<InvalidOperationException>(() => Placing.When(Told.Done("pay")));
        Assert.Throws<InvalidOperationException>(() => Placed.Given(new OrderPlaced("2", 5m)).When(Told.Done("reserve")));
        Assert.Throws<InvalidOperationException>(() => Placed.When(Told.Done("reserve").To("2")));
    }

    [Fact]
    public void Tells_what_came_instead()
    {
        var outcome = Placing.When(new OrderPlaced("1", 30m));

        var wrong = Assert.ThrowsAny<XunitException>(() => outcome.Then(new Reserve("1"), Wanted.Timer("remind", Noon)));
        Assert.Equal(
            """
            Expected:
              asks for Reserve {"order":"1"}
              timer remind at 2026-03-01T12:00:00.000000Z
            Actual:
              asks for Reserve {"order":"1"}
              asks for charge {"order":"1","amount":30}
              timer remind at 2026-03-02T12:00:00.000000Z

            """,
            wrong.Message);
        wrong = Assert.ThrowsAny<XunitException>(() => outcome.ThenState(new Checkout("1", Paid: true)));
        Assert.Contains("/paid: true → false", wrong.Message);
        Assert.ThrowsAny<XunitException>(() => outcome.Then());
        Assert.ThrowsAny<XunitException>(() => outcome.ThenNothing());
        Assert.ThrowsAny<XunitException>(() => outcome.ThenMissed("unknown"));
        Assert.ThrowsAny<XunitException>(() => outcome.ThenHeld("not paid"));
        Assert.ThrowsAny<XunitException>(() => outcome.ThenPhase(ProcessPhase.Completed));
        Assert.ThrowsAny<XunitException>(() => outcome.ThenReaches("2"));
        Assert.ThrowsAny<XunitException>(() => outcome.ThenReaches());
        Assert.ThrowsAny<XunitException>(() => outcome.Of("2"));
    }

    [Fact]
    public void Says_which_instances_were_reached_where_that_is_not_clear()
    {
        var both = Placed.Given(new OrderPlaced("2", 5m));

        var wrong = Assert.ThrowsAny<XunitException>(() => both.When(new WarehouseClosed("north")).Then());
        Assert.Contains("  reaches 1\n  reaches 2\n", wrong.Message);
        wrong = Assert.ThrowsAny<XunitException>(() => both.When(new OrdersMerged([])).Then());
        Assert.Contains("Actual:\n  nothing\n", wrong.Message);
    }
}
