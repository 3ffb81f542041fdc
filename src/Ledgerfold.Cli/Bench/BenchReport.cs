using System.Text.Json;
using System.Text.Json.Serialization;

namespace Ledgerfold.Cli.Bench;

/// <summary>Collects what was measured, writes it for people as it comes, and as JSON at the end.</summary>
internal sealed class BenchReport(TextWriter people)
{
    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly List<WorkloadResult> _results = [];
    private DeviceFigures? _device;
    private RuntimeFigures? _runtime;

    public void Begin(DeviceFigures device, RuntimeFigures runtime)
    {
        (_device, _runtime) = (device, runtime);
        people.WriteLine($"device    fdatasync of 4 KiB p50 {device.FdatasyncP50Micros:N0} µs, p99 {device.FdatasyncP99Micros:N0} µs; "
            + $"sequential write {device.WriteMBps:N0} MB/s; {runtime.FileSystem}");
        people.WriteLine($"runtime   {runtime.Runtime}, {runtime.Processors} processors, {runtime.MemoryMB:N0} MB; "
            + $"{(runtime.ServerGC ? "server" : "workstation")} GC, {runtime.GCLatencyMode}");
        people.WriteLine();
    }

    public void Add(WorkloadResult result)
    {
        _results.Add(result);
        people.WriteLine($"{result.Name,-22}{string.Join("   ", FiguresOf(result))}");
        foreach (var bar in result.Bars)
        {
            var (verdict, sign) = (bar.Pass ? "pass" : "FAIL", bar.AtLeast ? "≥" : "≤");
            people.WriteLine($"    {verdict}  {bar.Figure} {sign} {Short(bar.Limit)}: {Short(bar.Value)}");
        }
        foreach (var (name, value) in result.More)
            people.WriteLine($"          {name} {value}");
        people.WriteLine();
    }

    public string ToJson() => JsonSerializer.Serialize(new { device = _device, runtime = _runtime, workloads = _results }, Json);

    private static IEnumerable<string> FiguresOf(WorkloadResult result)
    {
        yield return $"{result.EventsPerSecond:N0} {result.Unit}/s";
        if (result.RawPerSecond is { } raw)
            yield return $"raw {raw:N0}/s";
        if (result.Ratio is { } ratio)
            yield return $"ratio {ratio:F2}" + (result.RatioSpread is { } spread ? $" ({spread.Low:F2}…{spread.High:F2})" : "");
        if (result.P50Micros is { } p50)
            yield return $"p50 {p50:N0} µs";
        if (result.P99Micros is { } p99)
            yield return $"p99 {p99:N0} µs";
        if (result.AllocatedBytesPerEvent is { } bytes)
            yield return $"{bytes:N0} B/event";
        yield return $"peak RSS {result.PeakRssMB:N0} MB";
        yield return $"busy elsewhere {result.BusyElsewhere:P0}";
    }

    private static string Short(double value) => Math.Abs(value) >= 1000 ? $"{value:N0}" : $"{value:0.##}";
}
