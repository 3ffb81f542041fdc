using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

namespace Ledgerfold.Testing.Tests.Conformance;

/// <summary>Ledgers that write rightly and read wrongly, each in a way that somebody could ship.</summary>
internal static class FaultsOfReading
{
    public static IReadOnlyDictionary<string, Func<InMemoryLedger, FaultyLedger>> All { get; } =
        new Dictionary<string, Func<InMemoryLedger, FaultyLedger>>
        {
            ["an event is lost"] = inner => Showing(inner, recorded => recorded.Position % 50 == 49 ? null : recorded),
            ["another tenant's events are seen"] = inner => Reading(inner, (request, across, cancel) =>
                Limits.Check(request) is null ? inner.ReadAcrossTenants(request, cancel) : inner.Read(request, cancel)),
            ["the platform's events are seen unasked"] = inner => Reading(inner, (request, across, cancel) => ReadInner(
                inner,
                request.Query is { } query && query.Items.IsDefaultOrEmpty
                    ? request with { Query = new EventQuery { Items = [new QueryItem(), new QueryItem { Category = "$audit" }] } }
                    : request,
                across,
                cancel)),
            ["a category is matched by its beginning"] = inner => Reading(inner, (request, across, cancel) => ReadInner(
                inner,
                request.Query?.Items is [{ Category: "order", Types.IsEmpty: true } item]
                    ? request with { Query = new EventQuery { Items = [item, item with { Category = "orders" }] } }
                    : request,
                across,
                cancel)),
            ["tags are any of"] = inner => Reading(inner, (request, across, cancel) => ReadInner(
                inner,
                request.Query?.Items is [{ Tags.Length: 2 } item]
                    ? request with { Query = new EventQuery { Items = [.. item.Tags.Select(tag => item with { Tags = [tag] })] } }
                    : request,
                across,
                cancel)),
            ["the position after is included"] = inner => Reading(inner, (request, across, cancel) =>
                ReadInner(inner, request with { After = request.After > 0 ? request.After - 1 : request.After }, across, cancel)),
            ["the position before is included"] = inner => Reading(inner, (request, across, cancel) =>
                ReadInner(
                    inner,
                    request with { Before = request.Before is >= 0 and < long.MaxValue ? request.Before + 1 : request.Before },
                    across,
                    cancel)),
            ["a limit is one too generous"] = inner => Reading(inner, (request, across, cancel) =>
                ReadInner(
                    inner,
                    request with { Limit = request.Limit is >= 0 and < long.MaxValue ? request.Limit + 1 : request.Limit },
                    across,
                    cancel)),
            ["a backward page is in forward order"] = inner => Paging(inner, (request, page) =>
                request.Backward ? page with { Events = [.. page.Events.Reverse()] } : page),
            ["a page claims the position after what it scanned"] = inner => Paging(inner, (request, page) =>
                request.Backward ? page : page with { ScannedTo = page.ScannedTo + 1 }),
            ["a page claims less than it scanned"] = inner => Paging(inner, (request, page) =>
                page with { ScannedTo = page.Events.IsEmpty ? request.After : page.Events[^1].Position }),
            ["every page is caught up"] = inner => Paging(inner, (_, page) => page with { CaughtUp = true }),
            ["no page is ever caught up"] = inner => Paging(inner, (_, page) => page with { CaughtUp = false }),
            ["pages are not bounded"] = inner => Reading(inner, (request, across, cancel) => OneGreatPage(inner, request, across, cancel)),
            ["a read beyond the head claims it"] = inner => Paging(inner, (request, page) =>
                !request.Backward && request.After > page.ScannedTo ? page with { ScannedTo = request.After } : page),
            ["a read runs after a growing head"] = inner =>
                Reading(inner, (request, across, cancel) => Growing(inner, request, across, cancel)),
            ["a follower loses what comes while it turns from reading to waiting"] = inner => Reading(inner, (request, across, cancel) =>
                request.Follow ? Handoff(inner, request, across, lost: 1, cancel) : ReadInner(inner, request, across, cancel)),
            ["a follower gets an event twice while it turns from reading to waiting"] = inner => Reading(inner, (request, across, cancel) =>
                request.Follow ? Handoff(inner, request, across, lost: -1, cancel) : ReadInner(inner, request, across, cancel)),
            ["a follower is not woken"] = inner => Reading(inner, (request, across, cancel) =>
                ReadInner(inner, Limits.Check(request) is null ? request with { Follow = false } : request, across, cancel)),
            ["data is read as JSON and written again"] = inner => Showing(inner, recorded => recorded.With(data: Rewritten(recorded.Data))),
            ["data is the caller's buffer"] = inner =>
            {
                var buffers = new System.Collections.Concurrent.ConcurrentDictionary<Guid, ReadOnlyMemory<byte>>();
                return new FaultyLedger(inner)
                {
                    OnAppend = async request =>
                    {
                        var outcome = await inner.Append(request);
                        if (outcome is AppendOutcome.Appended { First: > 0, Repeated: false })
                        {
                            foreach (var item in request.Writes.SelectMany(write => write.Events))
                                buffers[item.Id] = item.Data;
                        }

                        return outcome;
                    },
                    OnRecorded = recorded => recorded.With(data: buffers[recorded.Id]),
                };
            },
            ["the effective time is cut to milliseconds"] = inner => Showing(inner, recorded => recorded.With(effectiveAt: time =>
                time is { } full ? new DateTimeOffset(
                    full.UtcTicks - (full.UtcTicks % TimeSpan.TicksPerMillisecond), TimeSpan.Zero) : null)),
            ["an empty text is none"] = inner =>
                Showing(inner, recorded => recorded.With(headers: recorded.Headers.RemoveAll(header => header.Value.Length == 0))),
            ["tags are sorted"] = inner =>
                Showing(inner, recorded => recorded.With(tags: [.. recorded.Tags.Order(StringComparer.Ordinal)])),
            ["headers are sorted"] = inner =>
                Showing(
                    inner, recorded => recorded.With(headers: [.. recorded.Headers.OrderBy(header => header.Key, StringComparer.Ordinal)])),
            ["text is normalised"] = inner =>
                Showing(inner, recorded => recorded.With(text: text => text?.Replace("e\u0301", "é", StringComparison.Ordinal))),
            ["text is trimmed"] = inner => Showing(inner, recorded => recorded.With(text: text => text?.Trim())),
            ["the schema version is one byte"] = inner =>
                Showing(inner, recorded => recorded.With(schemaVersion: recorded.SchemaVersion & 0xff)),
            ["the correlation shows among the tags"] = inner => Showing(inner, recorded =>
                recorded.CorrelationId is null ? recorded : recorded.With(
                    tags: recorded.Tags.Add(Tags.OfCorrelation(recorded.CorrelationId)))),
            ["the recorded time goes back"] = inner => Showing(inner, recorded =>
                recorded.With(recordedAt: recorded.RecordedAt.AddSeconds(recorded.Position % 7 == 0 ? -1 : 0))),
            ["versions are counted per ledger"] = inner => Showing(inner, recorded => recorded.With(version: recorded.Position)),
            ["the position at a time is the one before it"] = inner => new FaultyLedger(inner)
            {
                OnPositionAt = async time => time == DateTimeOffset.MinValue ? 0 : await inner.PositionAt(time.AddTicks(-1)),
            },
            ["a batch is missing"] = inner => new FaultyLedger(inner) { OnBatch = batch => batch.FirstPosition != 4 },
            ["events are lost at a restart"] = inner =>
            {
                var lost = long.MaxValue;
                return new FaultyLedger(inner)
                {
                    OnRestart = () => lost = inner.ReadRange().AsTask().GetAwaiter().GetResult().Head,
                    OnRecorded = recorded => recorded.Position == lost ? null : recorded,
                };
            },
        };

