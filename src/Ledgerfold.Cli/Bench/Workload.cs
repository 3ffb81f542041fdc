using Ledgerfold.Cli.Bench.Workloads;

namespace Ledgerfold.Cli.Bench;

/// <summary>One thing that is measured, in a process and a directory of its own.</summary>
internal abstract class Workload
{
    /// <summary>Those of the ledger, in the order they run.</summary>
    public static IReadOnlyList<Workload> OfLedger { get; } =
    [
        new AppendOneWriter(), new AppendManyWriters(), new AppendConditional(), new AppendAllocation(), new AppendBulk(),
        new AppendExistingId(), new Scan(), new StreamRead(), new ManySegments(), new Growth(), new LatencyOverRolls(), new Reopen(),
    ];

    /// <summary>Those of what stands on the ledger, in the order they run.</summary>
    public static IReadOnlyList<Workload> OfModel { get; } =
    [
        new CommandsOnMany(), new HotKey(), new LoadThousand(), new CatchUp(), new Visible(), new RepeatedCommands(), new Rows(),
        new Processes(), new Timers(), new AsOf(), new Rebuilds(),
    ];

    public abstract string Name { get; }

    /// <summary>How many events it may leave on disk at once, to be sure of the space before it starts.</summary>
    public abstract long EventsOnDisk(BenchPlan plan);

    /// <summary>Measures, and leaves the directory for its caller to delete.</summary>
    public abstract Task<WorkloadResult> Run(BenchPlan plan);

    public static Workload? Find(string name) => OfLedger.Concat(OfModel).FirstOrDefault(workload => workload.Name == name);
}
