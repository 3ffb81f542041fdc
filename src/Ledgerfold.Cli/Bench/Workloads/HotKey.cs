namespace Ledgerfold.Cli.Bench.Workloads;

/// <summary>The same with one aggregate for all 64 callers, so that every decision rests on the one before.</summary>
internal sealed class HotKey : Workload
{
    public override string Name => "hot-key";

    public override long EventsOnDisk(BenchPlan plan) => (long)(plan.Seconds * 300_000);

    public override Task<WorkloadResult> Run(BenchPlan plan) => CommandsOnMany.Measure(plan, Name, aggregates: 1, least: 0.4);
}
