using Ledgerfold.Model.Processing;
using Ledgerfold.Testing.Processing;
using Marketplace.Fraud;
using Marketplace.Orders;
using Marketplace.Payments;
using Marketplace.Stock;
using static Marketplace.Tests.Checkout.CheckoutCase;

namespace Marketplace.Tests.Checkout;

public sealed class Holding_an_order
{
    private static readonly ExtendReservation RenewCup = new("cup", "V2", "O1:2", 900);
    private static readonly ExtendReservation RenewTea = new("tea", "V1", "O1:1", 900);

    [Fact]
    public void Keeps_its_goods_for_48_hours() => Assessing.When(Assessed(Verdict.Review)).Then(
        new PutOrderOnHold("O1", "fraud score 50, rule set 1"),
        new ExtendReservation("cup", "V2", "O1:2", 172_800),
        new ExtendReservation("tea", "V1", "O1:1", 172_800),
        Wanted.Timer("reviewOver", Start.AddHours(48)));

    [Fact]
    public void Goes_on_with_the_payment_once_it_is_approved_and_its_goods_are_renewed() => Reviewing
        .When(Resolved(Resolution.Approved)).Then(RenewCup, RenewTea)
        .And.When(Told.Done("renew", of: "2")).Then()
        .And.When(Told.Done("renew", of: "1")).Then(Request, Wanted.Timer("paymentOverdue", Start.AddMinutes(1)));

    [Fact]
    public void Rejects_it_once_it_is_declined() => Reviewing
        .When(Resolved(Resolution.Declined)).Then(Wanted.Undo("reserve", "1"))
        .And.Given(Told.Undone("reserve", of: "1")).When(Told.Undone("reserve", of: "2")).Then(new RejectOrder("O1", "FRAUD_BLOCKED"));

    [Fact]
    public void Rejects_it_after_48_hours() => Reviewing
        .When(Told.Timer("reviewOver")).Then(Wanted.Undo("reserve", "1"))
        .And.Given(Told.Undone("reserve", of: "1")).When(Told.Undone("reserve", of: "2")).Then(new RejectOrder("O1", "FRAUD_BLOCKED"));

    [Fact]
    public void Hears_no_approval_behind_its_limit() => Reviewing.Given(Told.Timer("reviewOver")).When(Resolved(Resolution.Approved)).ThenNothing();

    [Fact]
    public void Hears_of_one_approval() => Reviewing.Given(Resolved(Resolution.Approved)).When(Resolved(Resolution.Approved)).Then();

    [Fact]
    public void Reserves_what_lapsed_again_as_another_reservation() => Reviewing.Given(Resolved(Resolution.Approved))
        .When(Told.Failed("renew", "RESERVATION_EXPIRED", of: "1")).Then(new ReserveStock("tea", "V1", "O1:1:2", 2, 900))
        .And.When(Told.Done("renew", of: "2")).Then()
        .And.When(Told.Done("reserve", of: "1")).Then(Request, Wanted.Timer("paymentOverdue", Start.AddMinutes(1)));

    [Fact]
    public void Rejects_it_where_what_lapsed_is_sold_out() => Reviewing.Given(Resolved(Resolution.Approved), Told.Failed("renew", "RESERVATION_EXPIRED", of: "1"))
        .When(Told.Failed("reserve", "INSUFFICIENT_STOCK", of: "1")).Then() // the other renewal is under way
        .And.When(Told.Done("renew", of: "2")).Then(Wanted.Undo("reserve", "1"))
        .And.Given(Told.Undone("reserve", of: "1")).When(Told.Undone("reserve", of: "2")).Then(new RejectOrder("O1", "INSUFFICIENT_STOCK"));

    [Fact]
    public void Holds_an_order_whose_goods_cannot_be_extended_any_more_all_the_same() => Assessing.Given(Assessed(Verdict.Review), Told.Done("assess"), Told.Done("hold"))
        .When(Told.Failed("extend", "RESERVATION_EXPIRED", of: "1")).Then().ThenPhase(ProcessPhase.Running);

    [Fact]
    public void Is_cancelled_like_any_other() => Reviewing.When(Cancelled).Then(Wanted.Undo("reserve", "1"));
}

public sealed class Confirming_late
{
    private static readonly ProcessScenario TooLate = Paying.Given(Authorized).At(Start.AddMinutes(16));
    private static readonly ReserveStock Anew = new("tea", "V1", "O1:1:2", 2, 900);

    [Fact]
    public void Is_asked_for_with_five_minutes_left_at_least() => Paying.When(Authorized).Then(new ConfirmOrder("O1", Start.AddMinutes(10)));

    [Fact]
    public void Renews_what_has_less_left_first() => TooLate
        .When(Told.Failed("confirm", "CONFIRMATION_TOO_LATE")).Then(new ExtendReservation("cup", "V2", "O1:2", 900), new ExtendReservation("tea", "V1", "O1:1", 900))
        .And.When(Told.Done("renew", of: "1")).Then()
        .And.When(Told.Done("renew", of: "2")).Then(new ConfirmOrder("O1", Start.AddMinutes(25)));

