using Ledgerfold.Model;
using Ledgerfold.Model.Commanding;
using Ledgerfold.Model.Driving;
using Ledgerfold.Model.Folding;
using Ledgerfold.Model.Operating;
using Ledgerfold.Model.Rebuilding;
using Ledgerfold.Model.Timelines;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Ledgerfold.Hosting;

/// <summary>How the parts are put together.</summary>
internal static class Composition
{
    public static FoldEngine Engine(IServiceProvider services) => new(
        services.GetRequiredService<ILedger>(),
        services.GetRequiredService<IFoldStore>(),
        services.GetServices<Module>(),
        services.GetRequiredService<IOptions<LedgerfoldOptions>>().Value.Folds);

    public static Commands Commands(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<LedgerfoldOptions>>().Value;
        var engine = services.GetRequiredService<FoldEngine>();
        return new Commands(services.GetServices<Module>(), services.GetRequiredService<ILedger>(), options.Commands with
        {
            Folds = options.Commands.Folds ?? services.GetRequiredService<IFoldStore>(),
            Middleware = options.Commands.Middleware.Add(WaitForInline(engine, options.InlineWithin)),
        });
    }

    public static TimelineEngine Timelines(IServiceProvider services) => new(
        services.GetRequiredService<ILedger>(),
        services.GetServices<Module>(),
        services.GetRequiredService<IOptions<LedgerfoldOptions>>().Value.Timelines);

    public static ProcessEngine Processes(IServiceProvider services) => new(
        services.GetRequiredService<ILedger>(),
        services.GetRequiredService<IFoldStore>(),
        services.GetServices<Module>(),
        services.GetRequiredService<Commands>(),
        services.GetRequiredService<IOptions<LedgerfoldOptions>>().Value.Processes);

    public static OperationEngine Operations(IServiceProvider services) => new(
        services.GetRequiredService<ILedger>(),
        [
            .. services.GetServices<Module>().SelectMany(static module => module.Operations),
            .. services.GetServices<Operation>(),
            .. FoldOperations.Of(services.GetRequiredService<FoldEngine>()),
        ],
        services.GetRequiredService<IOptions<LedgerfoldOptions>>().Value.Operations);

    /// <summary>Holds back the answer until inline projections show what was done; done it is either way.</summary>
    private static CommandMiddleware WaitForInline(FoldEngine engine, TimeSpan within) => async (context, next, cancel) =>
    {
        var answer = await next(context, cancel);
        if (answer is CommandAnswer.Accepted { Token: > 0 } accepted)
            await engine.WaitForInline(accepted.Token, within, CancellationToken.None);
        return answer;
    };
}
