using Ledgerfold.Model.Commanding;
using Ledgerfold.Model.Driving;
using Ledgerfold.Model.Folding;
using Ledgerfold.Model.Operating;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Ledgerfold.Hosting;

/// <summary>
/// Opens everything before the application takes requests, and when it stops ends it in the opposite order. Ledger and fold store are
/// closed last, with the services, because others may still append while they stop.
/// </summary>
internal sealed class LedgerfoldService(IServiceProvider services) : IHostedLifecycleService
{
    private FoldEngine? _folds;
    private ProcessEngine? _processes;
    private OperationEngine? _operations;

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        services.GetRequiredService<Commands>(); // what does not fit together is refused here
        _folds = services.GetRequiredService<FoldEngine>();
        await _folds.Start(cancellationToken);
        _processes = services.GetRequiredService<ProcessEngine>();
        await _processes.Start(cancellationToken);
        _operations = services.GetRequiredService<OperationEngine>();
        await _operations.Start(cancellationToken);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        if (_operations is not null)
            await _operations.DisposeAsync();
        if (_processes is not null)
            await _processes.DisposeAsync();
        if (_folds is not null)
            await _folds.DisposeAsync();
    }
}
