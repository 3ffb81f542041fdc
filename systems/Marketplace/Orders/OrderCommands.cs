using System.Collections.Immutable;
using Marketplace.Amounts;

namespace Marketplace.Orders;

/// <summary>What a customer wants, at the prices they were shown.</summary>
/// <param name="Discount">Taken off the lines, not off the shipping; none where null.</param>
/// <param name="Shipping">At most one fee for each vendor of a line; a vendor without one ships free.</param>
/// <param name="Payment">How it is paid; may be left out where there is nothing to pay.</param>
public sealed record CreateOrder(
    string OrderId,
    string CustomerId,
    string Currency,
    ImmutableArray<OrderedLine> Lines,
    Money? Discount,
    ImmutableArray<ShippingFee> Shipping,
    PaymentDetails? Payment,
    Destination? Destination = null);

/// <summary>So many of an article of a vendor, at a price.</summary>
public sealed record OrderedLine(string Sku, string VendorId, int Quantity, Money UnitPrice);

/// <summary>What a vendor takes for shipping.</summary>
public sealed record ShippingFee(string VendorId, Money Price);

/// <summary>The token of a card, and what is known around it: for the payment and the assessment of fraud.</summary>
/// <param name="AddressCheck">The issuer's answer on the address, one letter.</param>
/// <param name="CardCheck">What the card's own check came to: <c>passed</c> or <c>failed</c>.</param>
public sealed record PaymentDetails(
    string Card,
    string? Device = null,
    string? AddressCheck = null,
    string? CardCheck = null,
    string? IpCountry = null,
    string? CardCountry = null)
{
    internal const string CardCheckPassed = "passed";
    internal const string CardCheckFailed = "failed";
}

/// <summary>Where it goes.</summary>
public sealed record Destination(
    string? Country, string? Region = null, string? PostalCode = null, string? City = null, string? Street = null);

/// <summary>A person has to look at it first.</summary>
public sealed record PutOrderOnHold(string OrderId, string Reason);

/// <summary>Stock, fraud and payment are in order.</summary>
/// <param name="Before">Refused from then on: as long as what is reserved for it is safe; always good where null.</param>
public sealed record ConfirmOrder(string OrderId, DateTimeOffset? Before = null);

/// <summary>It cannot be; the code says why.</summary>
public sealed record RejectOrder(string OrderId, string Code);

/// <summary>It is no longer wanted.</summary>
public sealed record CancelOrder(string OrderId, string Reason);

/// <summary>One line of it cannot be, or is no longer wanted; the others go on.</summary>
public sealed record CancelOrderLine(string OrderId, int Line, string Reason);

/// <summary>Tells each vendor its part.</summary>
public sealed record CreateVendorOrders(string OrderId);
