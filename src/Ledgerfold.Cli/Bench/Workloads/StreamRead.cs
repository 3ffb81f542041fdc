using Ledgerfold.Storage;

namespace Ledgerfold.Cli.Bench.Workloads;

/// <summary>
/// Streams of 100 events, written round-robin so that the events of each lie all over the ledger; a stream is read whole, at random, from
/// a warm page cache and from one that holds nothing of the ledger.
/// </summary>
internal sealed class StreamRead : Workload
{
    private const int StreamEvents = 100;
    private const int ColdReadsMax = 50;
    private const int StreamsPerAppend = 500;
    private const int Callers = 4;

    public override string Name => "stream-read";

    public override long EventsOnDisk(BenchPlan plan) => StreamsOf(plan) * (long)StreamEvents;

    public override async Task<WorkloadResult> Run(BenchPlan plan)
    {
        var streams = StreamsOf(plan);
        var events = new StandardEvents();
        await using var ledger = plan.CreateLedger();
        BenchPlan.Say($"writing {streams:N0} streams of {StreamEvents} events");
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(() => Write(ledger, events, streams, caller))));

        var random = new Random(1);
        await ReadFor(ledger, events, streams, random, plan.WarmUp);
        var effort = new Effort();
        var warm = await ReadFor(ledger, events, streams, random, TimeSpan.FromSeconds(plan.Seconds / 2));
        var spent = effort.PerEvent(warm.Events);
        var cold = await ReadCold(plan, ledger, events, streams, random);
        return new WorkloadResult
        {
            Name = Name,
            EventsPerSecond = warm.PerSecond,
            P50Micros = warm.Latencies.Micros(0.5),
            P99Micros = warm.Latencies.Micros(0.99),
            AllocatedBytesPerEvent = spent.Bytes,
            Bars =
            [
                Bar.Most("warm p99 in ms", warm.Latencies.Micros(0.99) / 1000, 1),
                Bar.Most("cold p50 in ms", cold.Micros(0.5) / 1000, 25),
            ],
        }.With("coldP50Micros", cold.Micros(0.5)).With("coldP99Micros", cold.Micros(0.99)).With("streams", streams);
    }

    private static int StreamsOf(BenchPlan plan) =>
        (int)Math.Max(StreamsPerAppend, plan.Events / 400 / StreamsPerAppend * StreamsPerAppend);

    private static async Task Write(EmbeddedLedger ledger, StandardEvents events, int streams, int caller)
    {
        for (var round = 0; round < StreamEvents; round++)
        {
            for (var first = caller * StreamsPerAppend; first < streams; first += Callers * StreamsPerAppend)
                Appending.Check(await ledger.Append(events.Round(round, first, StreamsPerAppend)));
        }
    }

    private static async Task<Slice> ReadFor(EmbeddedLedger ledger, StandardEvents events, int streams, Random random, TimeSpan length)
    {
        var latencies = new LatencyHistogram();
        var started = TimeProvider.System.GetTimestamp();
        long count = 0;
        while (TimeProvider.System.GetElapsedTime(started) < length)
            count += await ReadOne(ledger, events.StreamOf(random.Next(streams)), latencies);
        return new Slice(count, TimeProvider.System.GetElapsedTime(started), latencies);
    }

    private static async Task<LatencyHistogram> ReadCold(
        BenchPlan plan, EmbeddedLedger ledger, StandardEvents events, int streams, Random random)
    {
        var latencies = new LatencyHistogram();
        var started = TimeProvider.System.GetTimestamp();
        for (var r = 0; r < ColdReadsMax && TimeProvider.System.GetElapsedTime(started).TotalSeconds < plan.Seconds; r++)
        {
            foreach (var path in Directory.GetFiles(Path.Combine(plan.Directory, "ledger")))
                RawFile.Evict(path);
            await ReadOne(ledger, events.StreamOf(random.Next(streams)), latencies);
        }

        return latencies;
    }

    private static async Task<int> ReadOne(EmbeddedLedger ledger, string stream, LatencyHistogram latencies)
    {
        var before = TimeProvider.System.GetTimestamp();
        var count = 0;
        long sum = 0;
        await foreach (var page in ledger.Read(new ReadRequest { Tenant = StandardEvents.Tenant, Query = EventQuery.OfStream(stream) }))
        {
            foreach (var recorded in page.Events)
                sum += Scan.Touch(recorded);
            count += page.Events.Length;
        }

        latencies.AddSince(before);
        return count == StreamEvents && sum != 0 ? count : throw new InvalidOperationException($"{stream} holds {count} events");
    }
}
