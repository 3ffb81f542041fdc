using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Ledgerfold.Testing;

/// <summary>
/// The ledger in plain lists and dictionaries behind one lock: what every backend is compared with, and a fast ledger for tests.
/// Nothing of it survives the process.
/// </summary>
public sealed class InMemoryLedger : ILedger
{
    private const int PageEventsMax = 256;

    private readonly TimeProvider _clock;
    private readonly Lock _gate = new();

    // All below: only while holding the gate.
    private readonly List<RecordedEvent> _events = []; // position - 1 is the index
    private readonly List<long> _broughtBy = []; // for each event, the first position of the append it came with
    private readonly List<Batch> _batches = [];
    private readonly Dictionary<(string Tenant, Guid Id), RecordedEvent> _byId = [];
    private readonly Dictionary<(string Tenant, string Stream), StreamHead> _streams = [];
    private readonly Dictionary<(string Tenant, string Consumer, int Partition), Cursor> _cursors = [];
    private readonly List<TaskCompletionSource> _followers = []; // each waits for the next event
    private DateTimeOffset _recordedLast = DateTimeOffset.MinValue;
    private bool _disposed;

    /// <summary>An empty ledger that takes the recorded time from this clock; the system's if none is given.</summary>
    public InMemoryLedger(TimeProvider? clock = null) => _clock = clock ?? TimeProvider.System;

    private long Head => _events.Count;

