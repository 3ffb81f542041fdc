using System.Globalization;

namespace Ledgerfold.Cli.Bench;

/// <summary>How busy all processors were since this was made: figures from a machine with other work are worth less.</summary>
internal sealed class MachineLoad
{
    private readonly (double Busy, double All) _before = Read();
    private readonly long _started = TimeProvider.System.GetTimestamp();

    /// <summary>The share that is left when so many seconds were one's own.</summary>
    public double Without(double ownSeconds)
    {
        var (busy, all) = Read();
        var seconds = (all - _before.All) / Environment.ProcessorCount;
        if (all <= _before.All)
            return 0;
        // The kernel counts in ticks of its own; that all of them together are the time that passed spares knowing their length.
        var ticksPerSecond = seconds / TimeProvider.System.GetElapsedTime(_started).TotalSeconds;
        return Math.Round(Math.Clamp(((busy - _before.Busy) - (ownSeconds * ticksPerSecond)) / (all - _before.All), 0, 1), 3);
    }

    private static (double Busy, double All) Read()
    {
        // user, nice, system, idle, iowait, irq, softirq, steal
        var ticks = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Take(8)
            .Select(text => double.Parse(text, CultureInfo.InvariantCulture)).ToArray();
        return (ticks.Sum() - ticks[3] - ticks[4], ticks.Sum());
    }
}