    private static FaultyLedger Showing(InMemoryLedger inner, Func<RecordedEvent, RecordedEvent?> show) => new(inner) { OnRecorded = show };

    private static FaultyLedger Paging(InMemoryLedger inner, Func<ReadRequest, EventPage, EventPage> page) => new(inner) { OnPage = page };

    private static FaultyLedger Reading(
        InMemoryLedger inner, Func<ReadRequest, bool, CancellationToken, IAsyncEnumerable<EventPage>> read) =>
        new(inner) { OnRead = read };

    private static IAsyncEnumerable<EventPage> ReadInner(
        InMemoryLedger inner, ReadRequest request, bool across, CancellationToken cancel) =>
        across ? inner.ReadAcrossTenants(request, cancel) : inner.Read(request, cancel);

    private static async IAsyncEnumerable<EventPage> OneGreatPage(
        InMemoryLedger inner, ReadRequest request, bool across, [EnumeratorCancellation] CancellationToken cancel)
    {
        var events = new List<RecordedEvent>();
        await foreach (var page in ReadInner(inner, request, across, cancel))
        {
            events.AddRange(page.Events);
            if (!page.CaughtUp && !request.Follow && events.Count < request.Limit.GetValueOrDefault(long.MaxValue))
                continue;
            yield return page with { Events = [.. events] };
            events.Clear();
        }
    }

    private static async IAsyncEnumerable<EventPage> Growing(
        InMemoryLedger inner, ReadRequest request, bool across, [EnumeratorCancellation] CancellationToken cancel)
    {
        var growing = request is { Backward: false, Before: long.MaxValue, After: 0, Limit: null } && Limits.Check(request) is null;
        await foreach (var page in ReadInner(inner, growing ? request with { Follow = true } : request, across, cancel))
        {
            yield return page;
            if (growing && !request.Follow && page.ScannedTo == (await inner.ReadRange(cancel)).Head)
                yield break;
        }
    }

    private static async IAsyncEnumerable<EventPage> Handoff(
        InMemoryLedger inner, ReadRequest request, bool across, int lost, [EnumeratorCancellation] CancellationToken cancel)
    {
        var last = request.After;
        await foreach (var page in ReadInner(inner, request with { Follow = false }, across, cancel))
        {
            last = page.ScannedTo;
            yield return page;
        }

        await foreach (var page in ReadInner(inner, request with { After = Math.Max(0, last + lost) }, across, cancel))
            yield return page;
    }

    private static ReadOnlyMemory<byte> Rewritten(ReadOnlyMemory<byte> data)
    {
        try
        {
            return System.Text.Encoding.UTF8.GetBytes(JsonNode.Parse(data.Span)?.ToJsonString() ?? "null");
        }
        catch (Exception notJson) when (notJson is System.Text.Json.JsonException or ArgumentException)
        {
            return data;
        }
    }
}
