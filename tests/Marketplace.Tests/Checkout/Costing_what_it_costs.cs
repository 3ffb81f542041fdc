using Marketplace.Fraud;
using Marketplace.Orders;
using Marketplace.Payments.Simulation;

namespace Marketplace.Tests.Checkout;

/// <summary>What an order costs from where it is made to its end: a number that grows is a decision, and not an accident.</summary>
public sealed class Costing_what_it_costs
{
    private readonly CheckoutRun _run = new();
    private readonly RunCost _before;

    public Costing_what_it_costs()
    {
        _run.Receive("tea", 10);
        _run.Receive("cup", 10);
        _run.Accept(CheckoutRun.OrderOf("O0", ("tea", 1))); // what is written once only
        _before = RunCost.Of(_run);
    }

    [Fact]
    public void Is_known_of_one_line_that_is_confirmed()
    {
        _run.Accept(CheckoutRun.OrderOf("O1", ("tea", 1)));
        Costs(new RunCost(Events: 32, Inputs: 10, OtherInputs: 4));
    }

    [Fact]
    public void Is_known_of_two_lines_that_are_confirmed()
    {
        _run.Accept(CheckoutRun.OrderOf("O1", ("tea", 1), ("cup", 1)));
        Costs(new RunCost(Events: 38, Inputs: 12, OtherInputs: 4));
    }

    [Fact]
    public void Is_known_of_an_order_that_is_sold_out()
    {
        _run.Accept(CheckoutRun.OrderOf("O1", ("tea", 10)));
        Costs(new RunCost(Events: 9, Inputs: 3, OtherInputs: 0));
    }

    [Fact]
    public void Is_known_of_an_order_that_is_declined()
    {
        _run.Script("O1", ProviderOutcome.Decline);
        _run.Accept(CheckoutRun.OrderOf("O1", ("tea", 1)));
        Costs(new RunCost(Events: 31, Inputs: 10, OtherInputs: 3));
    }

    [Fact]
    public void Is_known_of_an_order_that_is_held_and_approved()
    {
        var order = CheckoutRun.OrderOf("O1", ("tea", 1));
        _run.Accept(order with { Payment = order.Payment! with { AddressCheck = "N", IpCountry = "DE", CardCountry = "FR" } });
        _run.Accept(new ResolveFraudReview("O1", Resolution.Approved));
        Costs(new RunCost(Events: 43, Inputs: 14, OtherInputs: 4));
    }

    private void Costs(RunCost expected) => Assert.Equal(expected, RunCost.Of(_run) - _before);
}
