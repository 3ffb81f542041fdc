using System.Diagnostics.Metrics;
using Ledgerfold.Server.Metrics;

namespace Ledgerfold.Server.Tests.Telling;

[Collection<Alone>]
public sealed class Taking_measurements : IDisposable
{
    private static int _meters;

    private readonly string _name = $"ledgerfold.test.{(char)('a' + _meters++)}";
    private readonly Meter _meter = new("Ledgerfold");
    private readonly MeterReadings _readings = new();

    public void Dispose()
    {
        _readings.Dispose();
        _meter.Dispose();
    }

    [Fact]
    public void Allocates_nothing_for_a_series_that_is_there()
    {
        var counter = _meter.CreateCounter<long>(_name);
        var histogram = _meter.CreateHistogram<double>(_name + ".took", "s");
        var kind = new KeyValuePair<string, object?>("kind", "one");
        Measure();

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var n = 0; n < 1_000; n++)
            Measure();

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100); // not one byte each
        Assert.Contains($"{Prometheus}_total{{kind=\"one\"}} 1001\n", _readings.Write(), StringComparison.Ordinal);

        void Measure()
        {
            counter.Add(1, kind);
            histogram.Record(0.002, kind, new KeyValuePair<string, object?>("answer", "yes"));
        }
    }

    [Fact]
    public void Puts_a_value_into_the_first_bucket_that_holds_it()
    {
        var histogram = _meter.CreateHistogram(_name, "s", null, tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.5, 1] });
        foreach (var value in new[] { 0.5, 0.6, 1, 7 })
            histogram.Record(value);

        var written = Lines(Prometheus + "_seconds");

        Assert.Equal(
            [$"{Prometheus}_seconds_bucket{{le=\"0.5\"}} 1", $"{Prometheus}_seconds_bucket{{le=\"1\"}} 3", $"{Prometheus}_seconds_bucket{{le=\"+Inf\"}} 4",
                $"{Prometheus}_seconds_sum 9.1", $"{Prometheus}_seconds_count 4"],
            written);
    }

    [Fact]
    public void Forgets_what_is_not_shown_any_more()
    {
        var shown = new List<Measurement<int>> { new(3, new KeyValuePair<string, object?>("of", "a")), new(4, new KeyValuePair<string, object?>("of", "b")) };
        _meter.CreateObservableGauge(_name, () => shown);
        Assert.Equal([$"{Prometheus}{{of=\"a\"}} 3", $"{Prometheus}{{of=\"b\"}} 4"], Lines(Prometheus));

        shown.RemoveAt(0);

        Assert.Equal([$"{Prometheus}{{of=\"b\"}} 4"], Lines(Prometheus));
    }

    [Fact]
    public void Counts_what_has_no_room()
    {
        var counter = _meter.CreateCounter<long>(_name);
        for (var n = 0; n < 5_010; n++)
            counter.Add(1, new KeyValuePair<string, object?>("n", n));

        Assert.InRange(Lines(Prometheus + "_total").Length, 1, 5_000);
        Assert.NotEqual("ledgerfold_metrics_dropped_total 0", _readings.Write().TrimEnd('\n').Split('\n')[^1]);
    }

    private string Prometheus => _name.Replace('.', '_');

    private string[] Lines(string name) => [.. _readings.Write().Split('\n')
        .Where(line => line.StartsWith(name + "_", StringComparison.Ordinal) || line.StartsWith(name + "{", StringComparison.Ordinal)
            || line.StartsWith(name + " ", StringComparison.Ordinal))];
}
