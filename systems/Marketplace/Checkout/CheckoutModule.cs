using Ledgerfold.Model.Processing;
using Marketplace.Fraud;
using Marketplace.Orders;
using Marketplace.Payments;

namespace Marketplace.Checkout;

/// <summary>
/// The room of checkout: what joins orders, stock, fraud and payments. It brings no commands of its own, only what follows on events.
/// </summary>
public static class CheckoutModule
{
    public static readonly Module Module = new Module("checkout")
        .Events(EventTypes.Of<Order.Event>())
        .Events(EventTypes.Of<FraudCheck.Event>())
        .Events(EventTypes.Of<Payment.Event>())
        .Runs(CheckoutProcess.Process)
        .Runs(ReturnProcess.Process);
}
