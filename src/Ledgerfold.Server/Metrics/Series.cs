using System.Globalization;
using System.Text;

namespace Ledgerfold.Server.Metrics;

/// <summary>One instrument under one set of labels. Any thread.</summary>
internal abstract class Series
{
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

/// <summary>A number: what was counted, or what was seen last.</summary>
internal sealed class NumberSeries(bool adds) : Series
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

/// <summary>How often a value was at most each of some bounds.</summary>
internal sealed class BucketSeries(double[] bounds) : Series
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
