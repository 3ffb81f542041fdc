using System.Globalization;
using Ledgerfold.Storage;

namespace Ledgerfold.Cli.Bench.Workloads;

/// <summary>
/// A million rows of 300 bytes in four folds: batches of 1,000 rows in random order, each caller with one in flight, first into an empty
/// store, then over the rows that are there; random reads from as many threads as there are processors; and opening it all again.
/// </summary>
internal sealed class Rows : Workload
{
    private const int Folds = 4;
    private const int BatchRows = 1_000;
    private const int RowBytes = 300;
    private const int Reopenings = 3;

    private static readonly byte[] Noise = RandomBytes(16 * 1024 * 1024);

    public override string Name => "rows";

    public override long EventsOnDisk(BenchPlan plan) => 3 * plan.Events;

    public override async Task<WorkloadResult> Run(BenchPlan plan)
    {
        var keys = KeysOf((int)(plan.Events / Folds / BatchRows * BatchRows));
        var store = plan.OpenFolds();
        var writers = Enumerable.Range(0, Folds).Select(fold => new Writer(store, keys, fold)).ToArray();

        BenchPlan.Say($"{Folds * keys.Length:N0} rows into an empty store");
        var effort = new Effort();
        var filled = await Measure(writers.Select(writer => Task.Run(writer.Fill)));
        BenchPlan.Say("rows over rows");
        var until = TimeProvider.System.GetTimestamp() + (long)(plan.Seconds * TimeProvider.System.TimestampFrequency);
        var written = await Measure(writers.Select(writer => Task.Run(() => writer.Update(until))));

        var putCost = effort.PerEvent(filled.Events + written.Events);
        BenchPlan.Say("opening again");
        var openings = new List<double>();
        for (var opening = 0; opening < Reopenings; opening++)
        {
            await store.DisposeAsync();
            var started = TimeProvider.System.GetTimestamp();
            store = plan.OpenFolds();
            openings.Add(TimeProvider.System.GetElapsedTime(started).TotalSeconds);
        }

        BenchPlan.Say("random reads");
        var threads = Environment.ProcessorCount;
        await ReadAll(store, keys, threads, plan.WarmUp);
        effort = new Effort();
        var read = await ReadAll(store, keys, threads, TimeSpan.FromSeconds(plan.Seconds));
        var getCost = effort.PerEvent(read.Events);
        await store.DisposeAsync();

        return new WorkloadResult
        {
            Name = Name,
            Unit = "gets",
            EventsPerSecond = read.PerSecond,
            P50Micros = read.Latencies.Micros(0.5),
            P99Micros = read.Latencies.Micros(0.99),
            AllocatedBytesPerEvent = getCost.Bytes,
            Bars =
            [
                Bar.Least("get per second", read.PerSecond, 300_000),
                Bar.Least("put per second", Math.Min(filled.PerSecond, written.PerSecond), 100_000),
                Bar.Most("reopen seconds", openings.Max(), 2),
            ],
        }
        .With("fillRowsPerSecond", filled.PerSecond)
        .With("updateRowsPerSecond", written.PerSecond)
        .With("cpuMicrosPerGet", getCost.CpuMicros)
        .With("cpuMicrosPerRowPut", putCost.CpuMicros)
        .With("putP50Micros", written.Latencies.Micros(0.5))
        .With("putP99Micros", written.Latencies.Micros(0.99))
        .With("reopenSeconds", openings);
    }

    private static string[] KeysOf(int count) =>
        [.. Enumerable.Range(0, count).Select(key => string.Create(CultureInfo.InvariantCulture, $"customer-{key:D8}"))];

    private static byte[] RandomBytes(int count)
    {
        var bytes = new byte[count];
        new Random(1).NextBytes(bytes);
        return bytes;
    }

    private static async Task<Slice> Measure(IEnumerable<Task<(long Rows, LatencyHistogram Latencies)>> running)
    {
        var started = TimeProvider.System.GetTimestamp();
        var done = await Task.WhenAll(running);
        var elapsed = TimeProvider.System.GetElapsedTime(started);
        var latencies = new LatencyHistogram();
        foreach (var one in done)
            latencies.Add(one.Latencies);
        return new Slice(done.Sum(one => one.Rows), elapsed, latencies);
    }

    private static Task<Slice> ReadAll(EmbeddedFoldStore store, string[] keys, int threads, TimeSpan length) =>
        Measure(Enumerable.Range(0, threads).Select(thread => Task.Run(() => Read(store, keys, thread, length))));

    private static async Task<(long Rows, LatencyHistogram Latencies)> Read(
        EmbeddedFoldStore store, string[] keys, int seed, TimeSpan length)
    {
        const int block = 100;
        var random = new Random(seed);
        var latencies = new LatencyHistogram();
        var started = TimeProvider.System.GetTimestamp();
        long count = 0;
        while (TimeProvider.System.GetElapsedTime(started) < length)
        {
            var before = TimeProvider.System.GetTimestamp();
            for (var n = 0; n < block; n++)
            {
                var row = await store.Get(NameOf(random.Next(Folds)), Tenants.Default, keys[random.Next(keys.Length)]);
                if (row is not { Data.Length: RowBytes })
                    throw new InvalidOperationException("a row is not what was written");
                if (n == 0)
                    latencies.AddSince(before);
            }

            count += block;
        }

        return (count, latencies);
    }

    private static FoldName NameOf(int fold) => new(fold switch { 0 => "rows-0", 1 => "rows-1", 2 => "rows-2", _ => "rows-3" });

    /// <summary>Writes to one fold, one batch at a time.</summary>
    private sealed class Writer(EmbeddedFoldStore store, string[] names, int fold)
    {
        private readonly Random _random = new(fold);
        private readonly LatencyHistogram _latencies = new();
        private long _position;

        public async Task<(long Rows, LatencyHistogram Latencies)> Fill()
        {
            var order = Enumerable.Range(0, names.Length).ToArray();
            _random.Shuffle(order);
            for (var from = 0; from < order.Length; from += BatchRows)
                await Put(order.AsMemory(from, BatchRows));
            return (names.Length, _latencies);
        }

        public async Task<(long Rows, LatencyHistogram Latencies)> Update(long until)
        {
            var latencies = new LatencyHistogram();
            var keys = new int[BatchRows];
            long rows = 0;
            while (TimeProvider.System.GetTimestamp() < until)
            {
                var first = _random.Next(names.Length);
                for (var k = 0; k < keys.Length; k++)
                    keys[k] = (int)((first + (k * 7_919L)) % names.Length); // distinct, and far from one another
                var before = TimeProvider.System.GetTimestamp();
                await Put(keys);
                latencies.AddSince(before);
                rows += BatchRows;
            }

            return (rows, latencies);
        }

        private async Task Put(ReadOnlyMemory<int> keys)
        {
            var rows = new FoldRow[keys.Length];
            for (var r = 0; r < rows.Length; r++)
            {
                var data = Noise.AsMemory(_random.Next(Noise.Length - RowBytes), RowBytes);
                rows[r] = new FoldRow { Tenant = Tenants.Default, Key = names[keys.Span[r]], Data = data };
            }

            var outcome = await store.Write(new FoldBatch
            {
                Fold = NameOf(fold),
                Expected = _position,
                Position = ++_position,
                Rows = System.Runtime.InteropServices.ImmutableCollectionsMarshal.AsImmutableArray(rows),
            });
            if (outcome is not FoldOutcome.Written)
                throw new InvalidOperationException($"the fold store answered {outcome}");
        }
    }
}
