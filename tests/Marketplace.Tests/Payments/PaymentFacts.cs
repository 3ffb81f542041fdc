using Ledgerfold.Testing;
using Marketplace.Amounts;
using Marketplace.Payments;

namespace Marketplace.Tests.Payments;

/// <summary>One payment of 100.00 EUR, authorized at the first second of 2025.</summary>
internal static class PaymentFacts
{
    public static readonly DateTimeOffset Start = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);
    public static readonly DateTimeOffset Expiry = Start.AddDays(7);
    public static readonly TimeSpan Tick = TimeSpan.FromTicks(10); // a microsecond: the ledger's times have no smaller step

    public static readonly Scenario Books = new(PaymentsModule.Books);

    public static readonly Payment.PaymentRequested Requested = new("p1", "o1", Eur(100_00), "tok");
    public static readonly Payment.PaymentAuthorized Authorized = new("p1", "o1", Eur(100_00), "A1", Start, Expiry);
    public static readonly Payment.PaymentDeclined Declined = new("p1", "o1", "PAYMENT_DECLINED");
    public static readonly Payment.PaymentVoided Voided = new("p1", "o1", "cancelled");
    public static readonly Payment.AuthorizationExpired Expired = new("p1", "o1", Eur(100_00));

    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static Scenario Good => Books.Given(Requested, Authorized);

    public static Money Eur(long minor) => new(minor, "EUR");

    public static Payment.PaymentProcessed Captured(long minor, int number = 1) => new("p1", "o1", Eur(minor), number);

    public static Payment.RefundIssued Refunded(long minor, int number = 1) => new("p1", "o1", Eur(minor), number, null);
}
