using System.Collections.Immutable;
using Marketplace.Amounts;
using Marketplace.Offers;
using Marketplace.Stock;
using Marketplace.Vendors;

namespace Marketplace.Orders;

/// <summary>
/// How orders come in: at the prices of the offers, from vendors that sell. Offers and vendors are looked at in the very append that makes
/// the order, so that the prices it freezes are those of that moment. An order for what is plainly sold out is made and rejected at once,
/// so that nothing is begun for it.
/// </summary>
public static class OrderTaking
{
    /// <summary>What is on offer for one line.</summary>
    /// <param name="Vendor">Where its vendor stands.</param>
    /// <param name="UnitPrice">What the vendor asks; null where nothing is on offer.</param>
    public readonly record struct Offered(Vendor.Status Vendor, Money? UnitPrice);

    /// <summary>Says whether one of the lines cannot be had for certain; it may err to the one side only, and say no.</summary>
    public delegate ValueTask<bool> SoldOutGlance(string tenant, ImmutableArray<OrderedLine> lines);

    /// <summary>The order, made in this way.</summary>
    public static Module With(SoldOutGlance isSoldOut) => Order.Books(static orders => orders)
        .Events(EventTypes.Of<Vendor.Event>())
        .Events(EventTypes.Of<Offer.Event>())
        .Handles<CreateOrder>((command, context) => Take(command, context, isSoldOut));

    public static Decision Decide(CreateOrder command, Order.State order, ImmutableArray<Offered> offered, bool isSoldOut)
    {
        if (order.Status is not Order.Status.None)
            return Decision.Reject("ORDER_EXISTS", "orderId");
        for (var at = 0; at < offered.Length; at++)
        {
            if (Refused(command.Lines[at], offered[at], $"lines[{at}]") is { } refused)
                return refused;
        }

        var created = new Order.OrderCreated(
            command.OrderId, command.CustomerId, command.Currency, Bill.For(command), command.Payment, command.Destination);
        return isSoldOut
            ? Decision.Of(created, new Order.OrderRejected(command.OrderId, Inventory.InsufficientStock))
            : Decision.Of(created, Order.OrderValidated.Of(created));
    }

    private static Decision.Rejection? Refused(OrderedLine line, Offered offered, string path) => offered switch
    {
        { UnitPrice: null } or { Vendor: Vendor.Status.None } => Decision.Reject("OFFER_NOT_FOUND", $"{path}.sku"),
        { Vendor: Vendor.Status.Suspended } => Decision.Reject("VENDOR_SUSPENDED", $"{path}.vendorId"),
        { UnitPrice: { } price } when price.Currency != line.UnitPrice.Currency =>
            Decision.Reject("CURRENCY_MISMATCH", $"{path}.unitPrice", $"The offer is in {price.Currency}."),
        { UnitPrice: { } price } when price != line.UnitPrice =>
            Decision.Reject("PRICE_CHANGED", $"{path}.unitPrice", $"The price is {price}."),
        _ => null,
    };

    private static async Task Take(CreateOrder command, HandlerContext context, SoldOutGlance isSoldOut)
    {
        var order = await context.Load(Order.Decider, command.OrderId);
        var offered = ImmutableArray.CreateBuilder<Offered>(command.Lines.Length);
        foreach (var line in command.Lines)
        {
            var vendor = await context.Load(Vendor.Decider, line.VendorId);
            var offer = await context.Load(Offer.Decider, Article.IdOf(line.VendorId, line.Sku));
            offered.Add(new Offered(vendor.Status, offer?.UnitPrice));
        }

        switch (Decide(command, order, offered.MoveToImmutable(), await isSoldOut(context.Command.Tenant, command.Lines)))
        {
            case Decision.Rejection rejection:
                context.Reject(rejection.Code, rejection.Field, rejection.Message);
                break;
            case Decision.Events events:
                context.Append(Order.Decider, command.OrderId, events.Facts);
                break;
        }
    }
}
