using Ledgerfold.Model.Deciding;
using Ledgerfold.Testing;
using Marketplace.Payments;
using static Marketplace.Tests.Payments.PaymentFacts;

namespace Marketplace.Tests.Payments;

/// <summary>Random commands at random times, decided by the module and beside it by three naive sums.</summary>
public sealed class Keeping_the_books_of_payments
{
    [Theory]
    [MemberData(nameof(Seeds))]
    public void Never_takes_more_than_is_authorized_nor_gives_back_more_than_was_taken(ulong seed)
    {
        var random = new SeededRandom(seed);
        for (var life = 0; life < 100; life++)
            Live(random);
    }

    public static TheoryData<ulong> Seeds => [1, 2, 3, 4, 5, 6, 7, 8];

    private static void Live(SeededRandom random)
    {
        List<object> history = [Requested];
        var (captured, refunded, now) = (0L, 0L, Start);
        var (isAuthorized, isVoided, isExpired, wasDeclined) = (false, false, false, false);
        for (var step = 0; step < 40; step++)
        {
            now += random.OneIn(10) ? TimeSpan.FromDays(1) : TimeSpan.FromMinutes(random.Below(60));
            var minor = random.Between(1, 60_00);
            object command = random.Below(8) switch
            {
                0 => new RecordAuthorization("p1", "A1", Start),
                1 when random.OneIn(3) => new RecordDecline("p1", "PAYMENT_DECLINED"),
                2 when random.OneIn(6) => new VoidPayment("p1", "cancelled"),
                3 => new RefundPayment("p1", Eur(minor)),
                4 => new ExpireAuthorization("p1"),
                5 when random.OneIn(6) => new ReleaseAuthorization("p1"),
                _ => new CapturePayment("p1", Eur(minor)),
            };
            var decision = PaymentsModule.Books.Decide(command, history, at: now);
            var canCapture = isAuthorized && !isVoided && !isExpired && now < Expiry && captured + minor <= 100_00;
            if (command is CapturePayment)
                Assert.Equal(canCapture, decision is Decision.Events);
            if (command is RefundPayment)
                Assert.Equal(refunded + minor <= captured, decision is Decision.Events);
            if (command is VoidPayment)
                Assert.Equal(captured == 0, decision is Decision.Events);
            foreach (var fact in (decision as Decision.Events)?.Facts ?? [])
            {
                history.Add(fact);
                captured += (fact as Payment.PaymentProcessed)?.Amount.Minor ?? 0;
                refunded += (fact as Payment.RefundIssued)?.Amount.Minor ?? 0;
                isAuthorized |= fact is Payment.PaymentAuthorized;
                Assert.False(isVoided && fact is Payment.PaymentVoided, "voided twice");
                Assert.False(wasDeclined && fact is Payment.PaymentAuthorized, "authorized after it was declined");
                isVoided |= fact is Payment.PaymentVoided;
                isExpired |= fact is Payment.AuthorizationExpired;
                wasDeclined |= fact is Payment.PaymentDeclined;
            }

            Assert.InRange(captured, 0, 100_00);
            Assert.InRange(refunded, 0, captured);
            Assert.False(isVoided && captured > 0, "voided and captured");
            var state = history.Aggregate((Payment.State?)null, Payment.Apply)!;
            Assert.Equal((captured, refunded), (state.Captured.Minor, state.Refunded.Minor));
        }
    }
}
