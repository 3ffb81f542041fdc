using Ledgerfold.Storage;

namespace Ledgerfold.Cli.Bench;

/// <summary>
/// Callers that append: many that await one event each, or a few that await 512 at a time. Each has one append in flight.
/// </summary>
internal static class Appending
{
    /// <summary>Appends with one caller for each line until the time is up.</summary>
    /// <param name="ledger">Where to.</param>
    /// <param name="lines">The events of each caller.</param>
    /// <param name="length">How long.</param>
    /// <param name="conditional">Whether each append asks that nobody used its rarer tag since the caller looked last.</param>
    public static async Task<Slice> Singly(ILedger ledger, StandardEvents.Line[] lines, TimeSpan length, bool conditional = false)
    {
        var head = (await ledger.ReadRange()).Head;
        var started = TimeProvider.System.GetTimestamp();
        var callers = new Task<(long Events, LatencyHistogram Latencies)>[lines.Length];
        for (var c = 0; c < callers.Length; c++)
        {
            var line = lines[c];
            callers[c] = Task.Run(() => AppendSingly(ledger, line, started, length, conditional ? head : null));
        }

        return Sum(await Task.WhenAll(callers), started);
    }

    /// <summary>Appends blocks with four callers until so many are done.</summary>
    public static async Task<Slice> InBulk(ILedger ledger, StandardEvents events, BlockNumbers blocks, int callers = 4)
    {
        var started = TimeProvider.System.GetTimestamp();
        var running = new Task<(long Events, LatencyHistogram Latencies)>[callers];
        for (var c = 0; c < callers; c++)
            running[c] = Task.Run(() => AppendBlocks(ledger, events, blocks));
        return Sum(await Task.WhenAll(running), started);
    }

    /// <summary>Says no to any outcome but a fresh append: what failed must not be measured.</summary>
    public static AppendOutcome.Appended Check(AppendOutcome outcome, bool repeated = false) =>
        outcome is AppendOutcome.Appended appended && appended.Repeated == repeated
            ? appended
            : throw new InvalidOperationException($"the ledger answered {outcome}");

    private static async Task<(long Events, LatencyHistogram Latencies)> AppendSingly(
        ILedger ledger, StandardEvents.Line line, long started, TimeSpan length, long? lookedAt)
    {
        var latencies = new LatencyHistogram();
        long events = 0;
        while (TimeProvider.System.GetElapsedTime(started) < length)
        {
            var request = line.Next();
            if (lookedAt is { } after)
                request = request with { Condition = new AppendCondition(EventQuery.Tagged(line.OwnTag), after) };
            var before = TimeProvider.System.GetTimestamp();
            var appended = Check(await ledger.Append(request));
            latencies.AddSince(before);
            if (lookedAt is not null)
                lookedAt = appended.Last;
            events++;
        }

        return (events, latencies);
    }

    private static async Task<(long Events, LatencyHistogram Latencies)> AppendBlocks(
        ILedger ledger, StandardEvents events, BlockNumbers blocks)
    {
        var latencies = new LatencyHistogram();
        long appended = 0;
        while (blocks.TryTake(out var block))
        {
            var request = events.Block(block);
            var before = TimeProvider.System.GetTimestamp();
            Check(await ledger.Append(request));
            latencies.AddSince(before);
            appended += StandardEvents.BlockEvents;
        }

        return (appended, latencies);
    }

    private static Slice Sum((long Events, LatencyHistogram Latencies)[] callers, long started)
    {
        var elapsed = TimeProvider.System.GetElapsedTime(started);
        var latencies = new LatencyHistogram();
        foreach (var caller in callers)
            latencies.Add(caller.Latencies);
        return new Slice(callers.Sum(caller => caller.Events), elapsed, latencies);
    }
}

/// <summary>Hands out block numbers until there are none left, or the time is up. Any thread.</summary>
internal sealed class BlockNumbers(long first, long count = long.MaxValue, TimeSpan? length = null)
{
    private readonly long _started = TimeProvider.System.GetTimestamp();
    private long _taken;

    /// <summary>The first number that was not handed out.</summary>
    public long Next => first + Math.Min(Volatile.Read(ref _taken), count);

    public bool TryTake(out long block)
    {
        block = 0;
        if (length is { } given && TimeProvider.System.GetElapsedTime(_started) >= given)
            return false;
        block = first + Interlocked.Increment(ref _taken) - 1;
        return block < first + count || count == long.MaxValue;
    }
}

/// <summary>What the ledger wrote between two syncs.</summary>
/// <param name="Bytes">Mean bytes of a batch.</param>
/// <param name="Events">Mean events of a batch.</param>
internal readonly record struct BatchFigures(double Bytes, double Events)
{
    public double BytesPerEvent => Bytes / Events;

    /// <summary>Reads the batches behind a position.</summary>
    public static async Task<BatchFigures> After(ILedger ledger, long position)
    {
        long batches = 0, bytes = 0, events = 0;
        await foreach (var batch in ledger.ReadBatches(position))
        {
            if (batch.Count == 0 || batch.FirstPosition <= position)
                continue;
            batches++;
            bytes += batch.Bytes.Length;
            events += batch.Count;
        }

        return new BatchFigures(bytes / (double)Math.Max(1, batches), events / (double)Math.Max(1, batches));
    }
}
