using Ledgerfold.Cli.Bench;
using Ledgerfold.Cli.Load.Recounting;
using Ledgerfold.Cli.Load.Running;
using Ledgerfold.Cli.Load.Sending;

namespace Ledgerfold.Cli.Load;

/// <summary>
/// What a run came to: what the generator saw, what the events say, what the server took for it, and whether that is enough.
/// </summary>
internal sealed record LoadReport
{
    // before that, memory only grows to what the server needs anyway
    private const double ShortestForMemory = 60;

    private static readonly TimeSpan ReservationLives = TimeSpan.FromMinutes(15);

    public required string Profile { get; init; }

    public required SendReport Sending { get; init; }

    public required RecountReport Recount { get; init; }

    /// <summary>What was pinned where.</summary>
    public required string Cores { get; init; }

    /// <summary>The server's processor time and memory; null where it is not ours to look at.</summary>
    public ProcessFigures? Server { get; init; }

    public IReadOnlyDictionary<string, double> ServerGauges { get; init; } = new Dictionary<string, double>();

    public DeviceFigures? Device { get; init; }

    /// <summary>What share of the machine was busy with anything else meanwhile: with much of it, speed says little.</summary>
    public double? BusyElsewhere { get; init; }

    /// <summary>From the last attempt until no checkout was under way.</summary>
    public double DrainSeconds { get; init; }

    /// <summary>By how much the clock was put forward for checkouts that did not end by themselves; 0 is the rule.</summary>
    public double AdvancedSeconds { get; init; }

    public KpiComparison? Kpis { get; init; }

    // a small run for trying things out is not asked for more than it sends
    private double MostPerSecond => Math.Round(0.9 * Sending.Attempts / Math.Max(1, Sending.Seconds), 1);

    private double OrdersPerSecond => Math.Round(Recount.Created / (Sending.Seconds + DrainSeconds), 1);

    private double AnsweredShare => Math.Round(Sending.Answered / (double)Math.Max(1, Sending.Attempts), 4);

    /// <summary>What must hold of a flash sale.</summary>
    public static IReadOnlyList<Bar> OfFlash(LoadReport report) =>
    [
        .. Always(report),
        Bar.Most("hotUnitsUnexplained", Math.Abs(report.Recount.Hot?.Unexplained ?? 0), 0),
        Bar.Least("answeredPerSecond", report.Sending.AnsweredPerSecond, Math.Min(500, report.MostPerSecond)),
        Bar.Least("otherArticlesAnsweredShare", report.Sending.OtherArticlesAnsweredShare, 0.9),
        Bar.Most("p99Millis", report.Sending.P99Millis, 250),
        Bar.Most("refusalP99Millis", report.Sending.RefusalP99Millis, 50),
    ];

    /// <summary>What must hold of a steady day.</summary>
    public static IReadOnlyList<Bar> OfSteady(LoadReport report) =>
    [
        .. Always(report),
        Bar.Least("ordersPerSecond", report.OrdersPerSecond, Math.Min(100_000 / 300.0, report.MostPerSecond)),
        Bar.Least("answeredShare", report.AnsweredShare, 1),
        Bar.Most("kpiDifferences", report.Kpis?.Differences.Count ?? 0, 0),
        Bar.Least("kpisCompared", report.Kpis?.Compared ?? 0, 8),
        .. MemoryOf(report),
    ];

    private static IEnumerable<Bar> MemoryOf(LoadReport report)
    {
        if (report.Server is { } server && report.Sending.Seconds >= ShortestForMemory)
            yield return Bar.Most("memoryLastThirdToFirst", server.MemoryGrowth, 1.2);
    }

    /// <summary>What must hold whatever the load: none of this is a matter of speed.</summary>
    private static IEnumerable<Bar> Always(LoadReport report) =>
    [
        Bar.Most("oversold", report.Recount.Oversold, 0),
        Bar.Most("paidTwice", report.Recount.PaidTwice, 0),
        Bar.Most("orphanedHolds", report.Recount.OrphanedHolds, 0),
        Bar.Most("confirmedUnpaid", report.Recount.ConfirmedUnpaid, 0),
        Bar.Most("lost", report.Recount.Lost, 0),
        Bar.Most("unevenArticles", report.Recount.UnevenArticles, 0),
        Bar.Most("wrongParts", report.Recount.WrongParts, 0),
        Bar.Most("wrongEnds", report.Recount.WrongEnds, 0),
        Bar.Most("replayMismatches", report.Sending.ReplayMismatches, 0),
        Bar.Most("failed", report.Sending.Failed + report.Sending.Broken, 0),
        Bar.Most("checkoutsOpen", report.Recount.Open, 0),
        Bar.Most("decidedMaxMillis", report.Recount.DecidedMaxMillis, ReservationLives.TotalMilliseconds),
        Bar.Most("advancedSeconds", report.AdvancedSeconds, 0),
    ];

