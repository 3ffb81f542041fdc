using Ledgerfold.Hosting;
using Ledgerfold.Model.Commanding;
using Ledgerfold.Model.Driving;
using Ledgerfold.Model.Folding;
using Ledgerfold.Model.Operating;
using Ledgerfold.Model.Querying;
using Ledgerfold.Model.Timelines;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Ledgerfold;

/// <summary>Brings Ledgerfold into an application.</summary>
public static class LedgerfoldServices
{
    /// <summary>
    /// Adds the ledger, the fold store, <see cref="Commands"/>, <see cref="FoldEngine"/>, <see cref="Projections"/>,
    /// <see cref="TimelineEngine"/>, <see cref="ProcessEngine"/> and <see cref="OperationEngine"/>, opened with the application and closed
    /// after it, and their health checks. Every <see cref="Operation"/> among the services is one that can be asked for, as those of
    /// modules are.
    /// </summary>
    public static LedgerfoldBuilder AddLedgerfold(this IServiceCollection services, Action<LedgerfoldOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.AddOptions<LedgerfoldOptions>().Configure(configure).ValidateOnStart();
        if (services.Any(static known => known.ServiceType == typeof(Stores)))
            return new LedgerfoldBuilder(services); // added before: this says more of the options, or adds modules
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<LedgerfoldOptions>, OptionsRules>());
        services.TryAddSingleton<Stores>();
        services.TryAddSingleton(static provider => provider.GetRequiredService<Stores>().OpenLedger());
        services.TryAddSingleton(static provider => provider.GetRequiredService<Stores>().OpenFolds());
        services.TryAddSingleton(Composition.Engine);
        services.TryAddSingleton(Composition.Commands);
        services.TryAddSingleton<Projections>();
        services.TryAddSingleton(Composition.Timelines);
        services.TryAddSingleton(Composition.Processes);
        services.TryAddSingleton(Composition.Operations);
        services.AddHostedService<LedgerfoldService>();
        services.AddHealthChecks()
            .AddCheck<LedgerHealthCheck>("ledgerfold-ledger", tags: ["ledgerfold"])
            .AddCheck<FoldsHealthCheck>("ledgerfold-folds", tags: ["ledgerfold"])
            .AddCheck<ProcessesHealthCheck>("ledgerfold-processes", tags: ["ledgerfold"])
            .AddCheck<OperationsHealthCheck>("ledgerfold-operations", tags: ["ledgerfold"]);
        return new LedgerfoldBuilder(services);
    }
}
