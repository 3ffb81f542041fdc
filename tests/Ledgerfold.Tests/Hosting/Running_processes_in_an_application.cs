using Ledgerfold.Testing;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace Ledgerfold.Tests.Hosting;

public sealed class Running_processes_in_an_application
{
    private readonly Mailbox _mailbox = new();
    private readonly InMemoryLedger _ledger = new();
    private readonly InMemoryFoldStore _folds = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private IHost Build()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.ClearProviders();
        void Configure(LedgerfoldOptions options)
        {
            options.OpenLedger = _ => _ledger;
            options.OpenFolds = _ => _folds;
        }

        // begin add
        builder.Services.AddSingleton(_mailbox); // a client of a mail server
        builder.Services.AddLedgerfold(Configure)
            .AddModule(Shop.Module)
            .AddModule(services => Greeting.Module(services.GetRequiredService<Mailbox>()));
        // end
        return builder.Build();
    }

    [Fact]
    public async Task Reacts_to_what_commands_did()
    {
        using var host = Build();
        await host.StartAsync(Cancel);

        await host.Services.GetRequiredService<Commands>().Send(new CreateOrder("42", "ada", 30m), cancel: Cancel);

        Assert.Equal("ada", await _mailbox.Received.Task.WaitAsync(Cancel));
        Assert.Equal(["greeting"], host.Services.GetRequiredService<ProcessEngine>().Processes);
        await host.StopAsync(Cancel);
    }

    [Fact]
    public async Task Is_degraded_while_an_instance_waits_for_somebody()
    {
        _mailbox.IsFull = true;
        using var host = Build();
        await host.StartAsync(Cancel);
        var engine = host.Services.GetRequiredService<ProcessEngine>();
        await host.Services.GetRequiredService<Commands>().Send(new CreateOrder("42", "ada", 30m), cancel: Cancel);
        var stuck = await Until(engine, static instance => instance.Stuck is not null);

        var degraded = await Check(host);
        Assert.Equal((HealthStatus.Degraded, "greeting: 1 stuck"), (degraded.Status, degraded.Description));
        Assert.Equal(1, degraded.Data["greeting stuck"]);

        var name = new InstanceName("greeting", stuck.Key);
        await engine.Act(name, new OperatorAction.SettleStep(Assert.Single(stuck.Steps).Serial), "told her on the phone", "ada", Cancel);
        await Until(engine, static instance => instance.HasEnded);
        Assert.Equal(HealthStatus.Healthy, (await Check(host)).Status);
        await host.StopAsync(Cancel);
    }

    [Fact]
    public async Task Runs_nothing_where_there_is_no_process()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.ClearProviders();
        builder.Services.AddLedgerfold(options =>
        {
            options.OpenLedger = _ => _ledger;
            options.OpenFolds = _ => _folds;
        }).AddModule(Shop.Module);
        using var host = builder.Build();
        await host.StartAsync(Cancel);
        await host.Services.GetRequiredService<Commands>().Send(new CreateOrder("42", "ada", 30m), cancel: Cancel);

        Assert.Equal(HealthStatus.Healthy, (await Check(host)).Status);
        await host.StopAsync(Cancel);
        Assert.DoesNotContain(await _folds.List(Cancel), static fold => fold.Name == "$processes");
    }

    private static async Task<HealthReportEntry> Check(IHost host) =>
        (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Cancel)).Entries["ledgerfold-processes"];

    /// <summary>The instance of the one order, once this holds and is found in the rows.</summary>
    private async Task<ProcessInstance> Until(ProcessEngine engine, Func<ProcessInstance, bool> holds)
    {
        var request = new ReadRequest { Query = EventQuery.OfCategory("$process"), Follow = true };
        await foreach (var page in _ledger.Read(request, Cancel))
        {
            if (page.Events.IsEmpty)
                continue;
            var rows = await Search(engine);
            if (rows.Rows is not [var row] || await engine.Find(new InstanceName("greeting", row.Key), Cancel) is not { } instance)
                continue;
            if (holds(instance))
            {
                await Search(engine);
                return instance;
            }

            Assert.False(instance.HasEnded, "it has ended, and it never was so");
        }

        throw new InvalidOperationException("The ledger has ended.");
    }

    private async Task<InstancePage> Search(ProcessEngine engine) =>
        await engine.Search(new InstanceSearch { Process = "greeting" }, atLeast: (await _ledger.ReadRange(Cancel)).Head, Cancel);
}
