using System.Diagnostics.Metrics;
using static Ledgerfold.TelemetryNames;

namespace Ledgerfold.Http;

/// <summary>What is counted of calls, under <see cref="TelemetryNames"/>.</summary>
internal static class Telemetry
{
    private static readonly Meter Meter = new(Source);

    public static readonly Counter<long> Refusals = Meter.CreateCounter<long>(
        Metrics.Refusals, "{call}", "Calls that were turned down, by code.");

    public static readonly Counter<long> Replays = Meter.CreateCounter<long>(
        Metrics.Replays, "{call}", "Calls with an idempotency key that had been answered before, and were answered the same.");
}
