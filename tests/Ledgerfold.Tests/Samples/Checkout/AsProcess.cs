namespace Ledgerfold.Tests.Samples.Checkout;

public static class AsProcess
{
    // begin
    public sealed record Purchase(string Sku, decimal Total); // what an instance knows

    public static readonly Process<Purchase> Checkout = new Process<Purchase>("checkout")
        .Starts<Order.OrderCreated>(created => created.OrderId, static (created, react) =>
        {
            react.Run(
                "reserve",
                new ReserveStock(created.Sku, created.OrderId, created.Quantity),
                undo: new ReleaseReservation(created.Sku, created.OrderId));
            react.After("too long", TimeSpan.FromMinutes(15));
            return new Purchase(created.Sku, created.Total);
        })
        .Done("reserve", static (purchase, _, react) =>
        {
            react.Run(
                "authorize",
                new AuthorizePayment(react.Key, purchase.Total),
                undo: new VoidPayment(react.Key),
                within: TimeSpan.FromSeconds(10));
            return purchase;
        })
        .Done("authorize", static (purchase, done, react) =>
        {
            react.Cancel("too long"); // from here on it is the order that decides
            react.Run("confirm", new ConfirmOrder(react.Key, done.Result<Authorization>().Number));
            return purchase;
        })
        .Done("confirm", static (purchase, _, react) =>
        {
            react.Pivot();
            react.Run("commit", new CommitReservation(purchase.Sku, react.Key));
            return purchase;
        })
        .Done("commit", static (purchase, _, react) =>
        {
            react.End();
            return purchase;
        })
        .On<Order.OrderCancelled>(cancelled => cancelled.OrderId, static (purchase, _, react) =>
        {
            react.Compensate("cancelled");
            return purchase;
        })
        .Timer("too long", static (purchase, react) =>
        {
            react.Compensate("too long");
            return purchase;
        })
        .Compensated(static (purchase, react) =>
        {
            react.Run("reject", new RejectOrder(react.Key, react.Reason!));
            return purchase;
        });

    public static Module Module(PaymentProvider provider) => Shop.Module
        .Performs(Payments.Authorizing(provider))
        .Performs(Payments.Voiding(provider))
        .Runs(Checkout);
    // end
}
