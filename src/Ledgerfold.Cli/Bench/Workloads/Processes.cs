using Ledgerfold.Cli.Bench.Shop;
using Ledgerfold.Model.Commanding;
using Ledgerfold.Model.Driving;
using Ledgerfold.Storage;

namespace Ledgerfold.Cli.Bench.Workloads;

/// <summary>
/// Instances of a process from their beginning to their end: an event begins one, it takes two steps, each a command with an event, and
/// sets a timer that it needs no more at its end. 2,000 are under way at any time. Counted from the first event to the last record, and in
/// fifths, so that what grows with the number of instances shows: time for each, and memory.
/// </summary>
internal sealed class Processes : Workload
{
    private const int UnderWayMax = 2_000;
    private const int Parts = 5;

    public override string Name => "process";

    public override long EventsOnDisk(BenchPlan plan) => CountOf(plan) * 12;

    public override async Task<WorkloadResult> Run(BenchPlan plan)
    {
        await using var ledger = plan.CreateLedger();
        await using var folds = plan.OpenFolds();
        await using var commands = new Commands(Parcel.Delivered, ledger, new CommandsOptions { Folds = folds });
        await using var engine = new ProcessEngine(ledger, folds, [Parcel.Delivered], commands);
        await engine.Start();
        using var ended = new Ended(ledger);
        var watching = ended.Watch();

        var warmed = Math.Min(50_000, CountOf(plan) / 2);
        BenchPlan.Say($"warming up with {warmed:N0} instances");
        await Deliver(0, warmed);

        var part = CountOf(plan) / Parts;
        BenchPlan.Say($"{part * Parts:N0} instances");
        var (rates, memory, heap) = (new List<double>(), new List<double>(), new List<double>());
        var effort = new Effort();
        for (var p = 0; p < Parts; p++)
        {
            var started = TimeProvider.System.GetTimestamp();
            await Deliver(warmed + (p * part), part);
            rates.Add(part / TimeProvider.System.GetElapsedTime(started).TotalSeconds);
            heap.Add(GC.GetTotalMemory(forceFullCollection: true) / (1024.0 * 1024));
            memory.Add(ProcessMemory.NowMB);
        }

        var spent = effort.PerEvent(part * Parts);
        ended.Stop();
        await watching;
        return new WorkloadResult
        {
            Name = Name,
            Unit = "instances",
            EventsPerSecond = rates.Count / rates.Sum(static rate => 1 / rate),
            AllocatedBytesPerEvent = spent.Bytes,
            Bars =
            [
                Bar.Least("instances a second", rates.Count / rates.Sum(static rate => 1 / rate), 5_000),
                Bar.Most("heap at the end over that after a fifth", heap[^1] / heap[0], 1.2),
            ],
        }.With("perSecondByFifth", rates)
            .With("residentMBByFifth", memory)
            .With("heapMBByFifth", heap)
            .With("cpuMicrosPerInstance", spent.CpuMicros);

        async Task Deliver(long from, long count)
        {
            const int Block = 500;
            var never = TimeProvider.System.GetUtcNow().AddDays(365);
            for (long sent = 0; sent < count; sent += Block)
            {
                var block = Math.Min(Block, count - sent);
                await ended.WaitFor(from + sent + block - UnderWayMax);
                await Parcel.Begin(ledger, from + sent, block, number => new Parcel.ParcelAnnounced(Parcel.NameOf(number), never));
            }

            await ended.WaitFor(from + count);
            await ComeToRest(ledger, engine);
        }
    }

    /// <summary>Ends when everything is taken up, and nothing new follows on it.</summary>
    private static async Task ComeToRest(EmbeddedLedger ledger, ProcessEngine engine)
    {
        long head;
        do
        {
            head = (await ledger.ReadRange()).Head;
            await engine.WaitUntil(Parcel.Process, head);
        }
        while ((await ledger.ReadRange()).Head != head);
    }

    private static long CountOf(BenchPlan plan) => plan.Events / 10 / Parts * Parts;

    /// <summary>Counts instances whose last step has happened.</summary>
    private sealed class Ended(EmbeddedLedger ledger) : IDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly Lock _lock = new();
        private long _count;
        private long _wanted = long.MaxValue;
        private TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async Task Watch()
        {
            var query = EventQuery.OfTypes(nameof(Parcel.ParcelHandedOver));
            try
            {
                await foreach (var page in ledger.Read(new ReadRequest { Query = query, Follow = true }, _stop.Token))
                    Add(page.Events.Length);
            }
            catch (OperationCanceledException)
            {
                // counted to the end
            }
        }

        /// <summary>Ends when so many have ended.</summary>
        public Task WaitFor(long count)
        {
            lock (_lock)
            {
                if (_count >= count)
                    return Task.CompletedTask;
                _wanted = count;
                _reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                return _reached.Task;
            }
        }

        public void Stop() => _stop.Cancel();

        public void Dispose() => _stop.Dispose();

        private void Add(int ended)
        {
            lock (_lock)
            {
                _count += ended;
                if (_count < _wanted)
                    return;
                _wanted = long.MaxValue;
                _reached.TrySetResult();
            }
        }
    }
}
