using System.Diagnostics;
using System.Diagnostics.Metrics;
using Ledgerfold.Model.Operating;
using static Ledgerfold.TelemetryNames;

namespace Ledgerfold.Model;

/// <summary>What the model shows of what it does, under <see cref="TelemetryNames"/>. Where nobody listens it costs nothing.</summary>
internal static class Telemetry
{
    public static readonly ActivitySource Source = new(TelemetryNames.Source);

    private static readonly Meter Meter = new(TelemetryNames.Source);
    private static readonly InstrumentAdvice<double> Seconds = new() { HistogramBucketBoundaries = SecondsBuckets };
    private static readonly InstrumentAdvice<int> Counts = new() { HistogramBucketBoundaries = CountBuckets };

    public static readonly Counter<long> Commands = Counter(Metrics.Commands, "{command}", "Commands answered, by command and answer.");

    public static readonly Histogram<double> CommandDuration = Duration(
        Metrics.CommandDuration, "From a command's arrival to its answer.");

    public static readonly Counter<long> CommandRetries = Counter(
        Metrics.CommandRetries, "{retry}", "Decisions made again because the ledger had moved.");

    public static readonly Counter<long> CommandRepeats = Counter(
        Metrics.CommandRepeats, "{command}", "Commands that had been answered before, and were answered the same.");

    public static readonly Histogram<int> CommandsWrittenTogether = Meter.CreateHistogram(
        Metrics.CommandsTogether, "{command}", "Commands of one key that were written as one append.", tags: null, Counts);

    public static readonly Counter<long> StatesLoaded = Counter(
        Metrics.StatesLoaded, "{state}", "States loaded, by what they began with: hot, snapshot, or nothing.");

    public static readonly Counter<long> SnapshotsWritten = Counter(Metrics.SnapshotsWritten, "{snapshot}", "Snapshots written.");

    public static readonly Counter<long> SnapshotsFailed = Counter(
        Metrics.SnapshotsFailed, "{snapshot}", "Snapshots that could not be written or read; states are computed without them.");

    public static readonly Counter<long> FoldEvents = Counter(Metrics.FoldEvents, "{event}", "Events that a fold has taken up.");

    public static readonly Counter<long> FoldErrors = Counter(
        Metrics.FoldErrors, "{error}", "Events that could not be folded, each time it was tried.");

    public static readonly Counter<long> FoldRestarts = Counter(
        Metrics.FoldRestarts, "{restart}", "Times a fold failed as a whole and began again where its rows stand.");

    public static readonly Counter<long> FoldRebuilds = Counter(
        Metrics.FoldRebuilds, "{rebuild}", "Times all rows of a fold were dropped, to be computed again.");

    public static readonly Histogram<double> CheckpointDuration = Duration(
        Metrics.CheckpointDuration, "How long the fold store took to write what a fold had changed, by answer.");

    public static readonly Counter<long> ProcessRecords = Counter(
        Metrics.ProcessRecords, "{record}", "What instances of processes made of what reached them.");

    public static readonly Counter<long> ProcessRestarts = Counter(
        Metrics.ProcessRestarts, "{restart}", "Times a process failed as a whole and began again where its cursor stands.");

    public static readonly Counter<long> StepAttempts = Counter(
        Metrics.StepAttempts, "{attempt}", "Attempts at steps of processes, by lane and by what they came to.");

    public static readonly Histogram<double> TimerLateness = Duration(
        Metrics.TimerLateness, "How long after it was due a timer was found to be.");

    public static readonly Counter<long> OperationLives = Counter(
        Metrics.OperationLives, "{life}", "Times an operation was taken up, anew or behind a restart.");

    public static readonly Counter<long> OperationsEnded = Counter(
        Metrics.OperationsEnded, "{operation}", "Operations ended, by kind and outcome.");

    /// <summary>
    /// Begins the span of something that takes up events: a trace of its own, linked to those in which they were appended, so that neither
    /// grows without end. Null, and nothing done, where nobody listens.
    /// </summary>
    /// <param name="span">What is done: one of <see cref="Spans"/>.</param>
    /// <param name="consumer">Who does it.</param>
    /// <param name="events">What is taken up.</param>
    public static Activity? Deliver(string span, string consumer, params ReadOnlySpan<RecordedEvent> events)
    {
        if (!Source.HasListeners())
            return null;
        Activity.Current = null;
        var name = $"{span} {consumer}";
        var activity = Source.StartActivity(ActivityKind.Consumer, links: LinksTo(events), name: name);
        return activity?.SetTag(Attributes.MessagingSystem, Attributes.MessagingSystemName)
            .SetTag(Attributes.MessagingOperation, span)
            .SetTag(Attributes.MessagingOperationType, "process")
            .SetTag(Attributes.MessagingBatchCount, events.Length)
            .SetTag(Attributes.Position, events[^1].Position);
    }

    /// <summary>Begins the span of what follows from several: it goes on in the trace of the first, and is linked to the others.</summary>
    public static Activity? Follow(string span, List<ActivityContext>? spans) => spans is [var first, .. var others]
        ? Source.StartActivity(ActivityKind.Internal, first, links: others.Select(static other => new ActivityLink(other)), name: span)
        : Source.StartActivity(span);

    /// <summary>The trace that goes on here, as an event carries it; null where there is none.</summary>
    public static string? CurrentTraceParent =>
        Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: { } id } ? id : null;

    public static string NameOf(OperationPhase outcome) => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(outcome.ToString());

    public static void CountEnd(string operation, OperationPhase outcome) =>
        OperationsEnded.Add(1, new(Attributes.Operation, operation), new(Attributes.Outcome, NameOf(outcome)));

    public static KeyValuePair<string, object?> TagOf(FoldName fold) => new(Attributes.Fold, fold.ToString());

    private static List<ActivityLink> LinksTo(ReadOnlySpan<RecordedEvent> events)
    {
        var links = new List<ActivityLink>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var recorded in events)
        {
            if (recorded.TraceParent is { } parent && seen.Add(parent)
                && ActivityContext.TryParse(parent, traceState: null, isRemote: true, out var context))
                links.Add(new ActivityLink(context));
            if (links.Count == LinksMax)
                break;
        }

        return links;
    }

    private static Counter<long> Counter(string name, string unit, string description) =>
        Meter.CreateCounter<long>(name, unit, description);

    private static Histogram<double> Duration(string name, string description) =>
        Meter.CreateHistogram(name, "s", description, tags: null, Seconds);
}
