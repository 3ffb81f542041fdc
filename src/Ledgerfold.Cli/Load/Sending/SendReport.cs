using Ledgerfold.Cli.Load.Recounting;
using Ledgerfold.Cli.Load.Traffic;

namespace Ledgerfold.Cli.Load.Sending;

/// <summary>What the generator saw: figures of answers as they came over HTTP.</summary>
internal sealed record SendReport
{
    private static readonly TimeSpan LateFrom = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan PeakLasts = TimeSpan.FromSeconds(5);

    public int Attempts { get; init; }

    /// <summary>Answers of the business, whatever they say.</summary>
    public int Answered { get; init; }

    public int Shed { get; init; }

    public int InProgress { get; init; }

    public int Failed { get; init; }

    public int Broken { get; init; }

    /// <summary>What the answers said: states of orders, codes of refusals and failures.</summary>
    public IReadOnlyDictionary<string, int> Said { get; init; } = new Dictionary<string, int>();

    /// <summary>Attempts that were handed over more than 5 ms after they were due: the generator's own fault.</summary>
    public int Late { get; init; }

    /// <summary>Attempts that found every connection taken.</summary>
    public int WaitedForConnection { get; init; }

    public int InFlightPeak { get; init; }

    /// <summary>Business answers within the schedule, for each of its seconds; and for the last five.</summary>
    public double AnsweredPerSecond { get; init; }

    public double AnsweredPerSecondAtPeak { get; init; }

    /// <summary>Of the attempts on other articles than the hot one, the share that got a business answer.</summary>
    public double OtherArticlesAnsweredShare { get; init; }

    /// <summary>Latencies of business answers, from when each attempt was due.</summary>
    public double P50Millis { get; init; }

    public double P99Millis { get; init; }

    public double MaxMillis { get; init; }

    /// <summary>Latencies of refusals to serve.</summary>
    public double RefusalP99Millis { get; init; }

    /// <summary>Further clicks of a purchase.</summary>
    public int Duplicates { get; init; }

    /// <summary>Answers that the server said it gives again.</summary>
    public int Replays { get; init; }

    /// <summary>Answers of a purchase that are not the same, byte for byte, as those to its other clicks.</summary>
    public int ReplayMismatches { get; init; }

    /// <summary>How long the schedule was.</summary>
    public double Seconds { get; init; }

    /// <summary>Processor time of the generator.</summary>
    public double CpuSeconds { get; init; }

    public static SendReport Of(LoadTraffic traffic, Schedule schedule, IReadOnlyList<Attempt> attempts, int inFlightPeak)
    {
        var all = attempts.Select((attempt, at) => (Attempt: attempt, Click: traffic.Clicks[at], Due: schedule.DueOf(at))).ToList();
        var business = all.Where(static one => Answer.IsOfBusiness(one.Attempt.Kind)).ToList();
        var latencies = LatenciesOf(business);
        var others = all.Where(one => !traffic.Purchases[one.Click.Purchase].IsHot).ToList();
        return new SendReport
        {
            Attempts = all.Count,
            Answered = business.Count,
            Shed = CountOf(AnswerKind.Shed),
            InProgress = CountOf(AnswerKind.InProgress),
            Failed = CountOf(AnswerKind.Failed),
            Broken = CountOf(AnswerKind.Broken),
            Said = all.CountBy(static one => one.Attempt.Detail ?? "nothing")
                .OrderBy(static one => one.Key, StringComparer.Ordinal).ToDictionary(),
            Late = all.Count(static one => one.Attempt.SentLate > LateFrom),
            WaitedForConnection = all.Count(static one => one.Attempt.Waited),
            InFlightPeak = inFlightPeak,
            AnsweredPerSecond = Rate(business.Count(one => one.Attempt.AnsweredAt <= schedule.Length), schedule.Length),
            AnsweredPerSecondAtPeak = Rate(
                business.Count(one => one.Attempt.AnsweredAt <= schedule.Length && one.Attempt.AnsweredAt > schedule.Length - PeakLasts),
                PeakLasts < schedule.Length ? PeakLasts : schedule.Length),
            OtherArticlesAnsweredShare = others.Count == 0
                ? 1
                : Math.Round(others.Count(static one => Answer.IsOfBusiness(one.Attempt.Kind)) / (double)others.Count, 4),
            P50Millis = Percentile.Of(latencies, 0.5),
            P99Millis = Percentile.Of(latencies, 0.99),
            MaxMillis = Percentile.Of(latencies, 1),
            RefusalP99Millis = Percentile.Of(LatenciesOf(all.Where(static one => one.Attempt.Kind is AnswerKind.Shed)), 0.99),
            Duplicates = all.Count(static one => !one.Click.IsFirst),
            Replays = all.Count(static one => one.Attempt.IsReplay),
            ReplayMismatches = all.Where(static one => one.Attempt.Fingerprint is not null)
                .GroupBy(static one => one.Click.Purchase, static one => one.Attempt.Fingerprint!)
                .Sum(static clicks => clicks.Count() - clicks.CountBy(static one => one).Max(static one => one.Value)),
            Seconds = Math.Round(schedule.Length.TotalSeconds, 2),
            CpuSeconds = Math.Round(Environment.CpuUsage.TotalTime.TotalSeconds, 2),
        };

        int CountOf(AnswerKind kind) => all.Count(one => one.Attempt.Kind == kind);
    }

    private static double[] LatenciesOf(IEnumerable<(Attempt Attempt, Click Click, TimeSpan Due)> attempts) =>
        [.. attempts.Select(static one => (one.Attempt.AnsweredAt - one.Due).TotalMilliseconds).Order()];

    private static double Rate(int count, TimeSpan within) => Math.Round(count / within.TotalSeconds, 1);
}