    [Fact]
    public void Makes_a_reservation_that_lapsed_again_before_it_confirms() => TooLate.Given(Told.Failed("confirm", "CONFIRMATION_TOO_LATE"))
        .When(Told.Failed("renew", "RESERVATION_EXPIRED", of: "1")).Then(Anew)
        .And.Given(Told.Done("renew", of: "2"))
        .When(Told.Done("reserve", of: "1")).Then(new ConfirmOrder("O1", Start.AddMinutes(25)))
        .And.When(Told.Done("confirm")).Then(new CommitReservation("cup", "V2", "O1:2"), new CommitReservation("tea", "V1", "O1:1:2"));

    [Fact]
    public void Goes_by_the_reservation_that_lapses_first() => Paying.Given(Authorized).At(Start.AddMinutes(10))
        .Given(Told.Failed("confirm", "CONFIRMATION_TOO_LATE"), Told.Failed("renew", "RESERVATION_RELEASED", of: "1"), Told.Done("renew", of: "2"))
        .When(Told.Done("reserve", of: "1")).Then(new ConfirmOrder("O1", Start.AddMinutes(20)));

    [Fact]
    public void Takes_the_payment_back_where_it_is_sold_out_by_then() => TooLate
        .Given(Told.Failed("confirm", "CONFIRMATION_TOO_LATE"), Told.Done("renew", of: "2"), Told.Failed("renew", "RESERVATION_NOT_FOUND", of: "1"))
        .When(Told.Failed("reserve", "INSUFFICIENT_STOCK", of: "1")).Then(Wanted.Undo("pay"));

    [Fact]
    public void Takes_everything_back_where_the_payment_is_void_or_expired_by_then()
    {
        var renewing = TooLate.Given(Told.Failed("confirm", "CONFIRMATION_TOO_LATE"), Told.Done("renew", of: "1"));

        renewing.Given(new Payment.PaymentVoided("O1", "O1", "by hand")).When(Told.Done("renew", of: "2")).Then(Wanted.Undo("pay"));
        renewing.Given(new Payment.AuthorizationExpired("O1", "O1", Eur(50_00))).When(Told.Done("renew", of: "2")).Then(Wanted.Undo("pay"));
    }

    [Fact]
    public void Needs_no_renewal_of_what_was_committed_by_hand() => TooLate.Given(Told.Failed("confirm", "CONFIRMATION_TOO_LATE"), Told.Done("renew", of: "2"))
        .When(Told.Failed("renew", "RESERVATION_COMMITTED", of: "1")).Then(new ConfirmOrder("O1", Start.AddMinutes(25)));

    [Fact]
    public void Reserves_and_sells_again_what_lapsed_between_confirming_and_selling() => Selling.Given(Told.Done("commit", of: "2"))
        .When(Told.Failed("commit", "RESERVATION_EXPIRED", of: "1")).Then(Anew)
        .And.When(Told.Done("reserveAnew", of: "1")).Then(new CommitReservation("tea", "V1", "O1:1:2"))
        .And.When(Told.Done("commit", of: "1")).Then(new CreateVendorOrders("O1"));

    [Fact]
    public void Looks_for_stock_in_growing_pauses_where_there_is_none_left()
    {
        var short1 = Selling.Given(Told.Done("commit", of: "2"), Told.Failed("commit", "RESERVATION_EXPIRED", of: "1"))
            .When(Told.Failed("reserveAnew", "INSUFFICIENT_STOCK", of: "1")).Then(Wanted.Timer("lookForStock", Start.AddMinutes(1)));
        var short2 = short1.And.When(Told.Timer("lookForStock")).Then(Anew)
            .And.When(Told.Failed("reserveAnew", "INSUFFICIENT_STOCK", of: "1")).Then(Wanted.Timer("lookForStock", Start.AddMinutes(3)));
        short2.And.Given(Told.Timer("lookForStock"))
            .When(Told.Done("reserveAnew", of: "1")).Then(new CommitReservation("tea", "V1", "O1:1:2"));
    }

    [Fact]
    public void Cancels_what_nobody_can_deliver_after_48_hours() => Selling
        .Given(Told.Done("commit", of: "2"), Told.Failed("commit", "RESERVATION_EXPIRED", of: "1"))
        .At(Start.AddHours(47)).Given(Told.Failed("reserveAnew", "INSUFFICIENT_STOCK", of: "1"))
        .At(Start.AddHours(48)).When(Told.Timer("lookForStock")).Then(new CancelOrder("O1", "There is no stock for it any more."))
        .And.When(Cancelled).Then(
            new FreeCommitted("cup", "V2", "O1:2", 1), Release("tea", "V1", "O1:1:2"), new TakeBackPayment("O1", "The order was cancelled."));

    [Fact]
    public void Stops_looking_once_the_order_is_cancelled() => Selling
        .Given(Told.Done("commit", of: "2"), Told.Failed("commit", "RESERVATION_EXPIRED", of: "1"), Told.Failed("reserveAnew", "INSUFFICIENT_STOCK", of: "1"))
        .When(Cancelled).Then(
            new FreeCommitted("cup", "V2", "O1:2", 1), Release("tea", "V1", "O1:1:2"), new TakeBackPayment("O1", "The order was cancelled."));
}
