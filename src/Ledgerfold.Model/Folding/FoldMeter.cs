using System.Diagnostics.Metrics;
using static Ledgerfold.TelemetryNames;

namespace Ledgerfold.Model.Folding;

/// <summary>Shows whoever collects metrics how the folds of one engine do.</summary>
internal sealed class FoldMeter : IDisposable
{
    private readonly Meter _meter = new(Source);
    private readonly Glimpse<FoldStatus> _folds;

    public FoldMeter(FoldEngine engine)
    {
        _folds = new Glimpse<FoldStatus>(async () => [.. await engine.ReadStatus()], engine.Clock);
        Gauge(Metrics.FoldLagEvents, "{event}", "Positions that a fold is behind the ledger.", static fold => fold.LagEvents);
        Gauge(Metrics.FoldLagTime, "s", "Age of the oldest event that should show.", static fold => fold.Lag.TotalSeconds);
        Gauge(Metrics.FoldRate, "{event}/s", "Positions a second that a fold passes, lately.", static fold => fold.EventsPerSecond);
        Gauge(Metrics.FoldHeld, "{key}", "Keys and streams that a fold holds.", static fold => fold.Held.Length);
        Gauge(Metrics.FoldHealth, "1", "0 healthy, 1 degraded, 2 unhealthy.", static fold => (int)fold.Health);
    }

    public void Dispose() => _meter.Dispose();

    private void Gauge(string name, string unit, string description, Func<FoldStatus, double> value) =>
        _meter.CreateObservableGauge(
            name, () => _folds.Get().Select(fold => new Measurement<double>(value(fold), Telemetry.TagOf(fold.Fold))), unit, description);
}
