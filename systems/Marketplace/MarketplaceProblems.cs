using System.Collections.Immutable;
using Ledgerfold.Http.Problems;

namespace Marketplace;

/// <summary>
/// Every refusal of the marketplace, by its code: those that calls are answered with, and those that an order or a payment carries as the
/// reason why it came to nothing.
/// </summary>
internal static class MarketplaceProblems
{
    private const int NotFound = 404;
    private const int Conflict = 409;
    private const int Unprocessable = 422;

    public static ImmutableArray<ProblemKind> All { get; } =
    [
        .. OfVendorsAndOffers(), .. OfStock(), .. OfOrders(), .. OfReviews(), .. OfPayments(),
    ];

    private static IEnumerable<ProblemKind> OfVendorsAndOffers() =>
    [
        new("VENDOR_EXISTS", Conflict, "The vendor is aboard already")
        {
            Meaning = "A vendor with this id came aboard before. Choose another id.",
        },
        new("VENDOR_NOT_FOUND", NotFound, "There is no such vendor") { Meaning = "No vendor with this id came aboard." },
        new("VENDOR_SUSPENDED", Conflict, "The vendor is suspended")
        {
            Meaning = "A suspended vendor takes no new orders; those that stand go on. Take its lines out of the order.",
        },
        new("OFFER_EXISTS", Conflict, "The offer is published already")
        {
            Meaning = "The vendor has an offer for this SKU. Its price can be changed; it is not published twice.",
        },
        new("OFFER_NOT_FOUND", Unprocessable, "The vendor does not offer this")
        {
            Meaning = "The vendor of the line has no offer for its SKU, or is no vendor of the marketplace. `errors` names the line.",
        },
        new("PRICE_CHANGED", Conflict, "The price is another one")
        {
            Meaning = "A line names another price than the offer has now. `errors` names the line and the price. Show it to the customer "
                + "and send the order with it, under a new key.",
        },
        new("CURRENCY_MISMATCH", Unprocessable, "The amount is in another currency")
        {
            Meaning = "Amounts of one order, one offer or one payment are all in its currency.",
        },
    ];

    private static IEnumerable<ProblemKind> OfStock() =>
    [
        new("INSUFFICIENT_STOCK", Conflict, "There is not enough of it")
        {
            Meaning = "Less can be had than is asked for. On an order it is the reason why it was rejected.",
        },
        new("STALE_SEQUENCE", Conflict, "A newer feed was applied")
        {
            Meaning = "A feed of this vendor, SKU and location with this sequence or a higher one was applied. Nothing was changed.",
        },
        new("NEGATIVE_STOCK", Conflict, "There cannot be less than none")
        {
            Meaning = "The adjustment takes away more than is at the location.",
        },
        new("RESERVATION_EXISTS", Conflict, "The reservation is there already")
        {
            Meaning = "A reservation with this id was made before, of another quantity, or it has ended.",
        },
        new("RESERVATION_NOT_FOUND", NotFound, "There is no such reservation") { Meaning = "No reservation has this id." },
        new("RESERVATION_COMMITTED", Conflict, "The reservation is committed")
        {
            Meaning = "What it held is sold. A reservation has one end.",
        },
        new("RESERVATION_RELEASED", Conflict, "The reservation is released")
        {
            Meaning = "What it held was given back. A reservation has one end; make a new one.",
        },
        new("RESERVATION_EXPIRED", Conflict, "The reservation has expired")
        {
            Meaning = "Its time has passed, and what it held is free again. Make a new one.",
        },
        new("NOT_COMMITTED", Conflict, "It is not sold")
        {
            Meaning = "Only what is sold and has not left can be freed again.",
        },
    ];

