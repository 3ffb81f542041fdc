namespace Ledgerfold.Tests.Samples.Checkout;

public sealed class Delivering_an_order
{
    [Fact]
    public void Hears_of_the_delivery_by_the_carriers_number()
    {
        var run = new CheckoutRun(Deliveries.Module.Runs(Deliveries.Delivery));
        run.Send(new Deliveries.DispatchShipment("42", "T1"));

        run.Send(new Deliveries.ReportDelivery("T1"));
        run.Pass(TimeSpan.FromDays(11));

        Assert.Equal(ProcessPhase.Completed, run.Find("delivery", "42")!.Phase);
        Assert.Equal(["ShipmentDispatched", "ShipmentDelivered"], run.Read("shipment-T1"));
    }

    [Fact]
    public void Reports_a_parcel_that_does_not_come()
    {
        var run = new CheckoutRun(Deliveries.Module.Runs(Deliveries.Delivery));
        run.Send(new Deliveries.DispatchShipment("42", "T1"));

        run.Pass(TimeSpan.FromDays(9));
        Assert.Equal(["ShipmentDispatched"], run.Read("shipment-T1"));
        run.Pass(TimeSpan.FromDays(1));

        Assert.Equal(["ShipmentDispatched", "ShipmentLost"], run.Read("shipment-T1"));
    }

    [Fact]
    public void Finds_what_nobody_was_there_for_and_hands_it_in_again()
    {
        var run = new CheckoutRun(Deliveries.Module.Runs(Deliveries.Delivery));
        run.Send(new Deliveries.ReportPickup("42", "T1")); // before it was dispatched, as the ledger has it
        run.Send(new Deliveries.DispatchShipment("42", "T1"));
        var engine = run.Engine;

        run.Do(async () =>
        {
            // begin missed
            var search = new InstanceSearch { Process = "delivery", By = InstanceSearchBy.Missed };
            var missed = Assert.Single((await engine.Search(search, atLeast: (await run.Ledger.ReadRange()).Head)).Rows);
            Assert.Equal(("42", 1), (missed.Key, missed.Missed)); // no instance could take it when it came

            var name = new InstanceName("delivery", missed.Key);
            await engine.Act(name, new OperatorAction.HandIn(missed.LastMissed), reason: "the shop was faster than we", actor: "ada");
            // end
        });

        Assert.Equal(ProcessPhase.Completed, run.Find("delivery", "42")!.Phase);
        run.Pass(TimeSpan.FromSeconds(1));
        run.Do(async () => Assert.Empty(await engine.ReadTrouble()));
    }

    [Fact]
    public void Leaves_it_at_that_what_came_behind_the_end()
    {
        var run = new CheckoutRun(Deliveries.Module.Runs(Deliveries.Delivery));
        run.Send(new Deliveries.DispatchShipment("42", "T1"));
        run.Send(new Deliveries.ReportDelivery("T1"));
        run.Send(new Deliveries.ReportPickup("42", "T1")); // delivered it was already
        run.Pass(TimeSpan.FromSeconds(1));

        run.Do(async () =>
        {
            var trouble = Assert.Single(await run.Engine.ReadTrouble());
            var head = (await run.Ledger.ReadRange()).Head;
            var outcome = await run.Engine.Act(trouble.Instance, new OperatorAction.PassOver(head), reason: "both were told to say so", actor: "ada");
            Assert.IsType<AppendOutcome.Appended>(outcome);
        });
        run.Pass(TimeSpan.FromSeconds(1));

        run.Do(async () => Assert.Empty(await run.Engine.ReadTrouble()));
        run.Do(async () => Assert.IsType<AppendOutcome.Refused>(
            await run.Engine.Act(new InstanceName("delivery", "43"), new OperatorAction.PassOver(1), reason: "nothing was missed", actor: "ada")));
    }

    [Fact]
    public void Goes_on_in_a_new_version_where_that_says_how()
    {
        var run = new CheckoutRun(Deliveries.Module.Runs(Deliveries.Delivery));
        run.Send(new Deliveries.DispatchShipment("42", "T1"));
        run.Pass(TimeSpan.FromDays(9));

        run.Restart(Deliveries.Module.Runs(Deliveries.Second));
        Assert.Equal(1, run.Find("delivery", "42")!.Version); // nothing has reached it yet
        run.Pass(TimeSpan.FromDays(1));
        Assert.Equal(2, run.Find("delivery", "42")!.Version);
        run.Pass(TimeSpan.FromDays(6));

        Assert.Equal(["ShipmentDispatched", "ShipmentLost"], run.Read("shipment-T1"));
    }

    [Fact]
    public void Goes_on_in_its_old_version_while_that_is_brought()
    {
        var run = new CheckoutRun(Deliveries.Module.Runs(Deliveries.Delivery));
        run.Send(new Deliveries.DispatchShipment("42", "T1"));

        run.Restart(Deliveries.Module.Runs(Deliveries.Delivery).Runs(Deliveries.Third));
        run.Send(new Deliveries.DispatchShipment("43", "T2"));
        run.Pass(TimeSpan.FromDays(10));

        Assert.Equal((1, 3), (run.Find("delivery", "42")!.Version, run.Find("delivery", "43")!.Version));
        Assert.Equal(["ShipmentDispatched", "ShipmentLost"], run.Read("shipment-T1"));
    }
}
