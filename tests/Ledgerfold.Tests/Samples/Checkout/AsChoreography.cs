namespace Ledgerfold.Tests.Samples.Checkout;

public static class AsChoreography
{
    // begin
    public static readonly Policy<Order.OrderCreated> Reserve = new(
        "reserveOnOrder",
        static (created, _) => new ReserveStock(created.Sku, created.OrderId, created.Quantity),
        refused: static (created, failure) => new RejectOrder(created.OrderId, failure.Code));

    public static readonly Policy<Stock.StockReserved> Request = new(
        "requestPaymentOnReservation", static (reserved, _) => new RequestPayment(reserved.OrderId));

    public static readonly Policy<Order.PaymentRequested> Authorize = new(
        "authorizeOnRequest",
        static (requested, _) => new AuthorizePayment(requested.OrderId, requested.Total),
        then: static (requested, done) => new ConfirmOrder(requested.OrderId, done.Result<Authorization>().Number),
        refused: static (requested, failure) => new RejectOrder(requested.OrderId, failure.Code));

    public static readonly Policy<Order.OrderConfirmed> Commit = new(
        "commitOnConfirmation", static (confirmed, _) => new CommitReservation(confirmed.Sku, confirmed.OrderId));

    public static readonly Policy<Order.OrderRejected> Release = new(
        "releaseOnRejection", static (rejected, _) => new ReleaseReservation(rejected.Sku, rejected.OrderId));

    public static Module Module(PaymentProvider provider) => Shop.Module
        .Performs(Payments.Authorizing(provider))
        .Runs(Reserve).Runs(Request).Runs(Authorize).Runs(Commit).Runs(Release);
    // end
}
