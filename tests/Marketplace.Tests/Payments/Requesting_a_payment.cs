using Ledgerfold.Model.Commanding;
using Ledgerfold.Testing;
using Marketplace.Amounts;
using Marketplace.Payments;
using static Marketplace.Tests.Payments.PaymentFacts;

namespace Marketplace.Tests.Payments;

public sealed class Requesting_a_payment : IAsyncDisposable
{
    private static readonly RequestPayment First = new("p1", "o1", Eur(100_00), "tok");
    private static readonly RequestPayment Second = First with { PaymentId = "p2" };

    private readonly InMemoryLedger _ledger = new();
    private readonly Commands _commands;

    public Requesting_a_payment() => _commands = new Commands(PaymentsModule.Books, _ledger);

    [Fact]
    public async Task Happens_once()
    {
        await Accepts(First);
        var head = (await _ledger.ReadRange(Cancel)).Head;
        await Accepts(First);

        Assert.Equal(head, (await _ledger.ReadRange(Cancel)).Head);
        await Refuses(First with { Amount = Eur(1) }, "PAYMENT_EXISTS");
        await Refuses(First with { Card = "other" }, "PAYMENT_EXISTS");
        await Refuses(First with { OrderId = "o2" }, "PAYMENT_EXISTS");
    }

    [Fact]
    public async Task Is_refused_while_another_of_the_order_is_open()
    {
        await Accepts(First);
        await Refuses(Second, "PAYMENT_OPEN");
        await Accepts(new RecordAuthorization("p1", "A1", Start));
        await Refuses(Second, "PAYMENT_OPEN");
        await Accepts(Second with { OrderId = "o2" });
    }

    [Fact]
    public async Task Is_possible_again_after_one_was_declined_or_voided()
    {
        await Accepts(First);
        await Accepts(new RecordDecline("p1", "PAYMENT_DECLINED"));
        await Accepts(Second);
        await Refuses(First with { PaymentId = "p3" }, "PAYMENT_OPEN");
        await Accepts(new VoidPayment("p2", "cancelled"));
        await Accepts(First with { PaymentId = "p3" });
    }

    [Fact]
    public async Task Is_refused_once_the_order_is_paid_and_possible_once_all_is_refunded()
    {
        await Accepts(First);
        await Accepts(new RecordAuthorization("p1", "A1", TimeProvider.System.GetUtcNow()));
        await Accepts(new CapturePayment("p1", Eur(100_00)));
        await Refuses(Second, "PAYMENT_OPEN");
        await Accepts(new RefundPayment("p1", Eur(99_99)));
        await Refuses(Second, "PAYMENT_OPEN");
        await Accepts(new RefundPayment("p1", Eur(1)));
        await Accepts(Second);
    }

    [Fact]
    public async Task Leaves_one_open_however_many_ask_at_once()
    {
        var answers = await Task.WhenAll(Enumerable.Range(1, 20).Select(number => Send(First with { PaymentId = $"p{number}" })));

        Assert.Single(answers, static answer => answer is CommandAnswer.Accepted);
        Assert.All(answers, static answer => Assert.True(answer is CommandAnswer.Accepted or CommandAnswer.Rejected { Code: "PAYMENT_OPEN" }, $"{answer}"));
    }

    [Fact]
    public async Task Names_the_member_that_breaks_a_rule()
    {
        await Refusal.IsFor("paymentId", PaymentsModule.Books, First with { PaymentId = "a b" });
        await Refusal.IsFor("orderId", PaymentsModule.Books, First with { OrderId = "" });
        await Refusal.IsFor("card", PaymentsModule.Books, First with { Card = new string('a', 65) });
        await Refusal.IsFor("amount", PaymentsModule.Books, First with { Amount = Eur(0) });
        await Refusal.IsFor("amount", PaymentsModule.Books, First with { Amount = new Money(1, "XXX") });
    }

    public async ValueTask DisposeAsync()
    {
        await _commands.DisposeAsync();
        await _ledger.DisposeAsync();
    }

    private Task<CommandAnswer> Send(object command) => _commands.Send(command, cancel: Cancel);

    private async Task Accepts(object command) => Assert.IsType<CommandAnswer.Accepted>(await Send(command));

    private async Task Refuses(object command, string code) => Assert.Equal(code, Assert.IsType<CommandAnswer.Rejected>(await Send(command)).Code);
}
