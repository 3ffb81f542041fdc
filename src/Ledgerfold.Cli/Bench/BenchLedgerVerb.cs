using System.CommandLine;
using System.Text.Json;
using Ledgerfold.Cli.Bench.Workloads;

namespace Ledgerfold.Cli.Bench;

/// <summary><c>ledgerfold bench ledger</c>: measures the embedded ledger against the device it stands on.</summary>
internal static class BenchLedgerVerb
{
    public const string Name = "ledger";

    private const string WorkloadVerb = "run-workload";
    private const string VictimVerbName = "run-victim";
    private const string OpenVerbName = "run-open";

    public static Command Create()
    {
        var data = new Option<string>("--data")
        {
            Description = "A directory to measure in; what is written there is deleted again.",
            Required = true,
        };
        var seconds = new Option<double>("--seconds")
        {
            Description = "How long each workload measures (latency-over-rolls: six times as long).",
            DefaultValueFactory = _ => BenchPlan.SecondsDefault,
        };
        var events = new Option<long>("--events")
        {
            Description = "How many events growth grows to; the other large workloads follow it.",
            DefaultValueFactory = _ => BenchPlan.EventsDefault,
        };
        var workloads = new Option<string[]>("--workload")
        {
            Description = $"Which to run; all if none is named: {string.Join(", ", Workload.OfLedger.Select(workload => workload.Name))}.",
            AllowMultipleArgumentsPerToken = true,
        };
        workloads.AcceptOnlyFromAmong([.. Workload.OfLedger.Select(workload => workload.Name)]);
        var json = new Option<bool>("--json") { Description = "One JSON object on standard output at the end." };
        var command = new Command(Name, "Measures the embedded ledger: medians of stretches interleaved with a bare write and sync.")
        {
            data, seconds, events, workloads, json, CreateWorkload(), CreateVictim(), CreateOpen(),
        };
        command.SetAction((parsed, cancel) =>
        {
            var plan = new BenchPlan(Path.GetFullPath(parsed.GetValue(data)!), parsed.GetValue(seconds), parsed.GetValue(events));
            return new BenchRun(plan, parsed.GetValue(json), Workload.OfLedger).Run(parsed.GetValue(workloads) ?? [], cancel);
        });
        return command;
    }

    /// <summary>The arguments that run a workload in a process of its own.</summary>
    public static string[] WorkloadArguments(string name, BenchPlan plan) =>
        [WorkloadVerb, name, plan.Directory, $"{plan.Seconds}", $"{plan.Events}"];

    /// <summary>The arguments of a process that writes a ledger and waits to be killed.</summary>
    public static string[] VictimArguments(string directory, long events) => [VictimVerbName, directory, $"{events}"];

    /// <summary>The arguments of a process that opens a ledger.</summary>
    public static string[] OpenArguments(string directory) => [OpenVerbName, directory];

    private static Command CreateWorkload()
    {
        var name = new Argument<string>("name");
        var directory = new Argument<string>("directory");
        var seconds = new Argument<double>("seconds");
        var events = new Argument<long>("events");
        var command = new Command(WorkloadVerb) { name, directory, seconds, events };
        command.Hidden = true;
        command.SetAction(async (parsed, _) =>
        {
            var plan = new BenchPlan(parsed.GetValue(directory)!, parsed.GetValue(seconds), parsed.GetValue(events));
            var result = await Workload.Find(parsed.GetValue(name)!)!.Run(plan);
            result = result with
            {
                PeakRssMB = Math.Round(ProcessMemory.PeakMB, 1),
                CpuSeconds = Math.Round(Environment.CpuUsage.TotalTime.TotalSeconds, 2),
            };
            await Console.Out.WriteLineAsync(JsonSerializer.Serialize(result, BenchReport.Json));
            return 0;
        });
        return command;
    }

    private static Command CreateVictim()
    {
        var directory = new Argument<string>("directory");
        var events = new Argument<long>("events");
        var command = new Command(VictimVerbName) { directory, events };
        command.Hidden = true;
        command.SetAction(async (parsed, _) =>
        {
            await Victim.Run(parsed.GetValue(directory)!, parsed.GetValue(events));
            return 1; // whoever started it was to kill it
        });
        return command;
    }

    private static Command CreateOpen()
    {
        var directory = new Argument<string>("directory");
        var command = new Command(OpenVerbName) { directory };
        command.Hidden = true;
        command.SetAction(async (parsed, _) =>
        {
            await Console.Out.WriteLineAsync(await Victim.Open(parsed.GetValue(directory)!));
            return 0;
        });
        return command;
    }
}
