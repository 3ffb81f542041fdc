using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Ledgerfold.Server.Metrics;

/// <summary>
/// What the platform's meter has counted since the start, as Prometheus reads it (text format 0.0.4). The number of series is bounded: what
/// would be more is counted as dropped. Any thread.
/// </summary>
internal sealed class MeterReadings : IDisposable
{
    public const string MediaType = "text/plain; version=0.0.4; charset=utf-8";

    private const string Meter = "Ledgerfold";
    private const int SeriesMax = 5_000;

    private static readonly double[] SecondsBounds =
        [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private static readonly double[] CountBounds = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000];

    private readonly ConcurrentDictionary<(Instrument Instrument, string Labels), Series> _series = new();
    private readonly MeterListener _listener = new();
    private long _dropped;

    public MeterReadings()
    {
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name == Meter)
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Note(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Note(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Note(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>All of it.</summary>
    public string Write()
    {
        _listener.RecordObservableInstruments();
        var text = new StringBuilder();
        var groups = _series.GroupBy(static one => one.Key.Instrument);
        foreach (var group in groups.OrderBy(static group => group.Key.Name, StringComparer.Ordinal))
        {
            var (instrument, name) = (group.Key, NameOf(group.Key));
            text.Append("# HELP ").Append(name).Append(' ').AppendLine(Escaped(instrument.Description ?? instrument.Name));
            text.Append("# TYPE ").Append(name).Append(' ').AppendLine(KindOf(instrument));
            foreach (var ((_, labels), series) in group.OrderBy(static one => one.Key.Labels, StringComparer.Ordinal))
                series.Write(text, name, labels);
        }

        return text.Append("# TYPE ledgerfold_metrics_dropped_total counter\nledgerfold_metrics_dropped_total ")
            .Append(Interlocked.Read(ref _dropped)).Append('\n').ToString();
    }

    public void Dispose() => _listener.Dispose();

    private void Note(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var key = (instrument, LabelsOf(tags));
        if (!_series.TryGetValue(key, out var series))
        {
            if (_series.Count >= SeriesMax)
            {
                Interlocked.Increment(ref _dropped);
                return;
            }

            series = _series.GetOrAdd(key, static one => Series.Of(one.Instrument));
        }

        series.Note(value);
    }

    private static string NameOf(Instrument instrument)
    {
        var name = new StringBuilder(instrument.Name.Length + 16);
        foreach (var character in instrument.Name)
            name.Append(char.IsAsciiLetterOrDigit(character) ? character : '_');
        if (instrument.Unit == "s")
            name.Append("_seconds");
        if (KindOf(instrument) == "counter")
            name.Append("_total");
        return name.ToString();
    }

    private static string KindOf(Instrument instrument) => instrument switch
    {
        Histogram<long> or Histogram<int> or Histogram<double> => "histogram",
        Counter<long> or Counter<int> or Counter<double> or ObservableCounter<long> or ObservableCounter<int>
            or ObservableCounter<double> => "counter",
        _ => "gauge",
    };

    private static string LabelsOf(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.IsEmpty)
            return "";
        var labels = new StringBuilder();
        foreach (var (name, value) in tags)
        {
            if (labels.Length > 0)
                labels.Append(',');
            foreach (var character in name)
                labels.Append(char.IsAsciiLetterOrDigit(character) ? character : '_');
            var text = Escaped(Convert.ToString(value, CultureInfo.InvariantCulture) ?? "");
            labels.Append("=\"").Append(text.Replace("\"", "\\\"", StringComparison.Ordinal)).Append('"');
        }

        return labels.ToString();
    }

    private static string Escaped(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    /// <summary>One instrument under one set of labels.</summary>
    private abstract class Series
    {
        public static Series Of(Instrument instrument) => KindOf(instrument) == "histogram"
            ? new Buckets(instrument.Unit == "s" ? SecondsBounds : CountBounds)
            : new Number(adds: !instrument.IsObservable);

        public abstract void Note(double value);

        public abstract void Write(StringBuilder text, string name, string labels);

        protected static void Line(StringBuilder text, string name, string labels, double value)
        {
            text.Append(name);
            if (labels.Length > 0)
                text.Append('{').Append(labels).Append('}');
            text.Append(' ').Append(value.ToString("R", CultureInfo.InvariantCulture)).Append('\n');
        }
    }

    private sealed class Number(bool adds) : Series
    {
        private readonly Lock _gate = new();
        private double _value;

        public override void Note(double value)
        {
            lock (_gate)
                _value = adds ? _value + value : value;
        }

        public override void Write(StringBuilder text, string name, string labels)
        {
            lock (_gate)
                Line(text, name, labels, _value);
        }
    }

    private sealed class Buckets(double[] bounds) : Series
    {
        private readonly Lock _gate = new();
        private readonly long[] _counts = new long[bounds.Length + 1];
        private double _sum;

        public override void Note(double value)
        {
            var at = Array.BinarySearch(bounds, value);
            lock (_gate)
            {
                _counts[at < 0 ? ~at : at]++;
                _sum += value;
            }
        }

        public override void Write(StringBuilder text, string name, string labels)
        {
            lock (_gate)
            {
                var (front, count) = (labels.Length == 0 ? "" : labels + ",", 0L);
                for (var bound = 0; bound <= bounds.Length; bound++)
                {
                    count += _counts[bound];
                    var le = bound == bounds.Length ? "+Inf" : bounds[bound].ToString("R", CultureInfo.InvariantCulture);
                    Line(text, name + "_bucket", $"{front}le=\"{le}\"", count);
                }

                Line(text, name + "_sum", labels, _sum);
                Line(text, name + "_count", labels, count);
            }
        }
    }
}
