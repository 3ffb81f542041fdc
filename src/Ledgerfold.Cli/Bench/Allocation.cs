namespace Ledgerfold.Cli.Bench;

/// <summary>Counts what the whole process allocates, all threads, less what the generator of events does by itself.</summary>
internal sealed class Allocation
{
    private readonly long _before = GC.GetTotalAllocatedBytes(precise: true);

    /// <summary>Bytes per event since this was made.</summary>
    public double PerEvent(long events, double ofGenerator) =>
        Math.Max(0, ((GC.GetTotalAllocatedBytes(precise: true) - _before) / (double)Math.Max(1, events)) - ofGenerator);

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
