using Marketplace.Amounts;
using Marketplace.Payments;
using static Marketplace.Tests.Payments.PaymentFacts;

namespace Marketplace.Tests.Payments;

public sealed class Taking_a_payment_back
{
    private static readonly TakeBackPayment TakeBack = new("p1", "cancelled");

    [Fact]
    public void Voids_it_while_nothing_is_captured()
    {
        Books.Given(Requested).When(TakeBack).Then(Voided);
        Good.When(TakeBack).Then(Voided);
    }

    [Fact]
    public void Refunds_what_was_captured_and_not_refunded_yet()
    {
        Good.Given(Captured(60_00)).When(TakeBack).Then(Refunded(60_00) with { Reason = "cancelled" });
        Good.Given(Captured(60_00), Refunded(20_00)).When(TakeBack).Then(Refunded(40_00, 2) with { Reason = "cancelled" });
    }

    [Fact]
    public void Is_nothing_where_nothing_is_left_to_take_back()
    {
        Good.Given(Captured(60_00), Refunded(60_00)).When(TakeBack).Then();
        Books.Given(Requested, Declined).When(TakeBack).Then();
        Good.Given(Voided).When(TakeBack).Then();
        Good.Given(Expired).When(TakeBack).Then();
        Good.Given(Captured(60_00), Expired).When(TakeBack).Then(Refunded(60_00) with { Reason = "cancelled" });
    }

    [Fact]
    public void Needs_one() => Books.When(TakeBack).ThenRejected("PAYMENT_NOT_FOUND", "paymentId");
}

public sealed class Capturing_a_payment
{
    private static CapturePayment Capture(long minor) => new("p1", Eur(minor));

    [Fact]
    public void Takes_up_to_what_is_authorized()
    {
        Good.When(Capture(100_00)).Then(Captured(100_00));
        Good.When(Capture(100_01)).ThenRejected("CAPTURE_EXCEEDS_AUTHORIZATION", "amount");
    }

    [Fact]
    public void Takes_a_second_part_up_to_what_is_left()
    {
        Good.Given(Captured(60_00)).When(Capture(40_00)).Then(Captured(40_00, 2));
        Good.Given(Captured(60_00)).When(Capture(40_01)).ThenRejected("CAPTURE_EXCEEDS_AUTHORIZATION", "amount");
        Good.Given(Captured(100_00)).When(Capture(1)).ThenRejected("CAPTURE_EXCEEDS_AUTHORIZATION", "amount");
    }

    [Fact]
    public void Cannot_be_more_than_can_be_counted() =>
        Good.Given(Captured(60_00)).When(Capture(long.MaxValue)).ThenRejected("CAPTURE_EXCEEDS_AUTHORIZATION", "amount");

    [Fact]
    public void Is_not_made_larger_by_a_refund() =>
        Good.Given(Captured(100_00), Refunded(100_00)).When(Capture(1)).ThenRejected("CAPTURE_EXCEEDS_AUTHORIZATION", "amount");

    [Fact]
    public void Is_possible_until_the_authorization_expires_whether_or_not_anybody_said_so()
    {
        Good.At(Expiry - Tick).When(Capture(1)).Then(Captured(1));
        Good.At(Expiry).When(Capture(1)).ThenRejected("AUTHORIZATION_EXPIRED");
        Good.At(Start.AddDays(8)).When(Capture(1)).ThenRejected("AUTHORIZATION_EXPIRED");
        Good.Given(Expired).At(Start).When(Capture(1)).ThenRejected("AUTHORIZATION_EXPIRED");
    }

    [Fact]
    public void Needs_an_authorization()
    {
        Books.When(Capture(1)).ThenRejected("PAYMENT_NOT_FOUND", "paymentId");
        Books.Given(Requested).When(Capture(1)).ThenRejected("PAYMENT_NOT_AUTHORIZED");
        Books.Given(Requested, Declined).When(Capture(1)).ThenRejected("PAYMENT_NOT_AUTHORIZED");
        Good.Given(Voided).When(Capture(1)).ThenRejected("PAYMENT_VOIDED");
    }

