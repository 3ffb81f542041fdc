using Ledgerfold.Model.Commanding;

namespace Ledgerfold.Cli.Bench.Shop;

/// <summary>64 callers that each await the answer to their own command.</summary>
internal static class Sending
{
    public const int Callers = 64;

    // What is answered at once would let one caller keep its thread and the others wait.
    private const int AnswersBeforeYield = 16;

    /// <summary>Sends new commands until the time is up.</summary>
    public static Task<Slice> New(Commands commands, OrderTraffic traffic, CommandNumbers numbers, TimeSpan length) =>
        Send(length, _ => numbers.Take, number => Accept(commands, traffic, number, repeated: false));

    /// <summary>Sends commands again of which so many are answered, at random over all of them.</summary>
    public static Task<Slice> Again(Commands commands, OrderTraffic traffic, long answered, int seed, TimeSpan length) =>
        Send(
            length,
            caller =>
            {
                var random = new Random(seed + caller);
                return () => random.NextInt64(answered);
            },
            number => Accept(commands, traffic, number, repeated: true));

    /// <summary>Sends one, and says no to any answer but the one that is expected: what failed must not be measured.</summary>
    public static async Task<CommandAnswer.Accepted> Accept(Commands commands, OrderTraffic traffic, long number, bool repeated)
    {
        var answer = await commands.Send(traffic.Command(number), traffic.Origin(number));
        return answer is CommandAnswer.Accepted accepted && accepted.Repeated == repeated
            ? accepted
            : throw new InvalidOperationException($"command {number} was answered {answer}");
    }

    private static async Task<Slice> Send(TimeSpan length, Func<int, Func<long>> numbersOf, Func<long, Task> send)
    {
        var started = TimeProvider.System.GetTimestamp();
        var callers = Enumerable.Range(0, Callers).Select(caller => Task.Run(() => Send(started, length, numbersOf(caller), send)));
        var slices = await Task.WhenAll(callers);
        var elapsed = TimeProvider.System.GetElapsedTime(started);
        var latencies = new LatencyHistogram();
        foreach (var slice in slices)
            latencies.Add(slice.Latencies);
        return new Slice(slices.Sum(slice => slice.Answers), elapsed, latencies);
    }

    private static async Task<(long Answers, LatencyHistogram Latencies)> Send(
        long started, TimeSpan length, Func<long> next, Func<long, Task> send)
    {
        var latencies = new LatencyHistogram();
        long answers = 0;
        while (TimeProvider.System.GetElapsedTime(started) < length)
        {
            var number = next();
            var before = TimeProvider.System.GetTimestamp();
            await send(number);
            latencies.AddSince(before);
            if (++answers % AnswersBeforeYield == 0)
                await Task.Yield();
        }

        return (answers, latencies);
    }
}

/// <summary>Hands out the numbers of commands, each once. Any thread.</summary>
internal sealed class CommandNumbers
{
    private long _taken;

    /// <summary>How many were handed out.</summary>
    public long Taken => Volatile.Read(ref _taken);

    public long Take() => Interlocked.Increment(ref _taken) - 1;
}
