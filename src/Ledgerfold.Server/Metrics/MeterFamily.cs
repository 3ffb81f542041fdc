using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Ledgerfold.Server.Metrics;

using Labels = ReadOnlySpan<KeyValuePair<string, object?>>;

/// <summary>All series of one name. Any thread takes measurements, one at a time writes.</summary>
internal sealed class MeterFamily
{
    private readonly string _kind;
    private readonly string _help;
    private readonly double[]? _bounds; // of a histogram
    private readonly bool _isObserved;
    private readonly SeriesBudget _budget;
    private readonly ConcurrentDictionary<KeyValuePair<string, object?>[], Series> _series = new(LabelComparer.Instance);
    private readonly ConcurrentDictionary<KeyValuePair<string, object?>[], Series>.AlternateLookup<Labels> _byLabels;

    public MeterFamily(Instrument instrument, SeriesBudget budget)
    {
        _kind = KindOf(instrument);
        _bounds = BoundsOf(instrument);
        _isObserved = instrument.IsObservable;
        _budget = budget;
        _byLabels = _series.GetAlternateLookup<Labels>();
        Name = NameOf(instrument, _kind);
        _help = Escaped(instrument.Description ?? instrument.Name);
    }

    public string Name { get; }

    public void Note(double value, Labels labels)
    {
        if (!_byLabels.TryGetValue(labels, out var series))
        {
            if (!_budget.TryTake())
                return;
            var added = New();
            series = _series.GetOrAdd(labels.ToArray(), added);
            if (series != added)
                _budget.Return(1);
        }

        series.Note(value);
    }

    /// <summary>Forgets what was seen: what is looked at anew each time may be gone.</summary>
    public void BeginLooking()
    {
        if (!_isObserved)
            return;
        _budget.Return(_series.Count);
        _series.Clear();
    }

    public void Write(StringBuilder text)
    {
        if (_series.IsEmpty)
            return;
        text.Append("# HELP ").Append(Name).Append(' ').Append(_help).Append('\n');
        text.Append("# TYPE ").Append(Name).Append(' ').Append(_kind).Append('\n');
        var series = _series.Select(static one => (Labels: TextOf(one.Key), one.Value));
        foreach (var (labels, one) in series.OrderBy(static one => one.Labels, StringComparer.Ordinal))
            one.Write(text, Name, labels);
    }

    private Series New() => _bounds is { } bounds ? new BucketSeries(bounds) : new NumberSeries(adds: !_isObserved);

    private static string NameOf(Instrument instrument, string kind)
    {
        var name = new StringBuilder(instrument.Name.Length + 16);
        foreach (var character in instrument.Name)
            name.Append(char.IsAsciiLetterOrDigit(character) ? character : '_');
        if (instrument.Unit == "s")
            name.Append("_seconds");
        if (kind == "counter")
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

    private static double[]? BoundsOf(Instrument instrument) => instrument switch
    {
        Histogram<double> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds],
        Histogram<int> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds.Select(static bound => (double)bound)],
        Histogram<double> => [.. TelemetryNames.SecondsBuckets],
        Histogram<int> or Histogram<long> => [.. TelemetryNames.CountBuckets.Select(static bound => (double)bound)],
        _ => null,
    };

    private static string TextOf(Labels labels)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in labels)
        {
            if (text.Length > 0)
                text.Append(',');
            foreach (var character in name)
                text.Append(char.IsAsciiLetterOrDigit(character) ? character : '_');
            var escaped = Escaped(Convert.ToString(value, CultureInfo.InvariantCulture) ?? "");
            text.Append("=\"").Append(escaped.Replace("\"", "\\\"", StringComparison.Ordinal)).Append('"');
        }

        return text.ToString();
    }

    private static string Escaped(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    /// <summary>Compares labels where they stand, so that a series is found without a copy of them.</summary>
    private sealed class LabelComparer
        : IEqualityComparer<KeyValuePair<string, object?>[]>, IAlternateEqualityComparer<Labels, KeyValuePair<string, object?>[]>
    {
        public static LabelComparer Instance { get; } = new();

        public bool Equals(KeyValuePair<string, object?>[]? x, KeyValuePair<string, object?>[]? y) => Equals(x.AsSpan(), y ?? []);

        public bool Equals(Labels alternate, KeyValuePair<string, object?>[] other)
        {
            if (alternate.Length != other.Length)
                return false;
            for (var l = 0; l < other.Length; l++)
            {
                if (alternate[l].Key != other[l].Key || !Equals(alternate[l].Value, other[l].Value))
                    return false;
            }

            return true;
        }

        public int GetHashCode(KeyValuePair<string, object?>[] labels) => GetHashCode(labels.AsSpan());

        public int GetHashCode(Labels alternate)
        {
            var hash = default(HashCode);
            foreach (var (_, value) in alternate)
                hash.Add(value);
            return hash.ToHashCode();
        }

        public KeyValuePair<string, object?>[] Create(Labels alternate) => alternate.ToArray();
    }
}
