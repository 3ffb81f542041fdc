using System.CommandLine;
using System.Text.Json;
using Ledgerfold.Cli.Bench;
using Ledgerfold.Cli.Load.Running;
using Ledgerfold.Cli.Load.Traffic;
using Ledgerfold.Cli.Online;

namespace Ledgerfold.Cli.Load.Sending;

/// <summary>The generator's process: a hidden verb that sends a plan's traffic to a server and prints what it saw.</summary>
internal static class GenerateVerb
{
    private const string Name = "generate";

    public static Command Create()
    {
        var server = new Argument<string>("server");
        var plan = new Argument<string>("plan");
        var answers = new Argument<string?>("answers") { Arity = ArgumentArity.ZeroOrOne };
        var command = new Command(Name) { server, plan, answers };
        command.Hidden = true;
        command.SetAction(async (parsed, cancel) =>
        {
            var report = await Generate(
                new Uri(parsed.GetValue(server)!),
                JsonSerializer.Deserialize<LoadPlan>(parsed.GetValue(plan)!, BenchReport.Json)!,
                parsed.GetValue(answers),
                cancel);
            await Console.Out.WriteLineAsync(JsonSerializer.Serialize(report, BenchReport.Json));
            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary>Generates a plan's traffic in a process of its own, on a core of its own.</summary>
    /// <param name="answers">A file for what callers were told of their orders.</param>
    public static async Task<SendReport> Run(
        Cores cores, Uri server, LoadPlan plan, string? answers, string? apiKey, CancellationToken cancel)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["DOTNET_gcConcurrent"] = "0", // on one core a second collecting thread only takes turns with the pacing one
            ["DOTNET_GCgen0size"] = "4000000", // 64 MiB: fewer collections, each as short
        };
        if (apiKey is not null)
            environment[ServerCalls.KeyVariable] = apiKey;
        string[] arguments = [LoadVerb.Name, Name, $"{server}", JsonSerializer.Serialize(plan, BenchReport.Json)];
        if (answers is not null)
            arguments = [.. arguments, answers];
        var told = await OwnProcess.Run(cores.Generator, arguments, environment, cancel);
        return JsonSerializer.Deserialize<SendReport>(told, BenchReport.Json)!;
    }

    private static async Task<SendReport> Generate(Uri server, LoadPlan plan, string? answers, CancellationToken cancel)
    {
        var traffic = LoadTraffic.Of(plan);
        using var generator = new Generator(plan, traffic, server, Environment.GetEnvironmentVariable(ServerCalls.KeyVariable));
        GC.Collect(); // what was made for the run is old from here on
        await generator.Run(cancel);
        if (answers is not null)
            await File.WriteAllLinesAsync(answers, LinesOf(traffic, generator.Attempts), cancel);
        return SendReport.Of(traffic, plan.Schedule, generator.Attempts, generator.InFlightPeak);
    }

    /// <summary>What the first click of each purchase was told that was told anything.</summary>
    private static IEnumerable<string> LinesOf(LoadTraffic traffic, IReadOnlyList<Attempt> attempts) =>
        attempts.Select((attempt, at) => (attempt.OrderId, Status: attempt.Detail, traffic.Clicks[at].Purchase))
            .Where(static one => one.OrderId is not null)
            .DistinctBy(static one => one.Purchase)
            .Select(static one => JsonSerializer.Serialize(new { one.OrderId, one.Status }, BenchReport.Json));
}
