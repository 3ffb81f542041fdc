using System.Globalization;

namespace Ledgerfold.Cli.Load.Running;

/// <summary>Looks at a process each second: how much memory it has, and how much processor time it has taken.</summary>
internal sealed class ProcessWatch : IAsyncDisposable
{
    private const double TicksPerSecond = 100; // USER_HZ, the same on every Linux that there is

    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    private readonly int _process;
    private readonly List<double> _memoryMB = []; // the watching task only, until it has ended
    private readonly CancellationTokenSource _end = new();
    private readonly double _cpuBefore;
    private readonly long _started = TimeProvider.System.GetTimestamp();
    private readonly Task _watching;

    public ProcessWatch(int process)
    {
        _process = process;
        _cpuBefore = CpuSecondsOf(process);
        _watching = Watch();
    }

    /// <summary>Ends it, and tells what was seen.</summary>
    public async Task<ProcessFigures> End()
    {
        var cpu = CpuSecondsOf(_process) - _cpuBefore;
        var passed = TimeProvider.System.GetElapsedTime(_started).TotalSeconds;
        await _end.CancelAsync();
        await _watching;
        return ProcessFigures.Of(_memoryMB, cpu, passed);
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _watching;
        _end.Dispose();
    }

    private async Task Watch()
    {
        using var seconds = new PeriodicTimer(Every, TimeProvider.System);
        try
        {
            do
                _memoryMB.Add(OwnMemoryMB(_process));
            while (await seconds.WaitForNextTickAsync(_end.Token));
        }
        catch (Exception ended) when (ended is OperationCanceledException or IOException)
        {
            // it is no longer looked at, or is gone
        }
    }

    /// <summary>What is resident and its own: pages of files, which the kernel takes back when it wants, are not counted.</summary>
    private static double OwnMemoryMB(int process)
    {
        var line = File.ReadLines($"/proc/{process}/status").First(static line => line.StartsWith("RssAnon:", StringComparison.Ordinal));
        return double.Parse(line.AsSpan(8).Trim().TrimEnd("kB").Trim(), CultureInfo.InvariantCulture) / 1024;
    }

    private static double CpuSecondsOf(int process)
    {
        var stat = File.ReadAllText($"/proc/{process}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' '); // the name before may hold blanks
        var (user, kernel) = (fields[11], fields[12]);
        return (double.Parse(user, CultureInfo.InvariantCulture) + double.Parse(kernel, CultureInfo.InvariantCulture)) / TicksPerSecond;
    }
}

/// <summary>What was seen of a process.</summary>
/// <param name="CpuSeconds">Processor time while it was looked at.</param>
/// <param name="CpuShare">The same, of one core.</param>
/// <param name="MemoryFirstThirdMB">The median of what it had resident in the first third of the time.</param>
/// <param name="MemoryLastThirdMB">The same in the last third.</param>
internal sealed record ProcessFigures(
    double CpuSeconds, double CpuShare, double MemoryFirstThirdMB, double MemoryLastThirdMB, double MemoryPeakMB)
{
    /// <summary>The last third of the memory, by the first.</summary>
    public double MemoryGrowth => Math.Round(MemoryLastThirdMB / Math.Max(1, MemoryFirstThirdMB), 3);

    public static ProcessFigures Of(IReadOnlyList<double> memoryMB, double cpuSeconds, double passedSeconds)
    {
        var third = Math.Max(1, memoryMB.Count / 3);
        return new ProcessFigures(
            Math.Round(cpuSeconds, 1),
            Math.Round(cpuSeconds / passedSeconds, 3),
            Median([.. memoryMB.Take(third)]),
            Median([.. memoryMB.TakeLast(third)]),
            Math.Round(memoryMB.DefaultIfEmpty().Max(), 1));
    }

    private static double Median(double[] values)
    {
        Array.Sort(values);
        return values.Length == 0 ? 0 : Math.Round(values[values.Length / 2], 1);
    }
}
