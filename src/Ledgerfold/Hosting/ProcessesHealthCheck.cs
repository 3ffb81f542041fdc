using Ledgerfold.Model.Driving;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Ledgerfold.Hosting;

/// <summary>
/// Yellow while a process pauses behind a failure, the rows by which its lanes find what is due are not kept up, or instances need
/// somebody: they are stuck, or inputs for them were missed.
/// </summary>
internal sealed class ProcessesHealthCheck(ProcessEngine engine) : IHealthCheck
{
    private const int TroubleMax = 100;

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var facts = new Dictionary<string, object>(StringComparer.Ordinal);
        var reasons = new List<string>();
        foreach (var process in await engine.ReadStatus(cancellationToken))
        {
            facts[$"{process.Process} position"] = process.Position;
            if (process.IsPausing)
                reasons.Add($"{process.Process} pauses: {process.LastError?.Message}");
        }

        if (!engine.Processes.IsEmpty && await engine.ReadRowsStatus(cancellationToken) is { Reason: { } behind })
            reasons.Add($"the rows of instances: {behind}");
        var trouble = await engine.ReadTrouble(TroubleMax, cancellationToken);
        foreach (var ofProcess in trouble.GroupBy(static one => one.Instance.Process, StringComparer.Ordinal))
        {
            Say(ofProcess.Key, "stuck", ofProcess.Count(static one => one.Stuck is not null));
            Say(ofProcess.Key, "with missed inputs", ofProcess.Count(static one => one.Missed > 0));
        }

        return reasons.Count == 0
            ? HealthCheckResult.Healthy(data: facts)
            : HealthCheckResult.Degraded(string.Join("; ", reasons), data: facts);

        void Say(string process, string what, int count)
        {
            if (count == 0)
                return;
            facts[$"{process} {what}"] = count;
            reasons.Add($"{process}: {count}{(trouble.Length == TroubleMax ? " or more" : "")} {what}");
        }
    }
}
