using Ledgerfold.Model.Operating;
using Ledgerfold.Testing;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace Ledgerfold.Tests.Hosting;

public sealed class Running_operations_in_an_application
{
    private readonly InMemoryLedger _ledger = new();
    private readonly InMemoryFoldStore _folds = new();
    private readonly ManualClock _clock = new(TimeProvider.System.GetUtcNow());
    private readonly TaskCompletionSource _goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private sealed record Wait(string For);

    private sealed record Break;

    private static Operation<Break> Breaking => new("break") { Run = static (_, _) => throw new NotSupportedException("no such thing") };

    private Operation<Wait> Waiting => new("wait")
    {
        Run = async (request, context) =>
        {
            await _goOn.Task.WaitAsync(context.Cancel);
            return request.For;
        },
    };

    private IHost Build(Module module, params Operation[] services)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.ClearProviders();
        foreach (var operation in services)
            builder.Services.AddSingleton(operation);
        builder.Services.AddLedgerfold(options =>
        {
            options.OpenLedger = _ => new FaultyLedger(_ledger, leaveOpen: true);
            options.OpenFolds = _ => _folds;
            options.Operations = new OperationOptions { Clock = _clock };
        }).AddModule(module);
        return builder.Build();
    }

    [Fact]
    public async Task Goes_on_in_the_next_application_with_what_modules_and_services_bring()
    {
        Guid id;
        using (var first = Build(new Module("first").Operates(Waiting), Breaking))
        {
            await first.StartAsync(Cancel);
            var engine = first.Services.GetRequiredService<OperationEngine>();
            Assert.Equal(["break", "discard", "rebuild", "replay", "roll-back", "switch", "wait"], engine.Kinds);
            id = Assert.IsType<BeginAnswer.Begun>(await engine.Begin(new Wait("me"), new OperationOrigin("ada", "because"), Cancel)).Id;
            await first.StopAsync(Cancel);
        }

        using (var without = Build(new Module("without")))
        {
            await without.StartAsync(Cancel);
            Assert.Equal((HealthStatus.Degraded, "open, and unknown here: wait"), await Check(without));
            await without.StopAsync(Cancel);
        }

        _goOn.SetResult();
        using var second = Build(new Module("second").Operates(Waiting));
        await second.StartAsync(Cancel);
        var state = await second.Services.GetRequiredService<OperationEngine>().Wait(id, cancel: Cancel);
        Assert.Equal((OperationPhase.Completed, "me"), (state!.Phase, state.Result!.Value.GetString()));
        Assert.Equal(HealthStatus.Healthy, (await Check(second)).Status);
        await second.StopAsync(Cancel);
    }

    [Fact]
    public async Task Is_degraded_for_an_hour_after_one_failed()
    {
        using var host = Build(new Module("breaking").Operates(Breaking));
        await host.StartAsync(Cancel);
        var engine = host.Services.GetRequiredService<OperationEngine>();
        var id = Assert.IsType<BeginAnswer.Begun>(await engine.Begin(new Break(), new OperationOrigin("ada", "because"), Cancel)).Id;
        await engine.Wait(id, cancel: Cancel);

        Assert.Equal((HealthStatus.Degraded, $"break {id} failed: NotSupportedException: no such thing"), await Check(host));
        _clock.Advance(TimeSpan.FromHours(1.1));
        Assert.Equal((HealthStatus.Healthy, null), await Check(host));
        await host.StopAsync(Cancel);
    }

    private static async Task<(HealthStatus Status, string? Said)> Check(IHost host)
    {
        var report = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(static one => one.Name == "ledgerfold-operations", Cancel);
        var entry = Assert.Single(report.Entries).Value;
        return (entry.Status, entry.Description);
    }
}