    /// <summary>One flat object: the figures that everybody asks for first, then all others.</summary>
    public object ToJson(IReadOnlyList<Bar> bars) => new
    {
        Profile,
        Pass = bars.All(static bar => bar.Pass),
        Sending.Attempts,
        Sending.Answered,
        Recount.Confirmed,
        Recount.Rejected,
        Sending.Shed,
        Recount.Oversold,
        Recount.PaidTwice,
        Recount.OrphanedHolds,
        Sending.P50Millis,
        Sending.P99Millis,
        Sending.Late,
        Sending.RefusalP99Millis,
        Sending.AnsweredPerSecond,
        Sending.AnsweredPerSecondAtPeak,
        Sending.OtherArticlesAnsweredShare,
        Sending.Duplicates,
        Sending.Replays,
        Sending.ReplayMismatches,
        ServerCpu = Server?.CpuShare,
        ServerMemory = Server?.MemoryPeakMB,
        Recount.OpenCheckoutsPeak,
        DrainSeconds,
        AdvancedSeconds,
        Cores,
        Bars = bars,
        Sending,
        Recount,
        Server,
        ServerGauges,
        Kpis,
        Device,
        BusyElsewhere,
    };

    /// <summary>The same for people.</summary>
    public void Write(TextWriter people, IReadOnlyList<Bar> bars)
    {
        people.WriteLine($"{Profile}: {Cores}");
        foreach (var (name, value) in Figures())
            people.WriteLine($"  {name,-12}{value}");
        foreach (var bar in bars)
        {
            var (verdict, sign) = (bar.Pass ? "pass" : "FAIL", bar.AtLeast ? "≥" : "≤");
            people.WriteLine($"  {verdict}  {bar.Figure} {sign} {bar.Limit:0.##}: {bar.Value:0.##}");
        }

        foreach (var line in Recount.Findings.Concat(Kpis?.Differences ?? []))
            people.WriteLine($"  !     {line}");
    }

    private IEnumerable<(string Name, string Value)> Figures()
    {
        yield return ("attempts", $"{Sending.Attempts:N0} in {Sending.Seconds:N0} s, {Sending.Late} of them sent late; "
            + $"{Sending.Duplicates:N0} further clicks, {Sending.Replays:N0} replays");
        yield return ("answers", $"{Sending.Answered:N0} of the business, {Sending.AnsweredPerSecond:N0}/s, "
            + $"at the peak {Sending.AnsweredPerSecondAtPeak:N0}/s; p50 {Sending.P50Millis:N1} ms, p99 {Sending.P99Millis:N1} ms");
        yield return ("no answers", $"{Sending.Shed:N0} refusals to serve, p99 {Sending.RefusalP99Millis:N1} ms; "
            + $"{Sending.InProgress} in progress, {Sending.Failed + Sending.Broken} failed");
        yield return ("orders", $"{Recount.Created:N0}: {Recount.Confirmed:N0} confirmed, {Recount.Rejected:N0} rejected, "
            + $"{Recount.OnHold:N0} on hold, {Recount.Open:N0} open; at most {Recount.OpenCheckoutsPeak:N0} under way at once");
        yield return ("decided", $"p50 {Recount.DecidedP50Millis:N0} ms, p99 {Recount.DecidedP99Millis:N0} ms, "
            + $"at the latest {Recount.DecidedMaxMillis:N0} ms; all of them {DrainSeconds:N1} s behind the last attempt");
        if (Recount.Hot is { } hot)
            yield return ("hot", $"{hot.Confirmed:N0} of {hot.Units:N0} units confirmed, {hot.Unexplained} unexplained");
        if (Server is { } server)
        {
            yield return ("server", $"{server.CpuShare:P0} of a core; memory {server.MemoryFirstThirdMB:N0} MB in the first third, "
                + $"{server.MemoryLastThirdMB:N0} MB in the last, at most {server.MemoryPeakMB:N0} MB");
        }

        if (BusyElsewhere is { } busy)
            yield return ("elsewhere", $"{busy:P0} of the machine was busy with other things");
        if (Device is { } device)
            yield return ("device", $"fdatasync of 4 KiB p50 {device.FdatasyncP50Micros:N0} µs, p99 {device.FdatasyncP99Micros:N0} µs");
    }
}
