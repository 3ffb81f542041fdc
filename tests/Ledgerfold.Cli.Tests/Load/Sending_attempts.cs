using System.Collections.Concurrent;
using Ledgerfold.Cli.Load;
using Ledgerfold.Cli.Load.Sending;
using Ledgerfold.Cli.Load.Traffic;

namespace Ledgerfold.Cli.Tests.Load;

/// <summary>The generator against a server that answers as the test wants.</summary>
public sealed class Sending_attempts
{
    private static readonly LoadPlan Plan = new(LoadProfile.Flash, "r1") { Seconds = 1, Rate = 200 };

    private readonly ConcurrentQueue<string> _keys = new();

    [Fact]
    public async Task Sends_every_attempt_under_the_key_of_its_purchase()
    {
        var (report, traffic) = await Send(Plan, key => EchoServer.AnswerOf(201, $$"""{"orderId":"{{key}}","status":"pending"}"""));

        Assert.Equal(105, report.Attempts);
        Assert.Equal((105, 0, 0, 0), (report.Answered, report.Shed, report.Failed, report.Broken));
        Assert.Equal(traffic.Clicks.Select(click => traffic.Purchases[click.Purchase].Key).Order(), _keys.Order());
        Assert.Equal((traffic.Clicks.Count(click => !click.IsFirst), 0), (report.Duplicates, report.ReplayMismatches));
        Assert.Equal(1, report.OtherArticlesAnsweredShare);
        Assert.True(report.P99Millis > 0 && report.P50Millis <= report.P99Millis);
    }

    [Fact]
    public async Task Sees_a_click_that_is_answered_otherwise_than_the_first()
    {
        var number = 0;
        var (report, _) = await Send(Plan, _ => EchoServer.AnswerOf(201, $$"""{"orderId":"o-{{Interlocked.Increment(ref number)}}","status":"pending"}"""));

        Assert.True(report.Duplicates > 0);
        Assert.Equal(report.Duplicates, report.ReplayMismatches);
    }

    [Fact]
    public async Task Counts_refusals_to_serve_apart()
    {
        var (report, _) = await Send(Plan, key => key.EndsWith('7')
            ? EchoServer.AnswerOf(503, """{"code":"busy"}""", "Retry-After: 1\r\n")
            : EchoServer.AnswerOf(201, """{"orderId":"o-1","status":"rejected"}""", "Idempotency-Replayed: true\r\n"));

        Assert.Equal(_keys.Count(key => key.EndsWith('7')), report.Shed);
        Assert.Equal(report.Attempts - report.Shed, report.Answered);
        Assert.Equal(report.Answered, report.Replays);
        Assert.True(report.RefusalP99Millis > 0 && report.Said["rejected"] == report.Answered);
    }

    [Fact]
    public async Task Measures_from_when_an_attempt_was_due_and_goes_on_sending_meanwhile()
    {
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var arrived = 0;
        var (report, _) = await Send(Plan with { Rate = 60 }, async _ =>
        {
            // nobody is answered before the last attempt has arrived: a generator that waits for answers would never get there
            if (Interlocked.Increment(ref arrived) == 35)
                all.SetResult();
            await all.Task;
            return EchoServer.AnswerOf(201, """{"orderId":"o-1","status":"pending"}""");
        });

        Assert.Equal((35, 35, 35), (report.Attempts, report.Answered, report.InFlightPeak));
        Assert.True(report.MaxMillis > 800, $"the first waited almost the whole second, and {report.MaxMillis} ms were measured");
    }

    [Fact]
    public async Task Counts_a_server_that_hangs_up_as_broken()
    {
        var (report, _) = await Send(Plan with { Rate = 50 }, ReadOnlyMemory<byte> (_) => throw new IOException("gone"));

        Assert.Equal((report.Attempts, 0), (report.Broken, report.Answered));
    }

    private Task<(SendReport Report, LoadTraffic Traffic)> Send(LoadPlan plan, Func<string, ReadOnlyMemory<byte>> answer) =>
        Send(plan, key => ValueTask.FromResult(answer(key)));

    private async Task<(SendReport Report, LoadTraffic Traffic)> Send(LoadPlan plan, Func<string, ValueTask<ReadOnlyMemory<byte>>> answer)
    {
        await using var server = new EchoServer(head =>
        {
            if (head.StartsWith("GET", StringComparison.Ordinal))
                return ValueTask.FromResult(EchoServer.AnswerOf(200, "{}"));
            var key = head.Split("\r\n").Single(line => line.StartsWith("Idempotency-Key: ", StringComparison.Ordinal))[17..];
            _keys.Enqueue(key);
            return answer(key);
        });
        var traffic = LoadTraffic.Of(plan);
        using var generator = new Generator(plan, traffic, server.Address, apiKey: null);
        await generator.Run(TestContext.Current.CancellationToken);
        return (SendReport.Of(traffic, plan.Schedule, generator.Attempts, generator.InFlightPeak), traffic);
    }
}
