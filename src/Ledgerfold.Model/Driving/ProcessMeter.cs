using System.Diagnostics.Metrics;
using Ledgerfold.Model.Folding;
using static Ledgerfold.TelemetryNames;

namespace Ledgerfold.Model.Driving;

/// <summary>Shows whoever collects metrics how far the processes of one engine are.</summary>
internal sealed class ProcessMeter : IDisposable
{
    private readonly Meter _meter = new(Source);
    private readonly Glimpse<ProcessStatus> _processes;

    public ProcessMeter(ProcessEngine engine, TimeProvider clock)
    {
        _processes = new Glimpse<ProcessStatus>(async () => [.. await engine.ReadStatus()], clock);
        Gauge(Metrics.ProcessLagEvents, "{event}", "Positions that a process is behind the ledger.", static one => one.LagEvents);
        Gauge(
            Metrics.ProcessLagTime, "s", "Age of the oldest event that it should have taken up.", static one => one.Lag.TotalSeconds);
    }

    public void Dispose() => _meter.Dispose();

    private void Gauge(string name, string unit, string description, Func<ProcessStatus, double> value) =>
        _meter.CreateObservableGauge(name, () => _processes.Get().Select(one => Measure(one, value)), unit, description);

    private static Measurement<double> Measure(ProcessStatus process, Func<ProcessStatus, double> value) =>
        new(value(process), new KeyValuePair<string, object?>(Attributes.Process, process.Process));
}
