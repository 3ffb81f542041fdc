using Ledgerfold.Model.Operating;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Ledgerfold.Hosting;

/// <summary>
/// Yellow while an operation is open that nobody here can do, for an hour after one failed, and while the engine pauses behind a failure;
/// never red, because nothing else waits for operations.
/// </summary>
internal sealed class OperationsHealthCheck(OperationEngine engine, IOptions<LedgerfoldOptions> options) : IHealthCheck
{
    private static readonly TimeSpan FailureTellsFor = TimeSpan.FromHours(1);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var status = await engine.ReadStatus(cancellationToken);
        var facts = new Dictionary<string, object>(StringComparer.Ordinal) { ["open"] = status.Open, ["running"] = status.Running };
        var reasons = new List<string>();
        if (status.IsPausing)
            reasons.Add($"operations are not followed: {status.LastError?.Message}");
        if (!status.Unknown.IsEmpty)
            reasons.Add($"open, and unknown here: {string.Join(", ", status.Unknown)}");
        if (status.LastFailed is { } failed && failed.EndedAt > options.Value.Operations.Clock.GetUtcNow() - FailureTellsFor)
            reasons.Add($"{failed.Kind} {failed.Id} failed: {failed.Error}");
        return reasons.Count == 0
            ? HealthCheckResult.Healthy(data: facts)
            : HealthCheckResult.Degraded(string.Join("; ", reasons), data: facts);
    }
}
