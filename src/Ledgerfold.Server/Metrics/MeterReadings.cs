using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;

namespace Ledgerfold.Server.Metrics;

/// <summary>
/// What the platform's meters have counted since the start, as Prometheus reads it (text format 0.0.4). The number of series is bounded:
/// what would be more is counted as dropped. Taking a measurement of a series that there is already allocates nothing. Any thread.
/// </summary>
internal sealed class MeterReadings : IDisposable
{
    public const string MediaType = "text/plain; version=0.0.4; charset=utf-8";

    private const int SeriesMax = 5_000;

    private readonly ConcurrentDictionary<string, MeterFamily> _families = new(StringComparer.Ordinal);
    private readonly SeriesBudget _budget = new(SeriesMax);
    private readonly MeterListener _listener = new();
    private readonly Lock _writing = new();

    public MeterReadings()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == TelemetryNames.Source)
                listener.EnableMeasurementEvents(instrument, FamilyOf(instrument));
        };
        _listener.SetMeasurementEventCallback<long>(static (_, value, tags, family) => ((MeterFamily)family!).Note(value, tags));
        _listener.SetMeasurementEventCallback<int>(static (_, value, tags, family) => ((MeterFamily)family!).Note(value, tags));
        _listener.SetMeasurementEventCallback<double>(static (_, value, tags, family) => ((MeterFamily)family!).Note(value, tags));
        _listener.Start();
    }

    /// <summary>All of it.</summary>
    public string Write()
    {
        var text = new StringBuilder();
        lock (_writing)
        {
            foreach (var family in _families.Values)
                family.BeginLooking();
            _listener.RecordObservableInstruments();
            foreach (var family in _families.Values.OrderBy(static family => family.Name, StringComparer.Ordinal))
                family.Write(text);
        }

        return text.Append("# TYPE ledgerfold_metrics_dropped_total counter\nledgerfold_metrics_dropped_total ")
            .Append(_budget.Dropped).Append('\n').ToString();
    }

    public void Dispose() => _listener.Dispose();

    /// <summary>One for all instruments of a name: there is one for each engine of its kind.</summary>
    private MeterFamily FamilyOf(Instrument instrument) =>
        _families.GetOrAdd(instrument.Name, static (_, to) => new MeterFamily(to.instrument, to._budget), (instrument, _budget));
}
