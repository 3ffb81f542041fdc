using Ledgerfold.Storage;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Ledgerfold.Hosting;

/// <summary>Red while the ledger takes no writes or cannot be read, yellow while an operator should look.</summary>
internal sealed class LedgerHealthCheck(ILedger ledger) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            var range = await ledger.ReadRange(cancellationToken);
            var facts = new Dictionary<string, object>(StringComparer.Ordinal) { ["head"] = range.Head };
            return ledger is not EmbeddedLedger { Health: var health }
                ? HealthCheckResult.Healthy(data: facts)
                : health switch
                {
                    { Trouble: { } trouble } => HealthCheckResult.Unhealthy($"{trouble.Code}: {trouble.Reason}", data: facts),
                    { Warnings: [.., var warning] } => HealthCheckResult.Degraded(warning, data: facts),
                    _ => HealthCheckResult.Healthy(data: facts),
                };
        }
        catch (Exception failure) when (failure is IOException or ObjectDisposedException or LedgerDamagedException)
        {
            return HealthCheckResult.Unhealthy(failure.Message, failure);
        }
    }
}