    [Fact]
    public void Is_in_the_currency_of_the_payment() =>
        Good.When(new CapturePayment("p1", new Money(1, "JPY"))).ThenRejected("CURRENCY_MISMATCH", "amount");

    [Fact]
    public Task Is_more_than_nothing() => Refusal.IsFor("amount", PaymentsModule.Books, Capture(0));
}

public sealed class Voiding_a_payment
{
    private static readonly VoidPayment Void = new("p1", "cancelled");

    [Fact]
    public void Gives_up_what_is_authorized() => Good.When(Void).Then(Voided);

    [Fact]
    public void Does_not_wait_for_the_providers_answer() => Books.Given(Requested).When(Void).Then(Voided);

    [Fact]
    public void Happens_once() => Good.Given(Voided).When(Void).Then();

    [Fact]
    public void Is_refused_once_anything_was_captured()
    {
        Good.Given(Captured(1)).When(Void).ThenRejected("PAYMENT_CAPTURED");
        Good.Given(Captured(1), Refunded(1)).When(Void).ThenRejected("PAYMENT_CAPTURED");
        Good.Given(Captured(1), Expired).When(Void).ThenRejected("PAYMENT_CAPTURED");
        Good.Given(Captured(1)).When(new ReleaseAuthorization("p1")).ThenRejected("PAYMENT_CAPTURED");
    }

    [Fact]
    public void Is_nothing_where_nothing_is_held()
    {
        Books.Given(Requested, Declined).When(Void).Then();
        Good.Given(Expired).When(Void).Then();
    }

    [Fact]
    public void Needs_a_payment() => Books.When(Void).ThenRejected("PAYMENT_NOT_FOUND", "paymentId");

    [Fact]
    public Task Needs_a_reason() => Refusal.IsFor("reason", PaymentsModule.Books, new VoidPayment("p1", " "));
}

public sealed class Refunding_a_payment
{
    private static RefundPayment Refund(long minor) => new("p1", Eur(minor));

    [Fact]
    public void Gives_back_up_to_what_was_captured()
    {
        Good.Given(Captured(60_00)).When(Refund(60_00)).Then(Refunded(60_00));
        Good.Given(Captured(60_00)).When(Refund(60_01)).ThenRejected("REFUND_EXCEEDS_CAPTURE", "amount");
    }

    [Fact]
    public void Gives_back_a_second_part_up_to_what_is_left()
    {
        Good.Given(Captured(60_00), Refunded(59_99)).When(Refund(1)).Then(Refunded(1, 2));
        Good.Given(Captured(60_00), Refunded(60_00)).When(Refund(1)).ThenRejected("REFUND_EXCEEDS_CAPTURE", "amount");
    }

    [Fact]
    public void Is_possible_after_the_authorization_expired() =>
        Good.Given(Captured(60_00), Expired).At(Start.AddDays(60)).When(Refund(60_00)).Then(Refunded(60_00));

    [Fact]
    public void Needs_a_capture()
    {
        Books.When(Refund(1)).ThenRejected("PAYMENT_NOT_FOUND", "paymentId");
        Good.When(Refund(1)).ThenRejected("REFUND_EXCEEDS_CAPTURE", "amount");
        Good.Given(Voided).When(Refund(1)).ThenRejected("REFUND_EXCEEDS_CAPTURE", "amount");
    }

    [Fact]
    public void Is_in_the_currency_of_the_payment() =>
        Good.Given(Captured(1)).When(new RefundPayment("p1", new Money(1, "USD"))).ThenRejected("CURRENCY_MISMATCH", "amount");

    [Fact]
    public Task Is_more_than_nothing() => Refusal.IsFor("amount", PaymentsModule.Books, Refund(-1));
}
