using System.Diagnostics;
using System.Diagnostics.Metrics;
using static Ledgerfold.TelemetryNames;

namespace Ledgerfold.Storage;

/// <summary>
/// What the embedded ledger shows of what it does, under <see cref="TelemetryNames"/>. Where nobody listens it costs nothing; and where
/// somebody measures, that is done on callers' threads but for the disk's own figure, so that the writer tells nobody anything.
/// </summary>
internal static class Telemetry
{
    private static readonly ActivitySource Spans = new(Source);
    private static readonly Meter Meter = new(Source);
    private static readonly InstrumentAdvice<double> Seconds = new() { HistogramBucketBoundaries = SecondsBuckets };

    public static readonly Histogram<double> AppendDuration = Meter.CreateHistogram(
        Metrics.AppendDuration, "s", "From an append's arrival to its answer, by answer.", tags: null, Seconds);

    public static readonly Histogram<double> SyncDuration = Meter.CreateHistogram(
        Metrics.SyncDuration, "s", "How long the disk took to confirm a batch of appends.", tags: null, Seconds);

    /// <summary>Whether somebody wants to see the spans of appends.</summary>
    public static bool IsTraced => Spans.HasListeners();

    /// <summary>Measures an append that was answered just now.</summary>
    public static void Note(AppendOutcome outcome, TimeProvider clock, long began)
    {
        if (!AppendDuration.Enabled)
            return;
        var answer = new KeyValuePair<string, object?>(Attributes.Answer, NameOf(outcome));
        AppendDuration.Record(clock.GetElapsedTime(began).TotalSeconds, answer);
    }

    /// <summary>
    /// Begins the span of an append: a child of what its caller does, else of the trace that its first event names, and linked to those
    /// that its other events name, because several callers' events may be written as one append.
    /// </summary>
    public static Activity? Begin(AppendRequest request)
    {
        var parent = Activity.Current?.Context ?? default;
        var links = new List<ActivityLink>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        if (Activity.Current?.Id is { } current)
            seen.Add(current);
        var count = 0;
        foreach (var item in EventsOf(request))
        {
            count++;
            if (links.Count == LinksMax || item.TraceParent is not { } named || !seen.Add(named)
                || !ActivityContext.TryParse(named, traceState: null, isRemote: true, out var context))
                continue;
            if (parent == default)
                parent = context;
            else
                links.Add(new ActivityLink(context));
        }

        var stream = request.Writes is [{ Stream: { } only }] ? only : null;
        var name = stream is null ? TelemetryNames.Spans.Append : $"{TelemetryNames.Spans.Append} {stream.Split('-', 2)[0]}";
        var activity = Spans.StartActivity(ActivityKind.Producer, parent, links: links, name: name);
        return activity?.SetTag(Attributes.MessagingSystem, Attributes.MessagingSystemName)
            .SetTag(Attributes.MessagingOperation, TelemetryNames.Spans.Append)
            .SetTag(Attributes.MessagingOperationType, "send")
            .SetTag(Attributes.MessagingDestination, stream)
            .SetTag(Attributes.MessagingBatchCount, count)
            .SetTag(Attributes.Tenant, request.Tenant);
    }

    /// <summary>Says in the span of an append what became of it.</summary>
    public static void Say(Activity? activity, AppendOutcome outcome)
    {
        activity?.SetTag(Attributes.Answer, NameOf(outcome));
        if (outcome is AppendOutcome.Appended appended)
            activity?.SetTag(Attributes.Position, appended.Last);
        else if (outcome is AppendOutcome.Indeterminate or AppendOutcome.ReadOnly or AppendOutcome.Overloaded)
            activity?.SetStatus(ActivityStatusCode.Error, outcome.Code);
    }

    /// <summary>A meter that shows how many appends wait, until it is disposed of.</summary>
    public static Meter ShowWaiting(Func<int> count)
    {
        var meter = new Meter(Source);
        meter.CreateObservableGauge(Metrics.AppendsWaiting, count, "{append}", "Appends that wait for the writer.");
        return meter;
    }

    private static string NameOf(AppendOutcome outcome) => outcome is AppendOutcome.Appended { Repeated: true } ? "repeated" : outcome.Code;

    private static IEnumerable<NewEvent> EventsOf(AppendRequest request) =>
        from write in request.Writes.IsDefault ? [] : request.Writes
        where write is { Events.IsDefault: false }
        from item in write.Events
        where item is not null
        select item;
}
