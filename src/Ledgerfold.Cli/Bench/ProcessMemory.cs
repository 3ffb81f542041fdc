using System.Globalization;

namespace Ledgerfold.Cli.Bench;

/// <summary>What the kernel counts of this process's memory.</summary>
internal static class ProcessMemory
{
    private const double MB = 1024 * 1024;

    /// <summary>The most memory that was resident since the start, or since <see cref="ForgetPeak"/>, in MB.</summary>
    public static double PeakMB => Read("VmHWM:");

    /// <summary>What memory is resident now, in MB.</summary>
    public static double NowMB => Read("VmRSS:");

    /// <summary>What the managed heap holds after the last collection, in MB.</summary>
    public static double HeapMB => GC.GetGCMemoryInfo(GCKind.Any).HeapSizeBytes / MB;

    /// <summary>Begins a new peak; the kernel may not allow it.</summary>
    public static void ForgetPeak()
    {
        try
        {
            File.WriteAllText("/proc/self/clear_refs", "5");
        }
        catch (SystemException failure) when (failure is IOException or UnauthorizedAccessException)
        {
            BenchPlan.Say("the kernel does not let the peak of memory be reset: later peaks include earlier ones");
        }
    }

    private static double Read(string field)
    {
        foreach (var line in File.ReadLines("/proc/self/status"))
        {
            if (line.StartsWith(field, StringComparison.Ordinal))
                return double.Parse(line.AsSpan(field.Length).Trim().TrimEnd("kB").Trim(), CultureInfo.InvariantCulture) / 1024;
        }

        return 0;
    }
}
