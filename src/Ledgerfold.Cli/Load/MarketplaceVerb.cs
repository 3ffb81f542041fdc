using System.CommandLine;
using System.Text.Json;
using Ledgerfold.Cli.Bench;
using Ledgerfold.Cli.Online;

namespace Ledgerfold.Cli.Load;

/// <summary>
/// <c>ledgerfold load marketplace</c>: a flash sale or a steady day on a real server, by HTTP alone, and all of it counted again.
/// </summary>
internal static class MarketplaceVerb
{
    public const string Example = "ledgerfold load marketplace --profile flash\n"
        + "ledgerfold load marketplace --profile steady --orders 10000 --json";

    public static Command Create()
    {
        var profile = new Option<LoadProfile>("--profile")
        {
            Description = "flash: everybody wants one article; steady: a good day.",
            Required = true,
        };
        var server = new Option<string?>("--server")
        {
            Description = "A server that runs already, with --clock manual; without it, one is started for this run.",
            HelpName = "URL",
        };
        var data = new Option<string?>("--data") { Description = "Where to keep the server's data, events and answers.", HelpName = "DIR" };
        var seconds = Number("--seconds", "flash: how long the rate rises (default 30).");
        var rate = Number("--rate", "Attempts a second: at the end of the rise (default 2000), or throughout (default 400).");
        var orders = Count("--orders", 1, "steady: how many orders (default 100000).");
        var units = Count("--units", 1, "flash: how many there are of what everybody wants (default 1000).");
        var wait = Count("--wait", 0, "How many seconds a caller waits for the end of checkout (default 0 for flash, 10 for steady).");
        var seed = Count("--seed", 0, "What the traffic is drawn from (default 1).");
        var json = LedgerDirectory.JsonOption("One JSON object on standard output at the end.");
        var verb = new Verb("marketplace", "Loads the marketplace over HTTP and counts again what must never happen.", Example)
        {
            profile, server, data, seconds, rate, orders, units, wait, seed, json,
        };
        verb.SetAction((parsed, cancel) =>
        {
            var which = parsed.GetValue(profile);
            var isFlash = which is LoadProfile.Flash;
            var plan = new LoadPlan(which, $"r{TimeProvider.System.GetUtcNow():HHmmss}")
            {
                Seed = parsed.GetValue(seed) ?? 1,
                Seconds = parsed.GetValue(seconds) ?? 30,
                Rate = parsed.GetValue(rate) ?? (isFlash ? 2_000 : 400),
                Orders = parsed.GetValue(orders) ?? 100_000,
                HotUnits = parsed.GetValue(units) ?? 1_000,
                Wait = parsed.GetValue(wait) ?? (isFlash ? 0 : 10),
            };
            if (isFlash && plan.Rate < LoadPlan.CalmRate)
                throw new VerbFailedException(ExitCode.Usage, $"--rate: at least {LoadPlan.CalmRate}, which a flash sale begins with");
            var address = parsed.GetValue(server) is { } url ? ServerAddress.Of(url) : null;
            return Run(plan, address, parsed.GetValue(data), parsed.GetValue(json), cancel);
        });
        return verb;
    }

    private static async Task<int> Run(LoadPlan plan, Uri? server, string? data, bool json, CancellationToken cancel)
    {
        var directory = data is null ? Directory.CreateTempSubdirectory("ledgerfold-load-") : Directory.CreateDirectory(data);
        if (directory.EnumerateFileSystemInfos().Any())
            throw new VerbFailedException(ExitCode.Conflict, $"{data} is not empty");
        try
        {
            var run = new LoadRun(plan, directory.FullName);
            var report = server is null
                ? await run.OnOwnServer(cancel)
                : await run.OnServer(server, Environment.GetEnvironmentVariable(ServerCalls.KeyVariable), cancel);
            var bars = plan.Profile is LoadProfile.Flash ? LoadReport.OfFlash(report) : LoadReport.OfSteady(report);
            if (json)
                await Console.Out.WriteLineAsync(JsonSerializer.Serialize(report.ToJson(bars), BenchReport.Json));
            else
                report.Write(Console.Out, bars);
            return bars.All(static bar => bar.Pass) ? ExitCode.Ok : ExitCode.CheckFailed;
        }
        catch (HttpRequestException unreachable)
        {
            throw new VerbFailedException(ExitCode.Unreachable, $"unreachable: {unreachable.Message}");
        }
        catch (TimeoutException)
        {
            throw new VerbFailedException(ExitCode.Failed, "the server did not start, or did not end, in time");
        }
        finally
        {
            if (data is null)
                directory.Delete(recursive: true);
        }
    }

    private static Option<double?> Number(string name, string description) =>
        AtLeast(double.Epsilon, new Option<double?>(name) { Description = description, HelpName = "N" });

    private static Option<int?> Count(string name, int least, string description) =>
        AtLeast(least, new Option<int?>(name) { Description = description, HelpName = "N" });

    private static Option<T?> AtLeast<T>(T least, Option<T?> option)
        where T : struct, IComparable<T>
    {
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<T?>() is { } value && value.CompareTo(least) < 0)
                result.AddError(least is int ? $"{option.Name}: at least {least}" : $"{option.Name}: more than 0");
        });
        return option;
    }
}
