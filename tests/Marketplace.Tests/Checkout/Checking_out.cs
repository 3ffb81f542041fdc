using Ledgerfold.Model.Processing;
using Ledgerfold.Testing.Processing;
using Marketplace.Checkout;
using Marketplace.Fraud;
using Marketplace.Orders;
using Marketplace.Payments;
using Marketplace.Stock;
using static Marketplace.Tests.Checkout.CheckoutCase;

namespace Marketplace.Tests.Checkout;

public sealed class Checking_out
{
    private static readonly ProcessScenario Nothing = new(CheckoutProcess.Process, Modules);

    [Fact]
    public void Reserves_every_line_for_15_minutes_in_the_order_of_articles() => Nothing
        .When(Validated).Then(ReserveCup)
        .And.When(Told.Done("reserve", of: "2")).Then(ReserveTea)
        .And.When(Told.Done("reserve", of: "1")).Then(new AskHistory("ada", "tok_1", "EUR", "d1"));

    [Fact]
    public void Reserves_one_article_of_two_vendors_and_two_lines_of_one_article_apart()
    {
        Order.OrderValidated order = Validated with { Goods = [new(1, "tea", "V2", 1), new(2, "tea", "V1", 1), new(3, "tea", "V1", 4)] };

        Nothing.When(order).Then(new ReserveStock("tea", "V1", "O1:2", 1, 900))
            .And.When(Told.Done("reserve", of: "2")).Then(new ReserveStock("tea", "V1", "O1:3", 4, 900))
            .And.When(Told.Done("reserve", of: "3")).Then(new ReserveStock("tea", "V2", "O1:1", 1, 900));
    }

    [Fact]
    public void Assesses_with_what_was_seen_before() => Reserved.When(Told.Done("lookBack", FraudHistory.None)).Then(Assess);

    [Fact]
    public void Assesses_without_it_where_nobody_says_it_in_time() =>
        Reserved.When(Told.Unknown("lookBack")).Then(Assess with { History = null });

    [Fact]
    public void Says_where_the_check_of_the_card_failed() => Nothing
        .Given(Validated with { Payment = Validated.Payment! with { CardCheck = "failed" } }, Told.Done("reserve", of: "2"), Told.Done("reserve", of: "1"))
        .When(Told.Done("lookBack", FraudHistory.None)).Then(Assess with { CardCheckFailed = true });

    [Fact]
    public void Asks_for_the_payment_once_the_order_passes() => Assessing
        .When(Assessed(Verdict.Pass)).Then(Request, Wanted.Timer("paymentOverdue", Start.AddMinutes(1)))
        .And.When(Told.Done("assess")).Then()
        .And.When(Told.Done("pay")).Then();

    [Fact]
    public void Confirms_once_the_payment_is_authorized() => Paying.When(Authorized).Then(Confirm);

    [Fact]
    public void Sells_every_line_at_once_and_then_tells_the_vendors() => Confirming
        .When(Told.Done("confirm")).Then(new CommitReservation("cup", "V2", "O1:2"), new CommitReservation("tea", "V1", "O1:1"))
        .And.When(Told.Done("commit", of: "1")).Then()
        .And.When(Told.Done("commit", of: "2")).Then(new CreateVendorOrders("O1"))
        .And.When(Told.Done("tellVendors")).Then().ThenPhase(ProcessPhase.Completed);

    [Fact]
    public void Confirms_without_a_payment_where_there_is_nothing_to_pay() => Nothing
        .Given(Validated with { Total = Eur(0), Payment = null }, Told.Done("reserve", of: "2"))
        .When(Told.Done("reserve", of: "1")).Then(Confirm);

    [Fact]
    public void Begins_once_however_often_an_order_is_said_to_be_valid() => Begun.When(Validated).ThenMissed("started");

    [Fact]
    public void Is_not_begun_by_an_order_that_is_turned_down_at_once() => Nothing.When(new Order.OrderRejected("O1", "INSUFFICIENT_STOCK")).ThenReaches();

    [Fact]
    public void Takes_no_word_of_fraud_or_payment_before_its_time()
    {
        Begun.When(Assessed(Verdict.Pass)).Then();
        Begun.When(Resolved(Resolution.Approved)).Then();
        Assessing.When(Authorized).Then();
        Confirming.When(Assessed(Verdict.Block)).Then();
        Confirming.When(new Payment.PaymentDeclined("O1", "O1", "PAYMENT_DECLINED")).Then();
    }
}

public sealed class Turning_an_order_down
{
    private static readonly ReleaseReservation Cup = new("cup", "V2", "O1:2");

    [Fact]
    public void Rejects_it_where_the_first_line_has_no_stock() => Begun
        .When(Told.Failed("reserve", "INSUFFICIENT_STOCK", "quantity", of: "2")).Then(new RejectOrder("O1", "INSUFFICIENT_STOCK"))
        .And.When(Told.Done("reject")).Then().ThenPhase(ProcessPhase.Compensated);

    [Fact]
    public void Releases_what_is_reserved_where_a_later_line_has_none() => Begun.Given(Told.Done("reserve", of: "2"))
        .When(Told.Failed("reserve", "INSUFFICIENT_STOCK", of: "1")).Then(Wanted.Undo("reserve", "2"))
        .And.When(Told.Undone("reserve", of: "2")).Then(new RejectOrder("O1", "INSUFFICIENT_STOCK"));

