using Ledgerfold.Model.Commanding;
using Ledgerfold.Testing;
using Marketplace.Vendors;

namespace Marketplace.Tests.Vendors;

public sealed class Onboarding_a_vendor
{
    private static readonly Scenario Vendors = new(Vendor.Module);

    private static readonly Scenario Onboarded = Vendors.Given(new Vendor.VendorOnboarded("V1", "Ada", "EU", 12.5m), new Vendor.CommissionPlanActivated("V1", 12.5m));

    [Fact]
    public void Activates_its_commission_plan() => Vendors
        .When(new OnboardVendor("V1", "Ada", "EU", 12.5m))
        .Then(new Vendor.VendorOnboarded("V1", "Ada", "EU", 12.5m), new Vendor.CommissionPlanActivated("V1", 12.5m));

    [Fact]
    public void Happens_once() => Onboarded.When(new OnboardVendor("V1", "Eve", "EU", 1m)).ThenRejected("VENDOR_EXISTS", "vendorId");

    [Fact]
    public void Comes_before_suspending_it()
    {
        Vendors.When(new SuspendVendor("V1", "fraud")).ThenRejected("VENDOR_NOT_FOUND", "vendorId");
        Onboarded.When(new SuspendVendor("V1", "fraud")).Then(new Vendor.VendorSuspended("V1", "fraud"));
        Onboarded.Given(new Vendor.VendorSuspended("V1", "fraud")).When(new SuspendVendor("V1", "again")).Then();
    }

    [Fact]
    public void Keeps_a_state_that_bears_being_kept() => SnapshotCheck.Holds(
        Vendor.Decider,
        new Vendor.VendorOnboarded("V1", "Ada", "EU", 12.5m),
        new Vendor.CommissionPlanActivated("V1", 12.5m),
        new Vendor.VendorSuspended("V1", "fraud"));

    [Theory]
    [InlineData("", "Ada", "EU", "12.5", "vendorId")]
    [InlineData("V:1", "Ada", "EU", "12.5", "vendorId")]
    [InlineData("V/1", "Ada", "EU", "12.5", "vendorId")]
    [InlineData("Vé", "Ada", "EU", "12.5", "vendorId")]
    [InlineData("V1", "  ", "EU", "12.5", "name")]
    [InlineData("V1", "A\nda", "EU", "12.5", "name")]
    [InlineData("V1", "\uD800", "EU", "12.5", "name")]
    [InlineData("V1", "Ada", "", "12.5", "region")]
    [InlineData("V1", "Ada", "EU", "100.01", "commissionPercent")]
    [InlineData("V1", "Ada", "EU", "-0.01", "commissionPercent")]
    [InlineData("V1", "Ada", "EU", "1.001", "commissionPercent")]
    public Task Names_the_member_that_is_at_fault(string vendorId, string name, string region, string percent, string field) =>
        Refusal.IsFor(field, Vendor.Module, new OnboardVendor(vendorId, name, region, decimal.Parse(percent)));

    [Theory]
    [InlineData("0")]
    [InlineData("100")]
    [InlineData("12.50")]
    public async Task Takes_a_percentage_from_0_to_100(string percent)
    {
        await using var ledger = new InMemoryLedger();
        await using var commands = new Commands(Vendor.Module, ledger);

        var answer = await commands.Send(new OnboardVendor(new string('v', 64), "Ada", "EU", decimal.Parse(percent)), cancel: TestContext.Current.CancellationToken);

        Assert.IsType<CommandAnswer.Accepted>(answer);
    }
}
