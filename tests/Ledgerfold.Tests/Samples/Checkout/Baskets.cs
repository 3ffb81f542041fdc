using System.Collections.Immutable;

namespace Ledgerfold.Tests.Samples.Checkout;

/// <summary>Several articles in one order: steps side by side.</summary>
public static class Baskets
{
    public abstract record Event;
    public sealed record BasketOrdered(string OrderId, ImmutableArray<Line> Lines, decimal Total) : Event;

    public sealed record Line(string Sku, int Quantity);

    public sealed record CreateBasket(string OrderId, ImmutableArray<Line> Lines, decimal Total);

    // begin
    public sealed record Basket(ImmutableArray<Line> Lines, decimal Total);

    public static readonly Process<Basket> Checkout = new Process<Basket>("basket")
        .Starts<BasketOrdered>(ordered => ordered.OrderId, static (ordered, react) =>
        {
            foreach (var (sku, quantity) in ordered.Lines)
            {
                react.Run(
                    "reserve",
                    new ReserveStock(sku, react.Key, quantity),
                    undo: new ReleaseReservation(sku, react.Key),
                    of: sku); // which of several steps of that name
            }

            return new Basket(ordered.Lines, ordered.Total);
        })
        .Finished(["reserve"], static (basket, react) =>
        {
            react.Run("authorize", new AuthorizePayment(react.Key, basket.Total), undo: new VoidPayment(react.Key));
            return basket;
        })
        .Done("authorize", static (basket, _, react) =>
        {
            react.Pivot();
            foreach (var (sku, _) in basket.Lines)
                react.Run("commit", new CommitReservation(sku, react.Key), of: sku);
            return basket;
        })
        .Finished(["commit"], static (basket, react) =>
        {
            react.End();
            return basket;
        });
    // end

    public static readonly Decider<bool> Decider = new("basket", false, static (_, _) => true);

    public static Module Module(PaymentProvider provider) => Shop.Module
        .Events(EventTypes.Of<Event>())
        .Decides(Decider, static baskets => baskets
            .On<CreateBasket>(command => command.OrderId, static (command, _) => Decision.Of(new BasketOrdered(command.OrderId, command.Lines, command.Total))))
        .Performs(Payments.Authorizing(provider))
        .Performs(Payments.Voiding(provider))
        .Runs(Checkout);
}
