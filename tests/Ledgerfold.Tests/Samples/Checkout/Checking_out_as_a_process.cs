namespace Ledgerfold.Tests.Samples.Checkout;

public sealed class Checking_out_as_a_process
{
    private readonly PaymentProvider _provider = new();
    private readonly CheckoutRun _run;

    public Checking_out_as_a_process()
    {
        _run = new CheckoutRun(AsProcess.Module(_provider));
        _run.Send(new ReceiveStock("tea", 10));
    }

    [Fact]
    public void Reserves_pays_and_confirms()
    {
        _run.Send(new CreateOrder("42", "tea", 2, 30m));

        Assert.Equal(["OrderCreated", "OrderConfirmed"], _run.Read("order-42"));
        Assert.Equal(["StockReceived", "StockReserved", "ReservationCommitted"], _run.Read("stock-tea"));
        Assert.Equal(ProcessPhase.Completed, _run.Find("checkout", "42")!.Phase);
        Assert.Equal(1, _provider.Held);
    }

    [Fact]
    public void Rejects_an_order_that_is_out_of_stock()
    {
        _run.Send(new CreateOrder("42", "tea", 11, 30m));

        Assert.Equal(["OrderCreated", "OrderRejected"], _run.Read("order-42"));
        Assert.Equal(["StockReceived"], _run.Read("stock-tea"));
        Assert.Equal((0, 0), (_provider.Held, _provider.Voided));
    }

    [Fact]
    public void Gives_back_what_was_reserved_when_the_payment_is_declined()
    {
        _provider.Declines = true;

        _run.Send(new CreateOrder("42", "tea", 2, 30m));

        Assert.Equal(["OrderCreated", "OrderRejected"], _run.Read("order-42"));
        Assert.Equal(["StockReceived", "StockReserved", "ReservationReleased"], _run.Read("stock-tea"));
        var instance = _run.Find("checkout", "42")!;
        Assert.Equal((ProcessPhase.Compensated, "authorize: PAYMENT_DECLINED"), (instance.Phase, instance.Reason));
    }

    // begin late
    [Fact]
    public void Takes_back_a_payment_that_turns_out_to_be_made_after_all()
    {
        _provider.IsSilent = true; // it does what it is asked for, and nobody hears of it
        _run.Send(new CreateOrder("42", "tea", 2, 30m));

        _run.Pass(TimeSpan.FromSeconds(10)); // the step is overdue: what is known to be done is taken back
        Assert.Equal(["StockReceived", "StockReserved", "ReservationReleased"], _run.Read("stock-tea"));
        Assert.Equal(ProcessPhase.Compensating, _run.Find("checkout", "42")!.Phase);
        Assert.Equal(1, _provider.Held);

        _provider.IsSilent = false;
        _run.Pass(TimeSpan.FromMinutes(5)); // it is asked again, says that it was done, and is told to undo it
        Assert.Equal((0, 1), (_provider.Held, _provider.Voided));
        Assert.Equal(ProcessPhase.Compensated, _run.Find("checkout", "42")!.Phase);
        Assert.Equal(["OrderCreated", "OrderRejected"], _run.Read("order-42"));
    }
    // end

    [Fact]
    public void Hears_an_answer_that_was_lost_on_the_way()
    {
        _provider.IsSilent = true;
        _run.Send(new CreateOrder("42", "tea", 2, 30m));
        _run.Pass(TimeSpan.FromSeconds(3));

        _provider.IsSilent = false;
        _run.Pass(TimeSpan.FromSeconds(1)); // in time still

        Assert.Equal(["OrderCreated", "OrderConfirmed"], _run.Read("order-42"));
        Assert.Equal(1, _provider.Held);
    }

    [Fact]
    public void Takes_everything_back_when_the_customer_cancels_in_between()
    {
        _provider.IsSilent = true;
        _run.Send(new CreateOrder("42", "tea", 2, 30m));

        _run.Send(new CancelOrder("42"));
        _provider.IsSilent = false;
        _run.Pass(TimeSpan.FromMinutes(5));

        Assert.Equal(["OrderCreated", "OrderCancelled"], _run.Read("order-42"));
        Assert.Equal(["StockReceived", "StockReserved", "ReservationReleased"], _run.Read("stock-tea"));
        Assert.Equal((0, 1), (_provider.Held, _provider.Voided));
    }

    [Fact]
    public void Can_be_looked_for_and_ended_by_an_operator()
    {
        _provider.IsSilent = true;
        _run.Send(new CreateOrder("42", "tea", 2, 30m));
        var engine = _run.Engine;

        _run.Do(async () =>
        {
            // begin search
            var page = await engine.Search(
                new InstanceSearch { Process = "checkout", By = InstanceSearchBy.Phase, Phase = ProcessPhase.Running },
                atLeast: (await _run.Ledger.ReadRange()).Head);

            var row = Assert.Single(page.Rows);
            var step = Assert.Single(row.Steps);
            Assert.Equal(("42", "authorize", "activity.authorize-payment"), (row.Key, step.Name, step.Lane));
            Assert.Equal(["too long", "authorize in time"], row.Timers.Select(timer => timer.Name));
            // end

            // begin act
            var instance = new InstanceName("checkout", "42");
            var outcome = await engine.Act(
                instance, new OperatorAction.FireTimer("too long"), reason: "the customer called, see case 4711", actor: "ada");

            Assert.IsType<AppendOutcome.Appended>(outcome); // or Refused, with what would have been right
            // end
        });

        Assert.Equal((ProcessPhase.Compensating, "too long"), (_run.Find("checkout", "42")!.Phase, _run.Find("checkout", "42")!.Reason));
    }

    [Fact]
    public void Has_a_history()
    {
        _provider.Declines = true;
        _run.Send(new CreateOrder("42", "tea", 2, 30m));
        var lines = new List<string>();
        var ledger = _run.Ledger;

        _run.Do(async () =>
        {
            // begin history
            await foreach (var entry in ProcessHistory.Read(ledger, "checkout", "42"))
                lines.Add($"{entry}"); // or entry.In, entry.Said, entry.Changes, …
            // end
        });

        Assert.Contains(lines, static line => line.EndsWith("step 3 is Failed: PAYMENT_DECLINED", StringComparison.Ordinal));
        Assert.Contains("CompensationBegun authorize: PAYMENT_DECLINED", string.Join('\n', lines));
    }
}
