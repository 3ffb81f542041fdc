using System.CommandLine;
using System.Text.Json;
using Ledgerfold.Cli.Bench;
using Ledgerfold.Cli.Load.Running;
using Ledgerfold.Cli.Terminal;

namespace Ledgerfold.Cli.Load.Sending;

/// <summary>
/// <c>ledgerfold load ceiling</c>: how many attempts a second the generator can send in time, against a server that does nothing. What is
/// measured near this rate says nothing about a marketplace.
/// </summary>
internal static class CeilingVerb
{
    private const string EchoName = "echo";
    private const string Example = "ledgerfold load ceiling --json";
    private const double SecondsEach = 5;
    private const double LateShareMax = 0.01;

    private static readonly double[] Rates = [1_000, 2_000, 3_000, 4_000, 6_000, 8_000, 12_000, 16_000];

    public static Command Create()
    {
        var json = LedgerDirectory.JsonOption();
        var verb = new Verb("ceiling", "Measures the generator alone, against a server that does nothing.", Example) { json };
        verb.SetAction(async (parsed, cancel) =>
        {
            var cores = Cores.OfThisMachine();
            using var echo = OwnProcess.Start(cores.Server, [LoadVerb.Name, EchoName], environment: null);
            try
            {
                var server = new Uri((await echo.StandardOutput.ReadLineAsync(cancel))!);
                return await Measure(server, cores, parsed.GetValue(json), cancel);
            }
            finally
            {
                echo.Kill();
            }
        });
        return verb;
    }

    /// <summary>The hidden verb behind it: a server that answers every order alike.</summary>
    public static Command CreateEcho()
    {
        var command = new Command(EchoName) { Hidden = true };
        command.SetAction(async (_, cancel) =>
        {
            var order = $$"""{"orderId":"o-1","status":"pending","lines":[],"note":"{{new string('x', 1_000)}}"}""";
            var answer = EchoServer.AnswerOf(201, order);
            await using var server = new EchoServer(_ => ValueTask.FromResult(answer));
            await Console.Out.WriteLineAsync($"{server.Address}");
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancel);
            return ExitCode.Ok;
        });
        return command;
    }

    private static async Task<int> Measure(Uri server, Cores cores, bool asJson, CancellationToken cancel)
    {
        var output = new StandardOutput();
        foreach (var rate in Rates)
        {
            var plan = new LoadPlan(LoadProfile.Steady, "r") { Rate = rate, Orders = (int)(rate * SecondsEach) };
            var report = await GenerateVerb.Run(cores, server, plan, answers: null, apiKey: null, cancel);
            var figures = new { rate, report.AnsweredPerSecond, report.Late, report.P50Millis, report.P99Millis, report.CpuSeconds };
            output.Line(asJson
                ? JsonSerializer.Serialize(figures, BenchReport.Json)
                : $"{rate,7:N0}/s   answered {report.AnsweredPerSecond,8:N0}/s   late {report.Late,6}   p50 {report.P50Millis} ms   "
                    + $"p99 {report.P99Millis} ms   generator's processor {report.CpuSeconds} s");
            output.Flush();
            if (report.Late > LateShareMax * report.Attempts)
                break;
        }

        return ExitCode.Ok;
    }
}
