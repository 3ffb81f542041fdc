using System.Diagnostics.Metrics;

namespace Ledgerfold.Model.Folding;

/// <summary>
/// Shows whoever collects metrics how the folds of one engine do. A collector cannot wait, and asking a ledger may take time: so it is
/// shown what was seen last, and its asking, at most once a second, has the engine look anew, which mostly is done at once.
/// </summary>
internal sealed class FoldMeter : IDisposable
{
    private const long Never = -1;
    private static readonly TimeSpan OldAfter = TimeSpan.FromSeconds(1);

    private readonly FoldEngine _engine;
    private readonly Meter _meter = new(Telemetry.Name);
    private FoldStatus[] _seen = [];
    private long _seenAt = Never; // of the clock's timestamp
    private int _isLooking;

    public FoldMeter(FoldEngine engine)
    {
        _engine = engine;
        Gauge("ledgerfold.fold.lag.events", "{event}", "Positions that a fold is behind the ledger.", static fold => fold.LagEvents);
        Gauge("ledgerfold.fold.lag.time", "s", "Age of the oldest event that should show.", static fold => fold.Lag.TotalSeconds);
        Gauge("ledgerfold.fold.rate", "{event}/s", "Positions a second that a fold passes, lately.", static fold => fold.EventsPerSecond);
        Gauge("ledgerfold.fold.held", "{key}", "Keys and streams that a fold holds.", static fold => fold.Held.Length);
        Gauge("ledgerfold.fold.health", "1", "0 healthy, 1 degraded, 2 unhealthy.", static fold => (int)fold.Health);
    }

    public void Dispose() => _meter.Dispose();

    private void Gauge(string name, string unit, string description, Func<FoldStatus, double> value) =>
        _meter.CreateObservableGauge(name, () => Measure(value), unit, description);

    private Measurement<double>[] Measure(Func<FoldStatus, double> value)
    {
        Look();
        return [.. Volatile.Read(ref _seen).Select(fold => new Measurement<double>(value(fold), Telemetry.TagOf(fold.Fold)))];
    }

    private void Look()
    {
        var seenAt = Interlocked.Read(ref _seenAt);
        if (seenAt != Never && _engine.Clock.GetElapsedTime(seenAt) < OldAfter)
            return;
        if (Interlocked.Exchange(ref _isLooking, 1) == 0)
            _ = Refresh();
    }

    private async Task Refresh()
    {
        try
        {
            Volatile.Write(ref _seen, [.. await _engine.ReadStatus()]);
            Interlocked.Exchange(ref _seenAt, _engine.Clock.GetTimestamp());
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            Volatile.Write(ref _seen, []); // nothing rather than what was once; why, the health check says
        }
        finally
        {
            Interlocked.Exchange(ref _isLooking, 0);
        }
    }
}
