using Ledgerfold.Server.Security.Governing;

namespace Ledgerfold.Server.Security.Serving;

/// <summary>Reads who may do what before the first request comes in.</summary>
internal sealed class PolicyStart(PolicyWatch watch) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => watch.Start(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
