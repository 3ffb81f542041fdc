using Ledgerfold.Testing.Processing;

namespace Ledgerfold.Tests.Samples.Checkout;

public sealed class Testing_the_checkout
{
    private static readonly Module Module = AsProcess.Module(new PaymentProvider());

    // begin scenario
    private static readonly ProcessScenario Created = new ProcessScenario(AsProcess.Checkout, Module)
        .Given(new Order.OrderCreated("42", "tea", 2, 30m));

    [Fact]
    public void Pays_for_what_is_reserved() => Created
        .When(Told.Done("reserve"))
        .Then(new AuthorizePayment("42", 30m));

    [Fact]
    public void Gives_back_what_is_reserved_when_the_payment_is_declined() => Created
        .Given(Told.Done("reserve"))
        .When(Told.Failed("authorize", "PAYMENT_DECLINED")).Then(Wanted.Undo("reserve"))
        .And.When(Told.Undone("reserve")).Then(new RejectOrder("42", "authorize: PAYMENT_DECLINED"));

    [Fact]
    public void Voids_a_payment_that_is_made_after_all() => Created
        .Given(Told.Done("reserve"))
        .When(Told.Overdue("authorize")).Then(Wanted.Undo("reserve"))
        .And.Given(Told.Undone("reserve"))
        .When(Told.Done("authorize", new Authorization("A1"))).Then(Wanted.Undo("authorize"));
    // end

    [Fact]
    public void Makes_the_same_of_a_recorded_history()
    {
        var run = new CheckoutRun(Module);
        run.Send(new ReceiveStock("tea", 10));
        run.Send(new CreateOrder("42", "tea", 2, 30m));
        var ledger = run.Ledger;
        run.Do(async () =>
        {
            // begin replay
            var recording = await ProcessRecording.Read(ledger, "checkout", "42"); // keep recording.ToText() in a file beside your tests

            ProcessRecording.Parse(recording.ToText()).Replay(AsProcess.Checkout, Module).ThenSame();
            // end
        });
    }
}
