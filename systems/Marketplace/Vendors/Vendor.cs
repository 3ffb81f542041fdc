using Ledgerfold.Model.Commanding;

namespace Marketplace.Vendors;

/// <param name="CommissionPercent">What the marketplace keeps of each line: 0 to 100, exact, with at most two decimals.</param>
public sealed record OnboardVendor(string VendorId, string Name, string Region, decimal CommissionPercent);

public sealed record SuspendVendor(string VendorId, string Reason);

/// <summary>A vendor: comes aboard with a commission plan, and may be suspended. What is ordered before that goes on.</summary>
public static class Vendor
{
    public abstract record Event;

    public sealed record VendorOnboarded(string VendorId, string Name, string Region, decimal CommissionPercent) : Event;

    /// <summary>From here on this is what the marketplace keeps.</summary>
    public sealed record CommissionPlanActivated(string VendorId, decimal CommissionPercent) : Event;

    public sealed record VendorSuspended(string VendorId, string Reason) : Event;

    public enum Status
    {
        None,
        Active,
        Suspended,
    }

    public sealed record State(Status Status = Status.None, string? Name = null, string? Region = null, decimal CommissionPercent = 0);

    public static State Apply(State vendor, object fact) => fact switch
    {
        VendorOnboarded onboarded => new(Status.Active, onboarded.Name, onboarded.Region),
        CommissionPlanActivated plan => vendor with { CommissionPercent = plan.CommissionPercent },
        VendorSuspended => vendor with { Status = Status.Suspended },
        _ => vendor,
    };

    public static Decision Decide(OnboardVendor command, State vendor) => vendor.Status is Status.None
        ? Decision.Of(
            new VendorOnboarded(command.VendorId, command.Name, command.Region, command.CommissionPercent),
            new CommissionPlanActivated(command.VendorId, command.CommissionPercent))
        : Decision.Reject("VENDOR_EXISTS", "vendorId");

    public static Decision Decide(SuspendVendor command, State vendor) => vendor.Status switch
    {
        Status.Active => Decision.Of(new VendorSuspended(command.VendorId, command.Reason)),
        Status.Suspended => Decision.Nothing,
        _ => Decision.Reject("VENDOR_NOT_FOUND", "vendorId"),
    };

    public static readonly Decider<State> Decider = new("vendor", new State(), Apply);

    public static readonly Module Module = new Module("vendors")
        .Events(EventTypes.Of<Event>())
        .Decides(Decider, static vendors => vendors
            .On<OnboardVendor>(command => command.VendorId, Decide)
            .On<SuspendVendor>(command => command.VendorId, Decide))
        .Validates<OnboardVendor>(static command => Input.Id("vendorId", command.VendorId)
            ?? Input.Text("name", command.Name, 200)
            ?? Input.Text("region", command.Region, 64)
            ?? Percent("commissionPercent", command.CommissionPercent))
        .Validates<SuspendVendor>(static command => Input.Id("vendorId", command.VendorId) ?? Input.Text("reason", command.Reason, 500));

    private static CommandAnswer.Invalid? Percent(string field, decimal value) =>
        value is >= 0 and <= 100 && decimal.Round(value, 2) == value ? null : new(field, "0 to 100 with at most two decimals");
}
