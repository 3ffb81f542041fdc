using Ledgerfold.Testing;
using Marketplace.Payments;
using static Marketplace.Tests.Payments.PaymentFacts;

namespace Marketplace.Tests.Payments;

public sealed class Authorizing_a_payment
{
    private static readonly RecordAuthorization Record = new("p1", "A1", Start);

    [Fact]
    public void Is_good_for_seven_days() => Books.Given(Requested).When(Record)
        .Then(new Payment.PaymentAuthorized("p1", "o1", Eur(100_00), "A1", Start, Start.AddDays(7)));

    [Fact]
    public void Is_recorded_once() => Good.When(Record).Then();

    [Fact]
    public void That_comes_after_a_timeout_is_given_up() => Books.Given(Requested, Declined with { Code = "PAYMENT_TIMEOUT" }).When(Record)
        .Then(new Payment.PaymentVoided("p1", "o1", "LATE_AUTHORIZATION"));

    [Fact]
    public void That_is_released_late_is_given_up() => Books.Given(Requested, Declined).When(new ReleaseAuthorization("p1"))
        .Then(new Payment.PaymentVoided("p1", "o1", "LATE_AUTHORIZATION"));

    [Fact]
    public void That_comes_after_it_was_voided_changes_nothing() => Books.Given(Requested, Voided).When(Record).Then();

    [Fact]
    public void Can_be_declined() => Books.Given(Requested).When(new RecordDecline("p1", "PAYMENT_DECLINED")).Then(Declined);

    [Fact]
    public void Is_declined_once() => Books.Given(Requested, Declined).When(new RecordDecline("p1", "PAYMENT_TIMEOUT")).Then();

    [Fact]
    public void Cannot_be_declined_afterwards() => Good.When(new RecordDecline("p1", "PAYMENT_DECLINED")).ThenRejected("PAYMENT_AUTHORIZED");

    [Fact]
    public void Needs_a_payment()
    {
        Books.When(Record).ThenRejected("PAYMENT_NOT_FOUND", "paymentId");
        Books.When(new RecordDecline("p1", "PAYMENT_DECLINED")).ThenRejected("PAYMENT_NOT_FOUND", "paymentId");
        Books.When(new ReleaseAuthorization("p1")).ThenRejected("PAYMENT_NOT_FOUND", "paymentId");
    }

    [Fact]
    public void Leaves_a_state_that_can_be_kept_as_a_snapshot() => SnapshotCheck.Holds(
        Payment.Decider, Requested, Authorized, Captured(60_00), Captured(40_00, 2), Refunded(10_00));
}

public sealed class Expiring_an_authorization
{
    private static readonly ExpireAuthorization Expire = new("p1");

    [Fact]
    public void Happens_at_seven_days() => Good.At(Expiry).When(Expire).Then(Expired);

    [Fact]
    public void Is_refused_before() => Good.At(Expiry - Tick).When(Expire).ThenRejected("AUTHORIZATION_STILL_GOOD");

    [Fact]
    public void Releases_what_was_not_captured() => Good.Given(Captured(30_00)).At(Expiry).When(Expire)
        .Then(new Payment.AuthorizationExpired("p1", "o1", Eur(70_00)));

    [Fact]
    public void Is_nothing_where_all_was_captured() => Good.Given(Captured(100_00)).At(Expiry).When(Expire).Then();

    [Fact]
    public void Is_nothing_where_it_is_over()
    {
        Good.Given(Expired).At(Expiry).When(Expire).Then();
        Good.Given(Voided).At(Expiry).When(Expire).Then();
        Books.Given(Requested, Declined).At(Expiry).When(Expire).Then();
    }

    [Fact]
    public void Needs_one() => Books.Given(Requested).At(Expiry).When(Expire).ThenRejected("PAYMENT_NOT_AUTHORIZED");
}
