namespace Ledgerfold.Cli.Bench;

/// <summary>
/// Counts what the whole process allocates and computes, all threads, from when this was made; of allocation less what the generator of
/// events does by itself. Both are what a busy machine changes least.
/// </summary>
internal sealed class Effort
{
    private readonly long _allocated = GC.GetTotalAllocatedBytes(precise: true);
    private readonly TimeSpan _computed = Environment.CpuUsage.TotalTime;

    /// <summary>What was spent on each of so many events until now.</summary>
    public Spent PerEvent(long events)
    {
        var allocated = GC.GetTotalAllocatedBytes(precise: true) - _allocated;
        var computed = Environment.CpuUsage.TotalTime - _computed;
        return new Spent(allocated / (double)Math.Max(1, events), computed.TotalMicroseconds / Math.Max(1, events));
    }

    /// <summary>What a line allocates for an event, its request included.</summary>
    public static double OfLine(StandardEvents events)
    {
        const int count = 50_000;
        var line = events.LineOf(0, 64, firstBlock: 1L << 40);
        return OfOne(count, () => line.Next());
    }

    /// <summary>What a block allocates for an event, its request included.</summary>
    public static double OfBlock(StandardEvents events)
    {
        const int count = 100;
        var block = 1L << 40;
        return OfOne(count, () => events.Block(block++)) / StandardEvents.BlockEvents;
    }

    private static double OfOne(int count, Func<object> make)
    {
        make();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < count; i++)
            make();
        return (GC.GetAllocatedBytesForCurrentThread() - before) / (double)count;
    }
}

/// <summary>What several stretches cost together, where others lie between them.</summary>
internal sealed class Efforts
{
    private double _bytes;
    private double _cpuMicros;
    private long _events;

    public Spent PerEvent => new(_bytes / Math.Max(1, _events), _cpuMicros / Math.Max(1, _events));

    /// <summary>Runs a stretch and counts what it cost.</summary>
    public async Task<Slice> Count(Func<Task<Slice>> run)
    {
        var effort = new Effort();
        var slice = await run();
        var spent = effort.PerEvent(1);
        (_bytes, _cpuMicros, _events) = (_bytes + spent.Bytes, _cpuMicros + spent.CpuMicros, _events + slice.Events);
        return slice;
    }
}

/// <summary>What an event cost.</summary>
/// <param name="Bytes">Bytes allocated.</param>
/// <param name="CpuMicros">Processor time, on all processors together, in user and kernel mode.</param>
internal readonly record struct Spent(double Bytes, double CpuMicros)
{
    /// <summary>Bytes allocated by anything but the generator of events.</summary>
    public double BytesBeyond(double ofGenerator) => Math.Max(0, Bytes - ofGenerator);
}
