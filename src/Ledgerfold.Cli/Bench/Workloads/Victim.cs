using System.Globalization;
using Ledgerfold.Storage;
using Ledgerfold.Storage.Disk;

namespace Ledgerfold.Cli.Bench.Workloads;

/// <summary>
/// The process that is killed: appends so many events, then lets the indexes catch up, holds back the next one half-way, fills one more
/// segment to 95 %, says so, and goes on appending until somebody kills it.
/// </summary>
internal static class Victim
{
    private const double FullEnough = 0.95;

    public static async Task Run(string directory, long events)
    {
        using var disk = new LinuxDisk(directory);
        using var watched = new WatchedDisk(disk);
        var options = new EmbeddedLedgerOptions { Disk = watched };
        EmbeddedLedger.Create(options);
        await using var ledger = EmbeddedLedger.Open(options);
        var standard = new StandardEvents();
        var segments = new SegmentStarts(watched);
        var blocks = events / StandardEvents.BlockEvents;
        await Appending.InBulk(ledger, standard, new BlockNumbers(0, blocks));

        async Task AppendWhile(Func<bool> more)
        {
            while (more())
                segments.Note(Appending.Check(await ledger.Append(standard.Block(blocks++))));
        }

        await AppendWhile(() => watched.Segment < 2 || watched.DataEnd > options.SegmentBytes / 2);
        while (watched.Segment - 1 > watched.IndexedThrough)
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        watched.HoldIndexes();
        var held = watched.Segment;
        await AppendWhile(() => watched.Segment == held || segments.FullOf(held + 1, options) < FullEnough);

        var ready = new Ready(segments.Head, segments.FirstOf(held) - 1, segments.FullOf(held + 1, options));
        await Console.Out.WriteLineAsync(ready.ToString());
        await Console.Out.FlushAsync();
        await Appending.Singly(ledger, [standard.LineOf(0, 64, firstBlock: 1L << 40)], TimeSpan.FromSeconds(2));
    }

    /// <summary>Opens a killed ledger in this fresh process, and says how long that took and where its head is.</summary>
    public static async Task<string> Open(string directory)
    {
        using var disk = new LinuxDisk(directory);
        var started = TimeProvider.System.GetTimestamp();
        await using var ledger = EmbeddedLedger.Open(new EmbeddedLedgerOptions { Disk = disk });
        var elapsed = TimeProvider.System.GetElapsedTime(started);
        if (ledger.Health.Trouble is { } trouble)
            throw new InvalidOperationException($"the ledger takes no writes: {trouble.Reason}");
        var head = (await ledger.ReadRange()).Head;
        return string.Create(CultureInfo.InvariantCulture, $"{elapsed.TotalSeconds} {head}");
    }

    /// <summary>What the process says when it may be killed.</summary>
    internal sealed record Ready(long Acknowledged, long IndexedThrough, double Full)
    {
        public static Ready Parse(string line)
        {
            var parts = line.Split(' ');
            return new Ready(
                long.Parse(parts[0], CultureInfo.InvariantCulture),
                long.Parse(parts[1], CultureInfo.InvariantCulture),
                double.Parse(parts[2], CultureInfo.InvariantCulture));
        }

        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Acknowledged} {IndexedThrough} {Full:F3}");
    }

    /// <summary>Remembers about where each segment begins, from the appends that met a new one.</summary>
    private sealed class SegmentStarts(WatchedDisk disk)
    {
        private readonly Dictionary<int, long> _first = [];

        public long Head { get; private set; }

        public void Note(AppendOutcome.Appended appended)
        {
            _first.TryAdd(disk.Segment, appended.First);
            Head = appended.Last;
        }

        public long FirstOf(int segment) => _first.GetValueOrDefault(segment, 1);

        /// <summary>How full the newest segment is, by bytes or by events, whichever is nearer to its limit.</summary>
        public double FullOf(int newest, EmbeddedLedgerOptions options)
        {
            if (disk.Segment != newest)
                throw new InvalidOperationException("the segment was full before it could be told that it nearly is");
            var events = Head - FirstOf(newest) + 1;
            return Math.Max(disk.DataEnd / (double)options.SegmentBytes, events / (double)options.SegmentEventsMax);
        }
    }
}
