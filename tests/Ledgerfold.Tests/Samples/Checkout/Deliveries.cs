namespace Ledgerfold.Tests.Samples.Checkout;

/// <summary>Waits for somebody who does not know our keys, and does not wait for ever.</summary>
public static class Deliveries
{
    public sealed record DispatchShipment(string OrderId, string Tracking);
    public sealed record ReportDelivery(string Tracking);
    public sealed record ReportPickup(string OrderId, string Tracking);
    public sealed record ReportLoss(string OrderId, string Tracking);

    public abstract record Event;
    public sealed record ShipmentDispatched(string OrderId, string Tracking) : Event;
    public sealed record ShipmentDelivered(string Tracking) : Event;
    public sealed record ShipmentPickedUp(string OrderId) : Event;
    public sealed record ShipmentLost(string OrderId) : Event;

    // begin
    public sealed record Parcel(string Tracking);

    public static readonly Process<Parcel> Delivery = new Process<Parcel>("delivery")
        .Starts<ShipmentDispatched>(dispatched => dispatched.OrderId, static (dispatched, react) =>
        {
            react.Associate("tracking", dispatched.Tracking); // the carrier knows nothing of orders
            react.After("lost", TimeSpan.FromDays(10));
            return new Parcel(dispatched.Tracking);
        })
        .OnAssociated<ShipmentDelivered>("tracking", delivered => delivered.Tracking, static (parcel, _, react) =>
        {
            react.End();
            return parcel;
        })
        .On<ShipmentPickedUp>(pickedUp => pickedUp.OrderId, static (parcel, _, react) =>
        {
            react.End();
            return parcel;
        })
        .Timer("lost", static (parcel, react) =>
        {
            react.Run("report", new ReportLoss(react.Key, parcel.Tracking));
            return parcel;
        })
        .Done("report", static (parcel, _, react) =>
        {
            react.End();
            return parcel;
        });
    // end

    // begin version
    public sealed record TrackedParcel(string Tracking, int Reminders);

    public static readonly Process<TrackedParcel> Second = new Process<TrackedParcel>("delivery", version: 2)
        .Starts<ShipmentDispatched>(dispatched => dispatched.OrderId, static (dispatched, react) =>
        {
            react.Associate("tracking", dispatched.Tracking);
            react.After("lost", TimeSpan.FromDays(4));
            return new TrackedParcel(dispatched.Tracking, Reminders: 0);
        })
        .Migrates<Parcel>(from: 1, static (old, _) => new TrackedParcel(old.Tracking, Reminders: 0))
        .Timer("lost", static (parcel, react) =>
        {
            if (parcel.Reminders == 2)
                react.Run("report", new ReportLoss(react.Key, parcel.Tracking));
            else
                react.After("lost", TimeSpan.FromDays(3));
            return parcel with { Reminders = parcel.Reminders + 1 };
        })
        // end
        .OnAssociated<ShipmentDelivered>("tracking", delivered => delivered.Tracking, static (parcel, _, react) =>
        {
            react.End();
            return parcel;
        })
        .Done("report", static (parcel, _, react) =>
        {
            react.End();
            return parcel;
        });

    // begin beside
    // version 1 does not say how it goes on in this one, so its instances end by it: the module brings both
    public static readonly Process<Parcel> Third = new Process<Parcel>("delivery", version: 3)
        .Starts<ShipmentDispatched>(dispatched => dispatched.OrderId, static (dispatched, _) => new Parcel(dispatched.Tracking));
    // end

    public static readonly Decider<bool> Shipments = new("shipment", false, static (_, _) => true);

    public static Module Module { get; } = new Module("deliveries")
        .Events(EventTypes.Of<Event>())
        .Decides(Shipments, static shipments => shipments
            .On<DispatchShipment>(command => command.Tracking, static (command, _) => Decision.Of(new ShipmentDispatched(command.OrderId, command.Tracking)))
            .On<ReportDelivery>(command => command.Tracking, static (command, _) => Decision.Of(new ShipmentDelivered(command.Tracking)))
            .On<ReportPickup>(command => command.Tracking, static (command, _) => Decision.Of(new ShipmentPickedUp(command.OrderId)))
            .On<ReportLoss>(command => command.Tracking, static (command, _) => Decision.Of(new ShipmentLost(command.OrderId))));
}
