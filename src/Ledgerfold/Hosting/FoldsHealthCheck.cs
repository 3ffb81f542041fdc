using Ledgerfold.Model.Folding;
using Ledgerfold.Storage;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Ledgerfold.Hosting;

/// <summary>As ill as the worst of the folds: red for one that stands still but should not, yellow where something is held.</summary>
internal sealed class FoldsHealthCheck(FoldEngine engine, IFoldStore store) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (store is EmbeddedFoldStore { Health.Trouble: { } trouble })
            return HealthCheckResult.Unhealthy($"{trouble.Code}: {trouble.Reason}");
        var worst = FoldHealth.Healthy;
        var facts = new Dictionary<string, object>(StringComparer.Ordinal);
        var reasons = new List<string>();
        foreach (var fold in await engine.ReadStatus(cancellationToken))
        {
            facts[$"{fold.Fold} position"] = fold.Position;
            facts[$"{fold.Fold} lag"] = fold.Lag;
            worst = (FoldHealth)Math.Max((int)worst, (int)fold.Health);
            if (fold.Reason is { } reason)
                reasons.Add($"{fold.Fold}: {reason}");
        }

        var said = reasons.Count == 0 ? null : string.Join("; ", reasons);
        return worst switch
        {
            FoldHealth.Unhealthy => HealthCheckResult.Unhealthy(said, data: facts),
            FoldHealth.Degraded => HealthCheckResult.Degraded(said, data: facts),
            _ => HealthCheckResult.Healthy(said, facts),
        };
    }
}
