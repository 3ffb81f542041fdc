using Ledgerfold.Http;
using Ledgerfold.Http.Problems;
using Ledgerfold.Model.Commanding;
using Ledgerfold.Model.Querying;
using Ledgerfold.Storage.Disk;
using Marketplace.Checkout;
using Marketplace.Fraud;
using Marketplace.Kpis;
using Marketplace.Offers;
using Marketplace.Orders;
using Marketplace.Payments;
using Marketplace.Payments.Simulation;
using Marketplace.Stock;
using Marketplace.Vendors;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Marketplace;

/// <summary>The marketplace on a server: its rooms put together, and its part of the HTTP API.</summary>
public sealed class MarketplaceSystem : ISystem
{
    /// <inheritdoc />
    public string Name => "marketplace";

    /// <inheritdoc />
    public IEnumerable<ProblemKind> Problems => MarketplaceProblems.All;

    /// <inheritdoc />
    public void Add(LedgerfoldBuilder ledgerfold)
    {
        ArgumentNullException.ThrowIfNull(ledgerfold);
        ledgerfold.Services.AddSingleton(Provider);
        ledgerfold.Services.AddSingleton<CheckoutsUnderWay>();
        ledgerfold.Services.AddHostedService(static services => services.GetRequiredService<CheckoutsUnderWay>());
        ledgerfold.Services.AddHostedService(static services => new ReservationSweep(
            services.GetRequiredService<Projections>(), services.GetRequiredService<Commands>(), Clock(services), [Tenants.Default]));
        ledgerfold
            .AddModule(Vendor.Module)
            .AddModule(Offer.Module)
            .AddModule(Inventory.Module)
            .AddModule(static services => OrderTaking.With(new StockGlance(Rows(services), Clock(services)).IsSoldOut))
            .AddModule(static services => FraudModule.With(RuleSet.Current, Rows(services), Clock(services)))
            .AddModule(static services => PaymentsModule.With(services.GetRequiredService<SimulatedProvider>(), Clock(services)))
            .AddModule(CheckoutModule.Module)
            .AddModule(OrderView.Module)
            .AddModule(Tally.Module);
    }

    /// <inheritdoc />
    public void Map(IEndpointRouteBuilder routes)
    {
        ArgumentNullException.ThrowIfNull(routes);
        VendorEndpoints.Map(routes);
        OfferEndpoints.Map(routes);
        StockEndpoints.Map(routes);
        ReservationEndpoints.Map(routes);
        OrderEndpoints.Map(routes);
        PaymentEndpoints.Map(routes);
        KpiEndpoints.Map(routes);
        if (routes.ServiceProvider.GetService<Rehearsal>() is not null)
            SimulatorEndpoints.Map(routes);
    }

    // the provider is the outside world: what it keeps stands beside the ledger, in a directory of its own
    private static SimulatedProvider Provider(IServiceProvider services)
    {
        var directory = services.GetRequiredService<IOptions<LedgerfoldOptions>>().Value.Directory!;
        return new SimulatedProvider(new LinuxDisk(Path.Combine(directory, "payment-provider")), Clock(services));
    }

    // asked for when they are used: the engine that keeps them is made of the modules
    private static Func<Projections> Rows(IServiceProvider services) => services.GetRequiredService<Projections>;

    private static TimeProvider Clock(IServiceProvider services) => services.GetRequiredService<TimeProvider>();
}