    private static IEnumerable<ProblemKind> OfOrders() =>
    [
        new("ORDER_EXISTS", Conflict, "The order is there already") { Meaning = "An order with this id was made before." },
        new("ORDER_NOT_FOUND", NotFound, "There is no such order") { Meaning = "No order has this id, or there was none at that moment." },
        new("ORDER_NOT_CONFIRMED", Conflict, "The order is not confirmed") { Meaning = "This can be done once the order is confirmed." },
        new("ORDER_CONFIRMED", Conflict, "The order is confirmed")
        {
            Meaning = "A confirmed order is neither rejected nor held; it can be cancelled.",
        },
        new("ORDER_REJECTED", Conflict, "The order was rejected")
        {
            Meaning = "A rejected order is at its end. `reason` of the order says why.",
        },
        new("ORDER_CANCELLED", Conflict, "The order was cancelled") { Meaning = "A cancelled order is at its end." },
        new("ALREADY_SHIPPED", Conflict, "Goods have left")
        {
            Meaning = "Once a package has left, an order is not cancelled; it is returned.",
        },
        new("LINE_NOT_FOUND", NotFound, "The order has no such line")
        {
            Meaning = "No line of the order has this number, or it was cancelled.",
        },
        new("FRAUD_BLOCKED", Conflict, "The order was turned down")
        {
            Meaning = "The reason of an order whose assessment, or whose review by a person, said no, or was not done in time.",
        },
        new("CONFIRMATION_TOO_LATE", Conflict, "What is reserved may lapse first")
        {
            Meaning = "An order is confirmed only while what is reserved for it is safe. Checkout renews the reservations first.",
        },
        new("CHECKOUT_STOPPED", Conflict, "The checkout was stopped")
        {
            Meaning = "The reason of an order whose checkout met something that nobody foresaw, or that an operator ended. What was done "
                + "for it is undone.",
        },
    ];

    private static IEnumerable<ProblemKind> OfReviews() =>
    [
        new("FRAUD_CHECK_NOT_FOUND", NotFound, "The order was not assessed") { Meaning = "No order with this id was assessed." },
        new("REVIEW_NOT_ASKED_FOR", Conflict, "Nobody asked for a review")
        {
            Meaning = "The assessment passed or blocked the order by itself; there is nothing to decide.",
        },
        new("REVIEW_RESOLVED", Conflict, "The review is decided")
        {
            Meaning = "Somebody decided otherwise before. A review is decided once.",
        },
        new("REVIEW_EXPIRED", Conflict, "The time of the review has passed")
        {
            Meaning = "A review is open for 48 hours; then the order is rejected.",
        },
    ];

    private static IEnumerable<ProblemKind> OfPayments() =>
    [
        new("PAYMENT_EXISTS", Conflict, "The payment is there already")
        {
            Meaning = "A payment with this id was requested before, for something else.",
        },
        new("PAYMENT_OPEN", Conflict, "The order has an open payment")
        {
            Meaning = "An order has one open payment: the one before must be declined, voided, expired or refunded first.",
        },
        new("PAYMENT_NOT_FOUND", NotFound, "There is no such payment") { Meaning = "No payment has this id." },
        new("PAYMENT_NOT_AUTHORIZED", Conflict, "The payment is not authorized")
        {
            Meaning = "Only an authorized payment can be captured.",
        },
        new("PAYMENT_AUTHORIZED", Conflict, "The payment is authorized")
        {
            Meaning = "An authorized payment is not declined any more; it can be voided.",
        },
        new("PAYMENT_VOIDED", Conflict, "The payment is voided") { Meaning = "A voided payment holds no money any more." },
        new("PAYMENT_CAPTURED", Conflict, "The payment is captured") { Meaning = "What was captured is refunded, not voided." },
        new("CAPTURE_EXCEEDS_AUTHORIZATION", Conflict, "More than is authorized")
        {
            Meaning = "All captures together are at most what was authorized.",
        },
        new("REFUND_EXCEEDS_CAPTURE", Conflict, "More than was captured")
        {
            Meaning = "All refunds together are at most what was captured.",
        },
        new("AUTHORIZATION_EXPIRED", Conflict, "The authorization has expired") { Meaning = "An authorization is good for seven days." },
        new("AUTHORIZATION_STILL_GOOD", Conflict, "The authorization is still good")
        {
            Meaning = "It expires after seven days, not before.",
        },
        new("PAYMENT_DECLINED", Conflict, "The payment was declined")
        {
            Meaning = "The reason of an order, or of a payment, whose card said no.",
        },
        new("PAYMENT_TIMEOUT", Conflict, "The payment was not answered")
        {
            Meaning = "The reason of an order, or of a payment, that the provider did not answer in time and knew nothing of when asked.",
        },
    ];
}
