using System.CommandLine;

namespace Ledgerfold.Cli.Bench;

/// <summary><c>ledgerfold bench model</c>: measures what stands on the ledger.</summary>
internal static class BenchModelVerb
{
    public static Command Create()
    {
        var data = new Option<string>("--data")
        {
            Description = "A directory to measure in; what is written there is deleted again.",
            Required = true,
        };
        var seconds = new Option<double>("--seconds")
        {
            Description = "How long each figure is measured.",
            DefaultValueFactory = _ => BenchPlan.SecondsDefault,
        };
        var events = new Option<long>("--events")
        {
            Description = "How many events catch-up reads, and rows there are; the other large workloads follow it.",
            DefaultValueFactory = _ => BenchPlan.ModelEventsDefault,
        };
        var workloads = new Option<string[]>("--workload")
        {
            Description = $"Which to run; all if none is named: {string.Join(", ", Workload.OfModel.Select(workload => workload.Name))}.",
            AllowMultipleArgumentsPerToken = true,
        };
        workloads.AcceptOnlyFromAmong([.. Workload.OfModel.Select(workload => workload.Name)]);
        var json = new Option<bool>("--json") { Description = "One JSON object on standard output at the end." };
        var command = new Command("model", "Measures what stands on the ledger: commands, deciders, projections, and the fold store.")
        {
            data, seconds, events, workloads, json,
        };
        command.SetAction((parsed, cancel) =>
        {
            var plan = new BenchPlan(Path.GetFullPath(parsed.GetValue(data)!), parsed.GetValue(seconds), parsed.GetValue(events));
            return new BenchRun(plan, parsed.GetValue(json), Workload.OfModel).Run(parsed.GetValue(workloads) ?? [], cancel);
        });
        return command;
    }
}
