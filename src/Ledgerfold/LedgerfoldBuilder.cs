using Ledgerfold.Model;
using Microsoft.Extensions.DependencyInjection;

namespace Ledgerfold;

/// <summary>Says what an application's ledger is used for.</summary>
public sealed class LedgerfoldBuilder
{
    internal LedgerfoldBuilder(IServiceCollection services) => Services = services;

    /// <summary>The services of the application.</summary>
    public IServiceCollection Services { get; }

    /// <summary>Adds a module: its commands can be sent, its projections are kept, its processes run.</summary>
    public LedgerfoldBuilder AddModule(Module module)
    {
        ArgumentNullException.ThrowIfNull(module);
        Services.AddSingleton(module);
        return this;
    }

    /// <summary>Adds a module that needs services of the application, such as the clients that its activities call.</summary>
    public LedgerfoldBuilder AddModule(Func<IServiceProvider, Module> module)
    {
        ArgumentNullException.ThrowIfNull(module);
        Services.AddSingleton(module);
        return this;
    }
}
