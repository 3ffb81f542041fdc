using System.Text.Json;

namespace Ledgerfold.Cli.Bench;

/// <summary>Runs workloads one after the other, each in a process and a directory of its own, and reports what they gave.</summary>
internal sealed class BenchRun(BenchPlan plan, bool json, IReadOnlyList<Workload> all)
{
    private static readonly string[] InMemory = ["tmpfs", "ramfs"];

    public async Task<int> Run(IReadOnlyList<string> names, CancellationToken cancel)
    {
        var workloads = all.Where(workload => names.Count == 0 || names.Contains(workload.Name)).ToArray();
        if (plan.Seconds <= 0 || plan.Events < 20_480)
            return Refuse("--seconds must be above 0 and --events at least 20480.");
        var created = !Directory.Exists(plan.Directory);
        Directory.CreateDirectory(plan.Directory);
        try
        {
            var drive = new DriveInfo(plan.Directory);
            if (InMemory.Contains(drive.DriveFormat))
                return Refuse($"{plan.Directory} is on {drive.DriveFormat}, where a sync costs nothing: choose a directory on a disk.");
            var needed = workloads.Max(workload => workload.EventsOnDisk(plan)) * BenchPlan.DiskBytesPerEvent;
            if (drive.AvailableFreeSpace < needed)
                return Refuse($"{needed / 1_000_000_000.0:N0} GB must be free under {plan.Directory}: lower --events.");
            await Run(workloads, drive.DriveFormat, cancel);
            return 0;
        }
        finally
        {
            if (created)
                Directory.Delete(plan.Directory, recursive: true);
        }
    }

    private async Task Run(Workload[] workloads, string fileSystem, CancellationToken cancel)
    {
        var report = new BenchReport(json ? TextWriter.Null : Console.Out);
        var device = In("device", directory => Task.FromResult(DeviceFigures.Measure(directory)));
        report.Begin(await device, new RuntimeFigures { FileSystem = fileSystem });
        foreach (var workload in workloads)
        {
            cancel.ThrowIfCancellationRequested();
            await Console.Error.WriteLineAsync(workload.Name);
            var result = await In(workload.Name, directory => RunAlone(workload, plan with { Directory = directory }, cancel));
            report.Add(result);
        }

        if (json)
            await Console.Out.WriteLineAsync(report.ToJson());
    }

    private static async Task<WorkloadResult> RunAlone(Workload workload, BenchPlan plan, CancellationToken cancel)
    {
        var machine = new MachineLoad();
        var answer = await SelfProcess.Run(BenchLedgerVerb.WorkloadArguments(workload.Name, plan), cancel);
        var result = JsonSerializer.Deserialize<WorkloadResult>(answer, BenchReport.Json)
            ?? throw new InvalidOperationException($"{workload.Name} gave nothing");
        return result with { BusyElsewhere = machine.Without(result.CpuSeconds) };
    }

    private async Task<T> In<T>(string name, Func<string, Task<T>> measure)
    {
        var directory = Path.Combine(plan.Directory, $"bench-{name}-{Environment.ProcessId}");
        Directory.CreateDirectory(directory);
        try
        {
            return await measure(directory);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static int Refuse(string why)
    {
        Console.Error.WriteLine(why);
        return 2;
    }
}
