using System.Collections.Immutable;
using Marketplace.Amounts;

namespace Marketplace.Orders;

/// <summary>
/// What an order costs, frozen when it is made. Exactly: the nets of the lines are their gross without the discount, a vendor's total is
/// the nets of its lines and its shipping, and the vendors' totals are the total.
/// </summary>
/// <param name="Lines">What was ordered, each line with its share of the discount; numbered from 1.</param>
/// <param name="Vendors">Each vendor's part, in the order in which the lines name them.</param>
/// <param name="Discount">What was taken off the lines.</param>
/// <param name="Total">What is to be paid.</param>
public sealed record Bill(ImmutableArray<BillLine> Lines, ImmutableArray<VendorPart> Vendors, Money Discount, Money Total)
{
    /// <summary>What is to be delivered.</summary>
    internal ImmutableArray<OrderedGoods> Goods =>
        [.. Lines.Select(static line => new OrderedGoods(line.Number, line.Sku, line.VendorId, line.Quantity))];

    /// <summary>The bill for an order that keeps the rules of input.</summary>
    public static Bill For(CreateOrder order)
    {
        var none = Money.Zero(order.Currency);
        var discount = order.Discount ?? none;
        long[] gross = [.. order.Lines.Select(static line => (line.UnitPrice * line.Quantity).Minor)];
        var shares = Split.LargestRemainder(discount.Minor, gross);
        ImmutableArray<BillLine> lines =
        [
            .. order.Lines.Select((line, at) => new BillLine(
                at + 1,
                line.Sku,
                line.VendorId,
                line.Quantity,
                line.UnitPrice,
                new Money(shares[at], order.Currency),
                new Money(gross[at] - shares[at], order.Currency))),
        ];
        ImmutableArray<VendorPart> vendors =
        [
            .. lines.Select(static line => line.VendorId).Distinct(StringComparer.Ordinal).Select(vendorId => VendorPart.Of(
                vendorId, lines, order.Shipping.FirstOrDefault(fee => fee.VendorId == vendorId)?.Price ?? none)),
        ];
        return new Bill(lines, vendors, discount, vendors.Aggregate(none, static (sum, part) => sum + part.Total));
    }

    /// <summary>
    /// The same without a line. With its last line a vendor's shipping goes, too; what was taken off the line is taken off no other.
    /// </summary>
    internal Bill Without(int number)
    {
        var line = Lines.First(one => one.Number == number);
        var lines = Lines.Remove(line);
        var part = Vendors.First(one => one.VendorId == line.VendorId);
        var isLast = lines.All(one => one.VendorId != line.VendorId);
        return new Bill(
            lines,
            isLast ? Vendors.Remove(part) : Vendors.Replace(part, VendorPart.Of(part.VendorId, lines, part.Shipping)),
            Discount - line.Discount,
            Total - line.Net - (isLast ? part.Shipping : Money.Zero(Total.Currency)));
    }
}

/// <summary>One line of a bill.</summary>
/// <param name="Number">Its number in the order, from 1.</param>
/// <param name="Discount">Its share of the discount.</param>
/// <param name="Net">Quantity times unit price, without its share of the discount: none, or more.</param>
public sealed record BillLine(int Number, string Sku, string VendorId, int Quantity, Money UnitPrice, Money Discount, Money Net);

/// <summary>One vendor's part of a bill.</summary>
/// <param name="Goods">The nets of its lines.</param>
/// <param name="Total">The goods and the shipping.</param>
public sealed record VendorPart(string VendorId, Money Goods, Money Shipping, Money Total)
{
    internal static VendorPart Of(string vendorId, ImmutableArray<BillLine> lines, Money shipping)
    {
        var goods = lines.Where(line => line.VendorId == vendorId)
            .Aggregate(Money.Zero(shipping.Currency), static (sum, line) => sum + line.Net);
        return new VendorPart(vendorId, goods, shipping, goods + shipping);
    }
}

/// <summary>The goods of one line, whatever they cost.</summary>
/// <param name="Line">The line's number in the order.</param>
public sealed record OrderedGoods(int Line, string Sku, string VendorId, int Quantity);
