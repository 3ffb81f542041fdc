using System.Collections.Immutable;
using System.Globalization;
using Ledgerfold.Model.Commanding;
using Marketplace.Amounts;
using Marketplace.Fraud;

namespace Marketplace.Orders;

/// <summary>What an order must keep to be one. The bounds of lines, prices and quantities together keep every sum countable.</summary>
internal static class OrderRules
{
    public const int LinesMax = 200;

    /// <summary>The first rule that the order breaks, or null.</summary>
    public static CommandAnswer.Invalid? Check(CreateOrder order) =>
        Input.Id("orderId", order.OrderId)
        ?? Input.Id("customerId", order.CustomerId)
        ?? Input.CurrencyCode("currency", order.Currency)
        ?? CheckLines(order.Lines, order.Currency)
        ?? CheckDiscount(order)
        ?? CheckShipping(order)
        ?? CheckPayment(order)
        ?? CheckDestination(order.Destination);

    /// <summary>A code is stable and for programs.</summary>
    public static CommandAnswer.Invalid? CheckCode(string field, string? code) =>
        code is { Length: >= 1 and <= 64 } && char.IsAsciiLetterUpper(code[0])
        && code.All(static one => char.IsAsciiLetterUpper(one) || char.IsAsciiDigit(one) || one == '_')
            ? null
            : new(field, "1 to 64 upper-case letters, digits and '_', a letter first");

    private static CommandAnswer.Invalid? CheckLines(ImmutableArray<OrderedLine> lines, string currency)
    {
        if (lines.IsDefault || lines.Length is < 1 or > LinesMax)
            return new("lines", $"1 to {LinesMax}");
        for (var at = 0; at < lines.Length; at++)
        {
            var path = string.Create(CultureInfo.InvariantCulture, $"lines[{at}]");
            if (lines[at] is not { } line)
                return new(path, "a line");
            var broken = Input.Id($"{path}.sku", line.Sku)
                ?? Input.Id($"{path}.vendorId", line.VendorId)
                ?? Input.Between($"{path}.quantity", line.Quantity, 1, Input.QuantityMax)
                ?? PriceIn(currency, $"{path}.unitPrice", line.UnitPrice);
            if (broken is not null)
                return broken;
        }

        return null;
    }

    private static CommandAnswer.Invalid? CheckDiscount(CreateOrder order)
    {
        if (order.Discount is not { } discount)
            return null;
        var gross = order.Lines.Sum(static line => line.UnitPrice.Minor * line.Quantity);
        return discount.Currency == order.Currency && discount.Minor >= 0 && discount.Minor <= gross
            ? null
            : new("discount", $"0 to {new Money(gross, order.Currency)}, which is what the lines come to");
    }

    private static CommandAnswer.Invalid? CheckShipping(CreateOrder order)
    {
        if (order.Shipping.IsDefault)
            return new("shipping", "a list, which may be empty");
        var open = order.Lines.Select(static line => line.VendorId).ToHashSet(StringComparer.Ordinal);
        for (var at = 0; at < order.Shipping.Length; at++)
        {
            var path = string.Create(CultureInfo.InvariantCulture, $"shipping[{at}]");
            if (order.Shipping[at] is not { } fee || fee.VendorId is null || !open.Remove(fee.VendorId))
                return new($"{path}.vendorId", "a vendor of one of the lines, each once");
            if (PriceIn(order.Currency, $"{path}.price", fee.Price) is { } broken)
                return broken;
        }

        return null;
    }

    private static CommandAnswer.Invalid? CheckPayment(CreateOrder order)
    {
        if (order.Payment is not { } payment)
            return Bill.For(order).Total.IsZero ? null : new("payment", "how it is paid, where there is something to pay");
        return Input.Id("payment.card", payment.Card)
            ?? (payment.Device is { } device ? Input.Id("payment.device", device) : null)
            ?? (payment.AddressCheck is { } letter ? FraudModule.CheckLetter("payment.addressCheck", letter, RuleSet.Current) : null)
            ?? CheckCardCheck("payment.cardCheck", payment.CardCheck)
            ?? Optional("payment.ipCountry", payment.IpCountry, 16)
            ?? Optional("payment.cardCountry", payment.CardCountry, 16);
    }

    private static CommandAnswer.Invalid? CheckCardCheck(string field, string? value) =>
        value is null or PaymentDetails.CardCheckPassed or PaymentDetails.CardCheckFailed
            ? null
            : new(field, $"'{PaymentDetails.CardCheckPassed}' or '{PaymentDetails.CardCheckFailed}'");

    private static CommandAnswer.Invalid? CheckDestination(Destination? destination) => destination is null
        ? null
        : Optional("destination.country", destination.Country, 64)
            ?? Optional("destination.region", destination.Region, 128)
            ?? Optional("destination.postalCode", destination.PostalCode, 32)
            ?? Optional("destination.city", destination.City, 128)
            ?? Optional("destination.street", destination.Street, 200);

    private static CommandAnswer.Invalid? Optional(string field, string? value, int charactersMax) =>
        value is null ? null : Input.Text(field, value, charactersMax);

    private static CommandAnswer.Invalid? PriceIn(string currency, string field, Money price) => price.Currency == currency
        ? Input.Price(field, price)
        : new(field, $"in {currency}, as the order is");
}
