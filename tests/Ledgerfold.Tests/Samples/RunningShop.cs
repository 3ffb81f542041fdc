using Ledgerfold.Testing;

namespace Ledgerfold.Tests.Samples;

/// <summary>Modules on a ledger in memory, as the samples use them.</summary>
internal sealed class RunningShop : IAsyncDisposable
{
    private RunningShop(Module[] modules, ILedger ledger, IFoldStore store, CommandsOptions? options)
    {
        (Ledger, Store) = (ledger, store);
        Engine = new FoldEngine(Ledger, Store, modules, new FoldEngineOptions { RetriesMax = 0 });
        Commands = new Commands(modules, Ledger, options);
    }

    public ILedger Ledger { get; }

    public IFoldStore Store { get; }

    public FoldEngine Engine { get; }

    public Commands Commands { get; }

    public Projections Projections => new(Engine);

    public ProjectionReader<OrderSummary> Summaries => Projections.Of(OrderSummary.Projection);

    /// <summary>Over the same ledger and the same rows, where there were some before.</summary>
    public static async Task<RunningShop> Start(RunningShop? former, params Module[] modules)
    {
        if (former is not null)
            await former.Engine.DisposeAsync();
        var shop = new RunningShop(modules, former?.Ledger ?? new InMemoryLedger(), former?.Store ?? new InMemoryFoldStore(), options: null);
        await shop.Engine.Start();
        return shop;
    }

    public static Task<RunningShop> Start(params Module[] modules) => Start(null, modules is [] ? [Shop.Module] : modules);

    /// <summary>Sends a command that is accepted, and gives its token.</summary>
    public async Task<long> Do(object command) => Assert.IsType<CommandAnswer.Accepted>(await Commands.Send(command)).Token;

    public async ValueTask DisposeAsync()
    {
        await Engine.DisposeAsync();
        await Commands.DisposeAsync();
        await Ledger.DisposeAsync();
    }
}
