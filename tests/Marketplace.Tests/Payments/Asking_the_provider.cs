using Ledgerfold.Model.Commanding;
using Marketplace.Payments;
using Marketplace.Payments.Simulation;
using static Marketplace.Tests.Payments.PaymentFacts;

namespace Marketplace.Tests.Payments;

public sealed class Asking_the_provider
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(6);

    private readonly PaymentRun _run = new();

    [Fact]
    public void Authorizes_what_is_requested_once()
    {
        Request();

        Assert.Equal(["PaymentRequested", "PaymentAuthorized"], _run.Events("p1"));
        Assert.Equal(1, _run.Held);
        Assert.Equal("default/payment/p1", Assert.Single(_run.Provider.Holds()).Key);
    }

    [Fact]
    public void Is_told_that_the_card_says_no()
    {
        Request(ProviderOutcome.Decline);

        Assert.Equal(["PaymentRequested", "PaymentDeclined"], _run.Events("p1"));
        Assert.Equal((0, 0), _run.Instances());
    }

    [Fact]
    public void Is_a_timeout_after_ten_seconds_where_it_knows_of_nothing()
    {
        Request(ProviderOutcome.Timeout);
        _run.Pass(ProviderActivities.AnswerWithin - Tick);
        Assert.Equal(["PaymentRequested"], _run.Events("p1"));

        _run.Pass(Tick);

        Assert.Equal(["PaymentRequested", "PaymentDeclined"], _run.Events("p1"));
        _run.Pass(Long);
        Assert.Empty(_run.Provider.Holds());
        Assert.Equal((0, 0), _run.Instances());
    }

    [Fact]
    public void Is_done_again_under_the_same_key_after_an_error()
    {
        Request(ProviderOutcome.ErrorOnce);
        _run.Pass(TimeSpan.FromSeconds(1));

        Assert.Equal(["PaymentRequested", "PaymentAuthorized"], _run.Events("p1"));
        Assert.Single(_run.Provider.Holds());
    }

    [Fact]
    public void Gives_up_what_is_authorized_too_late()
    {
        Request(ProviderOutcome.LateApprove);
        _run.Pass(AuthorizationProcess.KnownWithin);
        Assert.Equal(["PaymentRequested", "PaymentDeclined"], _run.Events("p1"));

        _run.Pass(Long);

        Assert.Equal(["PaymentRequested", "PaymentDeclined", "PaymentVoided"], _run.Events("p1"));
        Assert.True(Assert.Single(_run.Provider.Holds()).IsReleased);
        Assert.Equal((0, 0), (_run.Held, _run.Instances().Stuck));
    }

    [Theory]
    [InlineData(ProviderOutcome.Approve)]
    [InlineData(ProviderOutcome.Decline)]
    [InlineData(ProviderOutcome.Timeout)]
    [InlineData(ProviderOutcome.LateApprove)]
    [InlineData(ProviderOutcome.ErrorOnce)]
    public void Holds_nothing_in_the_end_of_a_payment_that_was_voided(ProviderOutcome outcome)
    {
        Request(outcome);

        _run.Send(new VoidPayment("p1", "cancelled"));
        _run.Pass(Long);

        Assert.Equal(0, _run.Held);
        Assert.Equal((0, 0), _run.Instances());
    }

    [Fact]
    public void Takes_what_is_captured_and_gives_back_what_is_refunded()
    {
        Request();
        _run.Send(new CapturePayment("p1", Eur(60_00)));
        _run.Send(new CapturePayment("p1", Eur(40_00)));
        _run.Send(new RefundPayment("p1", Eur(99_99)));
        _run.Pass(Long);

        var hold = Assert.Single(_run.Provider.Holds());
        Assert.Equal((Eur(100_00), Eur(99_99)), (hold.Captured, hold.Refunded));
        Assert.Equal((0, 0), _run.Instances());
    }

    [Fact]
    public void Lets_an_authorization_expire_after_seven_days()
    {
        Request();
        _run.Send(new CapturePayment("p1", Eur(60_00)));

        _run.Jump(TimeSpan.FromDays(7));

        Assert.Equal(["PaymentRequested", "PaymentAuthorized", "PaymentProcessed", "AuthorizationExpired"], _run.Events("p1"));
        Assert.Equal("AUTHORIZATION_EXPIRED", Assert.IsType<CommandAnswer.Rejected>(_run.Send(new CapturePayment("p1", Eur(1)))).Code);
        Assert.Equal((0, 0), _run.Instances());
    }

    [Theory]
    [InlineData(ProviderOutcome.Approve)]
    [InlineData(ProviderOutcome.Timeout)]
    [InlineData(ProviderOutcome.LateApprove)]
    [InlineData(ProviderOutcome.ErrorOnce)]
    public void Comes_to_one_end_whenever_both_sides_are_started_again(ProviderOutcome outcome)
    {
        for (var seconds = 0; seconds <= 20; seconds += 4)
        {
            var run = new PaymentRun();
            run.Provider.Script("tok", outcome);
            run.Send(new RequestPayment("p1", "o1", Eur(100_00), "tok"));
            run.Pass(TimeSpan.FromSeconds(seconds));

            run.Restart();
            run.Pass(Long);

            var isAuthorized = run.Events("p1") is ["PaymentRequested", "PaymentAuthorized"];
            Assert.Equal(isAuthorized ? 1 : 0, run.Held);
            Assert.InRange(run.Provider.Holds().Length, 0, 1);
            Assert.Equal((isAuthorized ? 1 : 0, 0), run.Instances());
        }
    }

    private void Request(params ProviderOutcome[] outcomes)
    {
        _run.Provider.Script("tok", [.. outcomes]);
        Assert.IsType<CommandAnswer.Accepted>(_run.Send(new RequestPayment("p1", "o1", Eur(100_00), "tok")));
    }
}
