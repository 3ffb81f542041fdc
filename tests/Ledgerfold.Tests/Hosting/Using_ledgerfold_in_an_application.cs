using Ledgerfold.Model.Operating;
using Ledgerfold.Storage;
using Ledgerfold.Testing;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Ledgerfold.Tests.Hosting;

public sealed class Using_ledgerfold_in_an_application : IDisposable
{
    private readonly string _directory = Path.Combine(AppContext.BaseDirectory, "data", Guid.NewGuid().ToString("N"));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        if (Directory.Exists(_directory))
            Directory.Delete(_directory, recursive: true);
    }

    private IHost Build(Action<LedgerfoldOptions>? configure = null, params Module[] modules)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.ClearProviders();
        var ledgerfold = builder.Services.AddLedgerfold(configure ?? (options => options.Directory = _directory));
        foreach (var module in modules is [] ? [Shop.Module] : modules)
            ledgerfold.AddModule(module);
        return builder.Build();
    }

    [Fact]
    public async Task Takes_commands_and_shows_what_they_did()
    {
        using var host = Build();
        await host.StartAsync(Cancel);
        var commands = host.Services.GetRequiredService<Commands>();
        var projections = host.Services.GetRequiredService<Projections>();

        var answer = await commands.Send(new CreateOrder("42", "C1", 30m), cancel: Cancel);

        Assert.Equal(1, Assert.IsType<CommandAnswer.Accepted>(answer).Token);
        var page = await projections.Of(Shop.Summaries).Read(new RowQuery<OrderSummary> { Index = "customer", Value = "C1" }, cancel: Cancel);
        Assert.Equal([new Row<OrderSummary>("order-42", new OrderSummary("C1", 30m))], page.OrThrow().Rows);
        await host.StopAsync(Cancel);
    }

    [Fact]
    public async Task Knows_everything_after_a_restart()
    {
        var origin = new CommandOrigin { Id = Guid.AllBitsSet };
        foreach (var repeated in new[] { false, true })
        {
            using var host = Build();
            await host.StartAsync(Cancel);
            var answer = await host.Services.GetRequiredService<Commands>().Send(new CreateOrder("42", "C1", 30m), origin, Cancel);
            Assert.Equal(repeated, Assert.IsType<CommandAnswer.Accepted>(answer).Repeated);
            await host.StopAsync(Cancel);
        }
    }

    [Fact]
    public async Task Can_still_append_while_it_stops()
    {
        using var host = Build();
        await host.StartAsync(Cancel);
        await host.StopAsync(Cancel);

        var answer = await host.Services.GetRequiredService<Commands>().Send(new CreateOrder("42", "C1", 30m), cancel: Cancel);

        Assert.IsType<CommandAnswer.Accepted>(answer);
    }

    [Fact]
    public async Task Computes_a_damaged_fold_store_again()
    {
        using (var host = Build())
        {
            await host.StartAsync(Cancel);
            await host.Services.GetRequiredService<Commands>().Send(new CreateOrder("42", "C1", 30m), cancel: Cancel);
            await host.StopAsync(Cancel);
        }

        foreach (var file in Directory.GetFiles(Path.Combine(_directory, "folds")))
            await File.WriteAllBytesAsync(file, new byte[5_000], Cancel);
        using var again = Build();
        await again.StartAsync(Cancel);

        var row = await again.Services.GetRequiredService<Projections>().Of(Shop.Summaries)
            .Get("order-42", consistency: Consistency.Latest(TimeSpan.FromSeconds(20)), cancel: Cancel);
        Assert.Equal(new OrderSummary("C1", 30m), row.OrThrow());
        await again.StopAsync(Cancel);
    }

    [Fact]
    public async Task Is_healthy_until_the_ledger_takes_no_more()
    {
        using var host = Build();
        await host.StartAsync(Cancel);
        var health = host.Services.GetRequiredService<HealthCheckService>();
        await host.Services.GetRequiredService<Commands>().Send(new CreateOrder("42", "C1", 30m), cancel: Cancel);

        var report = await health.CheckHealthAsync(Cancel);
        Assert.Equal(HealthStatus.Healthy, report.Status);
        Assert.Equal(["ledgerfold-folds", "ledgerfold-ledger", "ledgerfold-operations", "ledgerfold-processes"], report.Entries.Keys.Order());
        Assert.Equal(1L, report.Entries["ledgerfold-ledger"].Data["head"]);
        Assert.Equal(1L, report.Entries["ledgerfold-folds"].Data["order-summaries@1 position"]);

        await host.Services.GetRequiredService<ILedger>().DisposeAsync();
        Assert.Equal(HealthStatus.Unhealthy, (await health.CheckHealthAsync(Cancel)).Entries["ledgerfold-ledger"].Status);
        await host.StopAsync(Cancel);
    }

    [Fact]
    public async Task Does_not_start_on_options_that_make_no_sense()
    {
        using var host = Build(options =>
        {
            options.InlineWithin = TimeSpan.Zero;
            options.Commands = new CommandsOptions { TriesMax = 0 };
            options.Processes = new ProcessOptions { CommandParallelism = 0 };
            options.Operations = new OperationOptions { OpenMax = 0 };
        });

        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Cancel));

        Assert.Equal(["Directory", "InlineWithin", "Commands", "Processes", "Operations"], refused.Failures.Select(failure => failure.Split(':')[0]));
    }

    [Fact]
    public async Task Can_be_added_in_several_places()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddLedgerfold(options => options.Directory = _directory).AddModule(Shop.Module);
        builder.Services.AddLedgerfold(options => options.Commands = options.Commands with { TriesMax = 3 }).AddModule(new Module("empty"));
        using var host = builder.Build();
        await host.StartAsync(Cancel);

        Assert.Equal(4, (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Cancel)).Entries.Count);
        await host.StopAsync(Cancel);
    }

    [Fact]
    public async Task Does_not_start_with_modules_that_do_not_fit_together()
    {
        using var host = Build(null, Shop.Module, Shop.Module);

        await Assert.ThrowsAsync<ArgumentException>(() => host.StartAsync(Cancel));
    }

    [Fact]
    public async Task Does_not_start_without_a_ledger_where_none_may_be_created()
    {
        using var host = Build(options =>
        {
            options.Directory = _directory;
            options.CreateMissing = false;
        });

        await Assert.ThrowsAsync<LedgerUnavailableException>(() => host.StartAsync(Cancel));
        Assert.False(Directory.Exists(_directory));
    }

    [Fact]
    public async Task Does_not_start_twice_on_one_directory()
    {
        using var first = Build();
        await first.StartAsync(Cancel);
        using var second = Build();

        await Assert.ThrowsAsync<LedgerUnavailableException>(() => second.StartAsync(Cancel));
        await first.StopAsync(Cancel);
    }

    [Fact]
    public async Task Runs_on_another_ledger_and_fold_store()
    {
        using var host = Build(options =>
        {
            options.OpenLedger = static _ => new InMemoryLedger();
            options.OpenFolds = static _ => new InMemoryFoldStore();
        });
        await host.StartAsync(Cancel);

        var answer = await host.Services.GetRequiredService<Commands>().Send(new CreateOrder("42", "C1", 30m), cancel: Cancel);

        Assert.IsType<CommandAnswer.Accepted>(answer);
        Assert.Equal(HealthStatus.Healthy, (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Cancel)).Status);
        await host.StopAsync(Cancel);
    }
}