    /// <inheritdoc />
    public ValueTask<AppendOutcome> Append(AppendRequest request, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (cancel.IsCancellationRequested)
            return ValueTask.FromCanceled<AppendOutcome>(cancel);
        if (Limits.Check(request) is { } refused)
            return new(refused);
        request = WithoutDefaultArrays(request);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return new(
                CheckIds(request)
                ?? CheckLifecycle(request)
                ?? CheckVersions(request)
                ?? CheckCondition(request)
                ?? CheckCursors(request)
                ?? Write(request));
        }
    }

    /// <inheritdoc />
    public IAsyncEnumerable<EventPage> Read(ReadRequest request, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return Pages(request, request.Tenant, cancel);
    }

    /// <inheritdoc />
    public IAsyncEnumerable<EventPage> ReadAcrossTenants(ReadRequest request, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return Pages(request with { Tenant = Tenants.Default }, tenant: null, cancel);
    }

    /// <inheritdoc />
    public ValueTask<RecordedEvent?> ReadById(string tenant, Guid id, CancellationToken cancel = default) =>
        Look(() => _byId.GetValueOrDefault((tenant, id)), cancel);

    /// <inheritdoc />
    public ValueTask<StreamHead> ReadStreamHead(string tenant, string stream, CancellationToken cancel = default) =>
        Look(() => _streams.GetValueOrDefault((tenant, stream)), cancel);

    /// <inheritdoc />
    public ValueTask<Cursor> ReadCursor(string tenant, string consumer, int partition, CancellationToken cancel = default) =>
        Look(() => _cursors.GetValueOrDefault((tenant, consumer, partition), Cursor.None), cancel);

    /// <inheritdoc />
    public ValueTask<LedgerRange> ReadRange(CancellationToken cancel = default) =>
        Look(() => new LedgerRange(1, Head), cancel);

    /// <inheritdoc />
    public ValueTask<long> PositionAt(DateTimeOffset time, CancellationToken cancel = default) =>
        Look(() => _events.FindLastIndex(recorded => recorded.RecordedAt <= time) + 1L, cancel);

    /// <inheritdoc />
    public async IAsyncEnumerable<RawBatch> ReadBatches(long after, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(after);
        var count = await Look(() => _batches.Count, cancel);
        for (var b = 0; b < count; b++)
        {
            var index = b;
            var batch = await Look(() => _batches[index], cancel);
            if (batch.First + batch.Events.Length > after + 1 || (batch.Events.IsEmpty && batch.First > after))
                yield return new RawBatch(batch.First, batch.Events.Length, JsonSerializer.SerializeToUtf8Bytes(batch));
        }
    }

    /// <summary>Ends the ledger and every read that follows it.</summary>
    public ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _disposed = true;
            WakeFollowers();
        }

        return ValueTask.CompletedTask;
    }

    private ValueTask<T> Look<T>(Func<T> look, CancellationToken cancel)
    {
        if (cancel.IsCancellationRequested)
            return ValueTask.FromCanceled<T>(cancel);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return new(look());
        }
    }

    /// <summary>
    /// Null where every id is new. An event that says something else is told before a mixture: the caller's ids are then at fault,
    /// and not only the way the events were put together.
    /// </summary>
    private AppendOutcome? CheckIds(AppendRequest request)
    {
        foreach (var (stream, item) in EventsOf(request))
        {
            if (_byId.GetValueOrDefault((request.Tenant, item.Id)) is not { } known)
                continue;
            if (known.Erased)
                return new AppendOutcome.Erased(item.Id, known.Position);
            if (!known.SaysTheSameAs(stream, item))
                return new AppendOutcome.IdConflict(item.Id, known.Position);
        }

        var former = EventsOf(request).Select(one => _byId.GetValueOrDefault((request.Tenant, one.Item.Id))).ToArray();
        for (var e = 1; e < former.Length; e++)
        {
            if (!Continues(former[e - 1], former[e]))
                return new AppendOutcome.MixedRepeat(EventsOf(request).ElementAt(e).Item.Id);
        }

        return former is [{ } first, ..] ? Repeated(request, first.Position, former[^1]!.Position) : null;
    }

    /// <summary>Whether two neighbours of a request can both be new, or both be of one former append in the order they had there.</summary>
    private bool Continues(RecordedEvent? one, RecordedEvent? next)
    {
        if (one is null || next is null)
            return one is null && next is null;
        return BroughtBy(one) == BroughtBy(next) && one.Position < next.Position;

        long BroughtBy(RecordedEvent recorded) => _broughtBy[(int)(recorded.Position - 1)];
    }

    private AppendOutcome.Appended Repeated(AppendRequest request, long first, long last)
    {
        var versions = request.Writes
            .Where(write => !write.Events.IsEmpty)
            .Select(write => new StreamVersion(write.Stream, _byId[(request.Tenant, write.Events[^1].Id)].Version));
        return new(first, last, [.. versions], Repeated: true);
    }

    private AppendOutcome.StreamClosed? CheckLifecycle(AppendRequest request)
    {
        foreach (var write in request.Writes)
        {
            if (!write.Events.IsEmpty && _streams.GetValueOrDefault((request.Tenant, write.Stream)).Closed)
                return new(write.Stream);
        }

        return null;
    }

    private AppendOutcome.WrongVersion? CheckVersions(AppendRequest request)
    {
        foreach (var write in request.Writes)
        {
            var version = _streams.GetValueOrDefault((request.Tenant, write.Stream)).Version;
            if (!write.Expect.IsMetBy(version))
                return new(write.Stream, write.Expect, version);
        }

        return null;
    }

    private AppendOutcome? CheckCondition(AppendRequest request)
    {
        if (request.Condition is not { } condition)
            return null;
        if (condition.After > Head)
            return new AppendOutcome.Refused("condition.after", $"at most the ledger's head, {Head}");
        var match = _events
            .Skip((int)condition.After)
            .FirstOrDefault(recorded => recorded.Tenant == request.Tenant && condition.FailIfMatch.Matches(recorded));
        return match is null ? null : new AppendOutcome.ConditionFailed(match.Position);
    }

    private AppendOutcome? CheckCursors(AppendRequest request)
    {
        var headAfter = Head + EventsOf(request).Count();
        for (var m = 0; m < request.CursorMoves.Length; m++)
        {
            var move = request.CursorMoves[m];
            if (move.Next > headAfter)
                return new AppendOutcome.Refused($"cursorMoves[{m}].next", $"at most the last position this append leaves, {headAfter}");
            var cursor = _cursors.GetValueOrDefault((request.Tenant, move.Consumer, move.Partition), Cursor.None);
            if (cursor.Position != move.Expected)
                return new AppendOutcome.CursorMoved(move.Consumer, move.Partition, cursor.Position);
        }

        return null;
    }

    private AppendOutcome.Appended Write(AppendRequest request)
    {
        var first = Head + 1;
        var recordedAt = Times.FromMicros(Times.ToMicros(_clock.GetUtcNow()));
        if (recordedAt > _recordedLast)
            _recordedLast = recordedAt;
        var versions = ImmutableArray.CreateBuilder<StreamVersion>();
        foreach (var write in request.Writes.Where(write => !write.Events.IsEmpty))
        {
            var version = _streams.GetValueOrDefault((request.Tenant, write.Stream)).Version;
            foreach (var item in write.Events)
                Record(Recorded(item, request.Tenant, write.Stream, ++version), first);
            _streams[(request.Tenant, write.Stream)] = new StreamHead(version, write.Close);
            versions.Add(new StreamVersion(write.Stream, version));
        }

        foreach (var move in request.CursorMoves)
            _cursors[(request.Tenant, move.Consumer, move.Partition)] = new Cursor(move.Next, move.HeldKeys);
        var events = _events.Skip((int)first - 1).ToImmutableArray();
        _batches.Add(new Batch(first, request.Tenant, events, request.CursorMoves));
        if (events.IsEmpty)
            return new(0, Head, [], Repeated: false);
        WakeFollowers();
        return new(first, Head, versions.ToImmutable(), Repeated: false);
    }

    private RecordedEvent Recorded(NewEvent item, string tenant, string stream, long version) => new()
    {
        Position = Head + 1,
        Id = item.Id,
        Tenant = tenant,
        Stream = stream,
        Version = version,
        Type = item.Type,
        SchemaVersion = item.SchemaVersion,
        RecordedAt = _recordedLast,
        EffectiveAt = item.EffectiveAt is { } time ? Times.FromMicros(Times.ToMicros(time)) : null,
        CorrelationId = item.CorrelationId,
        CausationId = item.CausationId,
        Actor = item.Actor,
        TraceParent = item.TraceParent,
        Tags = item.Tags,
        ContentType = item.ContentType,
        Data = item.Data.ToArray(), // the caller may use its buffer again
        Headers = item.Headers,
    };

    private void Record(RecordedEvent recorded, long appendFirst)
    {
        _events.Add(recorded);
        _broughtBy.Add(appendFirst);
        _byId.Add((recorded.Tenant, recorded.Id), recorded);
    }

    private void WakeFollowers()
    {
        foreach (var follower in _followers)
            follower.TrySetResult();
        _followers.Clear();
    }

    private IAsyncEnumerable<EventPage> Pages(ReadRequest request, string? tenant, CancellationToken cancel)
    {
        if (Limits.Check(request) is { } refused)
            throw new ArgumentException($"{refused.Field}: {refused.Rule}", nameof(request));
        if (request.Follow)
            return Following(request, tenant, cancel);
        return request.Backward ? Backward(request, tenant, cancel) : Forward(request, tenant, cancel);
    }

    private async IAsyncEnumerable<EventPage> Forward(
        ReadRequest request, string? tenant, [EnumeratorCancellation] CancellationToken cancel)
    {
        var head = await Look(() => Head, cancel);
        // A position above the head may still be taken: who looked beyond it must not resume from there.
        var after = Math.Min(request.After, head);
        var end = Math.Max(after, Math.Min(request.Before - 1, head));
        var left = request.Limit ?? long.MaxValue;
        for (var done = false; !done && left > 0;)
        {
            var page = await Look(() => PageForward(request.Query, tenant, after, end, left), cancel);
            (after, left, done) = (page.ScannedTo, left - page.Events.Length, page.CaughtUp);
            yield return page;
        }
    }

    private async IAsyncEnumerable<EventPage> Following(
        ReadRequest request, string? tenant, [EnumeratorCancellation] CancellationToken cancel)
    {
        var after = request.After;
        var left = request.Limit ?? long.MaxValue;
        while (left > 0)
        {
            var waits = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var page = await Look(() => PageToFollow(request.Query, tenant, after, left, waits), cancel);
            if (page is not null)
            {
                (after, left) = (page.ScannedTo, left - page.Events.Length);
                yield return page;
            }

            if (page is null or { CaughtUp: true } && left > 0)
                await WaitFor(waits, cancel);
        }
    }

    /// <summary>
    /// The next page, null where the read is beyond the head; where more can only come later, that is waited for from now on.
    /// </summary>
    private EventPage? PageToFollow(EventQuery query, string? tenant, long after, long left, TaskCompletionSource waits)
    {
        var page = after > Head ? null : PageForward(query, tenant, after, Head, left);
        if (page is null or { CaughtUp: true })
            _followers.Add(waits);
        return page;
    }

    /// <summary>Goes on where the reader's scheduler says, and not by way of the thread pool, as a combined task would.</summary>
    private async Task WaitFor(TaskCompletionSource waits, CancellationToken cancel)
    {
        using var cancelling = cancel.UnsafeRegister(
            static (state, token) => ((TaskCompletionSource)state!).TrySetCanceled(token), waits);
        try
        {
            await waits.Task;
        }
        finally
        {
            lock (_gate)
                _followers.Remove(waits);
        }
    }

    private EventPage PageForward(EventQuery query, string? tenant, long after, long end, long left)
    {
        var events = ImmutableArray.CreateBuilder<RecordedEvent>();
        var position = after;
        while (position < end && events.Count < Math.Min(left, PageEventsMax))
        {
            var recorded = _events[(int)position++];
            if (IsAskedFor(recorded, query, tenant))
                events.Add(recorded);
        }

        return new EventPage(events.ToImmutable(), position, CaughtUp: position == end);
    }

    private async IAsyncEnumerable<EventPage> Backward(
        ReadRequest request, string? tenant, [EnumeratorCancellation] CancellationToken cancel)
    {
        var head = await Look(() => Head, cancel);
        var before = Math.Min(request.Before, head + 1);
        var end = Math.Min(Math.Min(request.After, head) + 1, before);
        if (before == end)
            before = end = Math.Min(end, head); // nothing to look at; even so no page names a position that may still be taken
        var left = request.Limit ?? long.MaxValue;
        for (var done = false; !done && left > 0;)
        {
            var page = await Look(() => PageBackward(request.Query, tenant, before, end, left), cancel);
            (before, left, done) = (page.ScannedTo, left - page.Events.Length, page.CaughtUp);
            yield return page;
        }
    }

    private EventPage PageBackward(EventQuery query, string? tenant, long before, long end, long left)
    {
        var events = ImmutableArray.CreateBuilder<RecordedEvent>();
        var position = before;
        while (position > end && events.Count < Math.Min(left, PageEventsMax))
        {
            var recorded = _events[(int)--position - 1];
            if (IsAskedFor(recorded, query, tenant))
                events.Add(recorded);
        }

        return new EventPage(events.ToImmutable(), position, CaughtUp: position == end);
    }

    private static bool IsAskedFor(RecordedEvent recorded, EventQuery query, string? tenant) =>
        (tenant is null || recorded.Tenant == tenant) && query.Matches(recorded);

    private static IEnumerable<(string Stream, NewEvent Item)> EventsOf(AppendRequest request) =>
        request.Writes.SelectMany(write => write.Events, (write, item) => (write.Stream, item));

    private static AppendRequest WithoutDefaultArrays(AppendRequest request) => request with
    {
        Writes = [.. OrEmpty(request.Writes).Select(write => write with { Events = [.. OrEmpty(write.Events).Select(Plain)] })],
        CursorMoves = [.. OrEmpty(request.CursorMoves).Select(move => move with { HeldKeys = OrEmpty(move.HeldKeys) })],
    };

    private static NewEvent Plain(NewEvent item) => item with { Tags = OrEmpty(item.Tags), Headers = OrEmpty(item.Headers) };

    private static ImmutableArray<T> OrEmpty<T>(ImmutableArray<T> array) => array.IsDefault ? [] : array;

    /// <summary>What one append left; as JSON it is the stored form that <see cref="ReadBatches"/> gives out.</summary>
    private sealed record Batch(long First, string Tenant, ImmutableArray<RecordedEvent> Events, ImmutableArray<CursorMove> CursorMoves);
}
