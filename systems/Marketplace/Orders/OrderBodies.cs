using System.Collections.Immutable;
using Ledgerfold.Http.Problems;
using Marketplace.Amounts;

namespace Marketplace.Orders;

/// <summary>An order to be made.</summary>
internal sealed record OrderBody(
    string? CustomerId,
    string? Currency,
    ImmutableArray<OrderedLine> Lines,
    Money? Discount,
    ImmutableArray<ShippingFee> Shipping,
    PaymentDetails? Payment,
    Destination? Destination)
{
    /// <summary>The command, which has rules of its own.</summary>
    /// <exception cref="RefusedException">An article stands in two lines.</exception>
    public CreateOrder ToCommand(string orderId)
    {
        var articles = new HashSet<string>(StringComparer.Ordinal);
        for (var at = 0; !Lines.IsDefault && at < Lines.Length; at++)
        {
            if (Lines[at] is { } line && !articles.Add(Article.IdOf(line.VendorId, line.Sku)))
                throw new RefusedException(Refusal.Of($"/lines/{at}/sku", "each article of a vendor in one line"));
        }

        return new CreateOrder(
            orderId, CustomerId!, Currency!, Lines, Discount, Shipping.IsDefault ? [] : Shipping, Payment, Destination);
    }
}

/// <summary>Why an order is no longer wanted.</summary>
internal sealed record CancellationBody(string? Reason);

/// <summary>What a person decided who looked at an order.</summary>
/// <param name="Decision"><c>approved</c> or <c>declined</c>.</param>
internal sealed record ReviewBody(string? Decision, string? Note);
