using System.Collections.Immutable;
using Ledgerfold.Model;
using Ledgerfold.Testing;
using Ledgerfold.Testing.Disk;
using Ledgerfold.Testing.Processing;
using Marketplace.Amounts;
using Marketplace.Checkout;
using Marketplace.Fraud;
using Marketplace.Orders;
using Marketplace.Payments;
using Marketplace.Payments.Simulation;
using Marketplace.Stock;

namespace Marketplace.Tests.Checkout;

/// <summary>One order of two teas and a cup for 50.00 EUR, and how far its checkout is at each place.</summary>
internal static class CheckoutCase
{
    public static readonly DateTimeOffset Start = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static readonly ImmutableArray<Module> Modules =
    [
        CheckoutModule.Module,
        Order.Module,
        Inventory.Module,
        PaymentsModule.With(new SimulatedProvider(new SimulatedDisk(seed: 1), new ManualClock()), new ManualClock()),
        FraudModule.With(RuleSet.Current, static () => throw new InvalidOperationException(), new ManualClock()),
    ];

    public static readonly Order.OrderValidated Validated =
        new("O1", "ada", [new(1, "tea", "V1", 2), new(2, "cup", "V2", 1)], Eur(50_00), new("tok_1", "d1", "N", null, "DE", "FR"));

    public static readonly Order.OrderCancelled Cancelled = new("O1", "changed my mind");

    public static readonly ReserveStock ReserveCup = new("cup", "V2", "O1:2", 1, 900);
    public static readonly ReserveStock ReserveTea = new("tea", "V1", "O1:1", 2, 900);
    public static readonly AssessFraud Assess = new("O1", "ada", "tok_1", Eur(50_00))
    {
        Device = "d1",
        AddressCheck = "N",
        IpCountry = "DE",
        CardCountry = "FR",
        History = FraudHistory.None,
    };

    public static readonly ConfirmOrder Confirm = new("O1", Start.AddMinutes(10));
    public static readonly RequestPayment Request = new("O1", "O1", Eur(50_00), "tok_1");
    public static readonly Payment.PaymentAuthorized Authorized = new("O1", "O1", Eur(50_00), "A1", Start, Start.AddDays(7));

    public static readonly ProcessScenario Begun = new ProcessScenario(CheckoutProcess.Process, Modules).Given(Validated);
    public static readonly ProcessScenario Reserved = Begun.Given(Told.Done("reserve", of: "2"), Told.Done("reserve", of: "1"));
    public static readonly ProcessScenario Assessing = Reserved.Given(Told.Done("lookBack", FraudHistory.None));
    public static readonly ProcessScenario Passed = Assessing.Given(Assessed(Verdict.Pass), Told.Done("assess"));
    public static readonly ProcessScenario Paying = Passed.Given(Told.Done("pay"));
    public static readonly ProcessScenario Confirming = Paying.Given(Authorized);
    public static readonly ProcessScenario Selling = Confirming.Given(Told.Done("confirm"));
    public static readonly ProcessScenario Sold = Selling.Given(Told.Done("commit", of: "1"), Told.Done("commit", of: "2"));
    public static readonly ProcessScenario Reviewing = Assessing.Given(
        Assessed(Verdict.Review), Told.Done("assess"), Told.Done("hold"), Told.Done("extend", of: "1"), Told.Done("extend", of: "2"));

    public static FraudCheck.FraudAssessed Assessed(Verdict verdict) =>
        new("O1", "ada", "tok_1", "d1", Eur(50_00), 50, [], 1, verdict, verdict is Verdict.Review ? Start.AddHours(48) : null);

    public static FraudCheck.FraudReviewResolved Resolved(Resolution resolution) => new("O1", "ada", Eur(50_00), resolution, "eve", null);

    public static ReleaseReservation Release(string sku, string vendor, string id) => new(sku, vendor, id);

    public static Money Eur(long minor) => new(minor, "EUR");
}
