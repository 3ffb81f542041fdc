namespace Ledgerfold.Cli.Bench.Workloads;

/// <summary>
/// Grows a ledger to its full size and then appends in turn to it and to one of a twentieth of the size: the device changes its pace
/// while a ledger grows, so that its own youth is no measure. Each is closed while the other is measured, so that neither works in the
/// other's time.
/// </summary>
internal sealed class Growth : Workload
{
    private const int Parts = 20;
    private const int PairsOfLedgers = 5;
    private const long FreshBlocks = 1L << 32; // far more than a slice can take

    private const string Large = "large";
    private const string Small = "small";

    public override string Name => "growth";

    public override long EventsOnDisk(BenchPlan plan) =>
        plan.Events + (plan.Events / Parts) + (long)(PairsOfLedgers * 2 * SliceOf(plan).TotalSeconds * 500_000);

    public override async Task<WorkloadResult> Run(BenchPlan plan)
    {
        var events = new StandardEvents();
        var part = plan.Events / Parts / StandardEvents.BlockEvents;
        var (rates, peaks) = await Grow(plan, events, part);
        BenchPlan.Say($"writing {part * StandardEvents.BlockEvents:N0} events to compare with");
        await using (var small = plan.CreateLedger(Small))
            await Appending.InBulk(small, events, new BlockNumbers(0, part));

        var slices = 0;
        await Append(plan, Large, events, slices++);
        var pairs = await Pairs.Measure(
            PairsOfLedgers,
            () => Append(plan, Large, events, slices++),
            () => Append(plan, Small, events, slices++));
        return new WorkloadResult
        {
            Name = Name,
            EventsPerSecond = pairs.OnePerSecond,
            P50Micros = pairs.OneLatencies.Micros(0.5),
            P99Micros = pairs.OneLatencies.Micros(0.99),
            Bars =
            [
                Bar.Least("ratio to the ledger of a twentieth", pairs.Ratio, 0.9),
                Bar.Most("peak RSS in MB while growing", peaks.Max(), 400),
                Bar.Most("peak RSS at the end to that at a quarter", peaks[^1] / peaks[Parts / 4], 1.25),
            ],
        }.With("smallPerSecond", pairs.OtherPerSecond)
            .With("smallRatioSpread", [pairs.Spread.Low, pairs.Spread.High])
            .With("events", Parts * part * StandardEvents.BlockEvents)
            .With("partsPerSecond", rates)
            .With("partsPeakRssMB", peaks);
    }

    private static TimeSpan SliceOf(BenchPlan plan) => TimeSpan.FromSeconds(Math.Clamp(plan.Seconds / 3, 0.5, 5));

    private static async Task<(double[] Rates, double[] Peaks)> Grow(BenchPlan plan, StandardEvents events, long part)
    {
        var rates = new double[Parts];
        var peaks = new double[Parts];
        await using var ledger = plan.CreateLedger(Large);
        for (var p = 0; p < Parts; p++)
        {
            ProcessMemory.ForgetPeak();
            var slice = await Appending.InBulk(ledger, events, new BlockNumbers(p * part, part));
            rates[p] = slice.PerSecond;
            peaks[p] = ProcessMemory.PeakMB;
            BenchPlan.Say($"{(p + 1) * part * StandardEvents.BlockEvents:N0} events: {rates[p]:N0} a second, peak {peaks[p]:N0} MB");
        }

        return (rates, peaks);
    }

    private static async Task<Slice> Append(BenchPlan plan, string name, StandardEvents events, int slice)
    {
        await using var ledger = plan.OpenLedger(name);
        return await Appending.InBulk(ledger, events, new BlockNumbers((slice + 1) * FreshBlocks, length: SliceOf(plan)));
    }
}
