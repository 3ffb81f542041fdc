using Ledgerfold.Model.Processing;
using Ledgerfold.Testing.Processing;
using Marketplace.Checkout;
using Marketplace.Orders;
using Marketplace.Payments;
using Marketplace.Stock;
using static Marketplace.Tests.Checkout.CheckoutCase;

namespace Marketplace.Tests.Checkout;

public sealed class Returning_what_was_sold
{
    private static readonly ProcessScenario Nothing = new(ReturnProcess.Process, Modules);
    private static readonly TakeBackPayment PayBack = new("O1", "The order was cancelled.");

    [Fact]
    public void Frees_every_line_and_takes_the_payment_back() => Nothing
        .When(Cancelled with { Sold = [new(1, "tea", "V1", 2), new(2, "cup", "V2", 1)] })
        .Then(PayBack, new FreeCommitted("tea", "V1", "O1:1", 2), new FreeCommitted("cup", "V2", "O1:2", 1))
        .And.Given(Told.Done("payBack"), Told.Done("free", of: "1"))
        .When(Told.Done("free", of: "2")).Then().ThenPhase(ProcessPhase.Completed);

    [Fact]
    public void Leaves_an_order_to_its_checkout_that_no_vendor_was_told_of() => Nothing.When(Cancelled).ThenReaches();

    [Fact]
    public void Frees_one_line_and_leaves_the_payment() => Nothing
        .When(new Order.OrderLineCancelled("O1", 1, "tea", "V1", 2, Eur(20_00), Eur(0), "broken")).Then(new FreeCommitted("tea", "V1", "O1:1", 2))
        .And.When(Told.Done("free", of: "1")).Then().ThenPhase(ProcessPhase.Completed);

    [Fact]
    public void Takes_only_the_payment_back_with_the_last_line() => Nothing
        .When(Cancelled with { Sold = [] }).Then(PayBack)
        .And.When(Told.Done("payBack")).Then().ThenPhase(ProcessPhase.Completed);

    [Fact]
    public void Needs_no_payment_where_there_was_nothing_to_pay() => Nothing.Given(Cancelled with { Sold = [] })
        .When(Told.Failed("payBack", "PAYMENT_NOT_FOUND")).Then().ThenPhase(ProcessPhase.Completed);

    [Fact]
    public void Finds_the_reservation_that_was_made_after_another_lapsed() => Nothing.Given(Cancelled with { Sold = [new(1, "tea", "V1", 2)] }, Told.Done("payBack"))
        .When(Told.Failed("free", "RESERVATION_EXPIRED", of: "1")).Then(new FreeCommitted("tea", "V1", "O1:1:2", 2));

    [Fact]
    public void Waits_for_somebody_to_act_where_nothing_is_committed() => Nothing.Given(Cancelled with { Sold = [new(1, "tea", "V1", 2)] })
        .When(Told.Failed("free", "NOT_COMMITTED", of: "1")).ThenHeld("NOT_COMMITTED");
}
