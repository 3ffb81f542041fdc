namespace Ledgerfold.Cli.Bench;

/// <summary>What the device under the directory does, by itself.</summary>
/// <param name="FdatasyncP50Micros">Half of the syncs of 4 KiB on zeroed space took no longer.</param>
/// <param name="FdatasyncP99Micros">All but one in a hundred took no longer.</param>
/// <param name="WriteMBps">Megabytes a second of a sequential write with a sync at its end.</param>
internal sealed record DeviceFigures(double FdatasyncP50Micros, double FdatasyncP99Micros, double WriteMBps)
{
    private const int SequentialBytes = 256 * 1024 * 1024;

    public static DeviceFigures Measure(string directory)
    {
        var syncs = MeasureSyncs(directory);
        return new DeviceFigures(
            Math.Round(syncs.Micros(0.5), 1),
            Math.Round(syncs.Micros(0.99), 1),
            Math.Round(MeasureWrite(Path.Combine(directory, "device")), 1));
    }

    private static LatencyHistogram MeasureSyncs(string directory)
    {
        using var raw = new RawYardstick(directory);
        return raw.Run(4096, 1, TimeSpan.FromSeconds(1)).Latencies;
    }

    private static double MeasureWrite(string path)
    {
        using var file = RawFile.Create(path);
        var bytes = new byte[1024 * 1024];
        new Random(1).NextBytes(bytes);
        var started = TimeProvider.System.GetTimestamp();
        for (long at = 0; at < SequentialBytes; at += bytes.Length)
            file.Write(bytes, at);
        file.Sync();
        var elapsed = TimeProvider.System.GetElapsedTime(started);
        File.Delete(path);
        return SequentialBytes / elapsed.TotalSeconds / 1e6;
    }
}