    [Fact]
    public void Releases_the_newest_first_where_it_is_blocked() => Assessing
        .When(Assessed(Verdict.Block)).Then() // the answer of the step is still to come
        .And.When(Told.Done("assess")).Then(Wanted.Undo("reserve", "1"))
        .And.When(Told.Undone("reserve", of: "1")).Then(Wanted.Undo("reserve", "2"))
        .And.When(Told.Undone("reserve", of: "2")).Then(new RejectOrder("O1", "FRAUD_BLOCKED"));

    [Theory]
    [InlineData("PAYMENT_DECLINED")]
    [InlineData("PAYMENT_TIMEOUT")]
    public void Takes_everything_back_where_the_payment_is_declined(string code) => Paying
        .When(new Payment.PaymentDeclined("O1", "O1", code)).Then(Wanted.Undo("pay"))
        .And.When(Told.Undone("pay")).Then(Wanted.Undo("reserve", "1"))
        .And.Given(Told.Undone("reserve", of: "1")).When(Told.Undone("reserve", of: "2")).Then(new RejectOrder("O1", code));

    [Fact]
    public void Waits_for_a_payment_for_a_minute_and_no_longer() => Paying
        .When(Told.Timer("paymentOverdue")).Then(Wanted.Undo("pay"))
        .And.Given(Told.Undone("pay"), Told.Undone("reserve", of: "1"))
        .When(Told.Undone("reserve", of: "2")).Then(new RejectOrder("O1", "PAYMENT_TIMEOUT"));

    [Fact]
    public void Hears_no_authorization_behind_its_limit() => Paying.Given(Told.Timer("paymentOverdue")).When(Authorized).ThenNothing();

    [Fact]
    public void Confirms_nothing_where_the_payment_is_voided() =>
        Paying.When(new Payment.PaymentVoided("O1", "O1", "by hand")).ThenPhase(ProcessPhase.Compensating);

    [Fact]
    public void Says_why_a_payment_cannot_be_asked_for() => Passed
        .When(Told.Failed("pay", "PAYMENT_OPEN")).Then(Wanted.Undo("reserve", "1"))
        .And.Given(Told.Undone("reserve", of: "1")).When(Told.Undone("reserve", of: "2")).Then(new RejectOrder("O1", "PAYMENT_OPEN"));

    [Fact]
    public void Has_a_code_for_an_operators_reasons() => Begun.Given(Told.Operator(new OperatorAction.Compensate(), "the vendor called"))
        .When(Told.Failed("reserve", "INSUFFICIENT_STOCK", of: "2")).Then(new RejectOrder("O1", "CHECKOUT_STOPPED"));

    [Fact]
    public void Undoes_with_the_commands_of_the_rooms()
    {
        var steps = Paying.When(Told.Timer("paymentOverdue")).Reactions[0].Before!.Steps;

        Assert.Equal(["ReleaseReservation", "ReleaseReservation", "TakeBackPayment"], steps.Select(static step => step.Undo!.Name));
        Assert.Equal(Cup.ReservationId, steps[0].Undo!.Data.GetProperty("reservationId").GetString());
    }
}

public sealed class Cancelling_during_checkout
{
    [Fact]
    public void Takes_back_what_is_done_and_rejects_nothing() => Assessing.Given(Told.Done("assess"))
        .When(Cancelled).Then(Wanted.Undo("reserve", "1"))
        .And.Given(Told.Undone("reserve", of: "1"))
        .When(Told.Undone("reserve", of: "2")).Then().ThenPhase(ProcessPhase.Compensated);

    [Fact]
    public void Waits_for_what_is_under_way() => Begun
        .When(Cancelled).Then()
        .And.When(Told.Done("reserve", of: "2")).Then(Wanted.Undo("reserve", "2"))
        .And.When(Told.Undone("reserve", of: "2")).Then().ThenPhase(ProcessPhase.Compensated);

    [Fact]
    public void Takes_the_payment_back() => Paying.When(Cancelled).Then(Wanted.Undo("pay"));

    [Fact]
    public void Wins_over_a_confirmation_that_comes_later() => Confirming.Given(Cancelled)
        .When(Told.Failed("confirm", "ORDER_CANCELLED")).Then(Wanted.Undo("pay"));

    [Fact]
    public void Comes_after_a_confirmation_that_is_not_heard_of_yet() => Confirming.Given(Cancelled)
        .When(Told.Done("confirm")).Then(Wanted.Undo("pay"));

    [Fact]
    public void Frees_what_is_sold_once_nothing_is_under_way() => Selling.Given(Told.Done("commit", of: "1"))
        .When(Cancelled).Then()
        .And.When(Told.Done("commit", of: "2")).Then(
            new FreeCommitted("cup", "V2", "O1:2", 1), new FreeCommitted("tea", "V1", "O1:1", 2), new TakeBackPayment("O1", "The order was cancelled."))
        .And.Given(Told.Done("free", of: "1"), Told.Done("payBack"))
        .When(Told.Done("free", of: "2")).Then().ThenPhase(ProcessPhase.Completed);

    [Fact]
    public void Frees_what_is_sold_where_the_vendors_cannot_be_told_any_more() => Sold.Given(Cancelled)
        .When(Told.Failed("tellVendors", "ORDER_CANCELLED")).Then(
            new FreeCommitted("cup", "V2", "O1:2", 1), new FreeCommitted("tea", "V1", "O1:1", 2), new TakeBackPayment("O1", "The order was cancelled."));

    [Fact]
    public void Is_no_longer_its_matter_once_the_vendors_were_told() => Sold
        .Given(Cancelled with { Sold = [new(1, "tea", "V1", 2), new(2, "cup", "V2", 1)] })
        .When(Told.Done("tellVendors")).Then().ThenPhase(ProcessPhase.Completed);
}
