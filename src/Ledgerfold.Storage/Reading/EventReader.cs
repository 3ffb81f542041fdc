using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Ledgerfold.Storage.Format;
using Ledgerfold.Storage.Index;
using Ledgerfold.Storage.Segments;
using Ledgerfold.Storage.Writing;

namespace Ledgerfold.Storage.Reading;

/// <summary>How a read finds its events; only tests force one.</summary>
internal enum ReadPlan
{
    /// <summary>By the index where few of the range match, else by scanning.</summary>
    Free,

    /// <summary>By the index.</summary>
    Index,

    /// <summary>By scanning, the oracle of the index.</summary>
    Scan,
}

/// <summary>
/// Reads of the log: one event, or pages of those that match. Nothing beyond the durable head is looked at. A following read is the same
/// read again from where it was, so it holds no events and no place in any queue while its reader is slow. Any thread.
/// </summary>
internal sealed class EventReader
{
    private const int PageEvents = 256;
    private const int FirstPageEvents = 64;
    private const int PageBytes = 1024 * 1024;
    private const int ScanRatherThanSeek = 8;
    private const int ScanAlways = 64;
    private const int PrefetchFrom = 4;

    private readonly Log _log;
    private readonly ReadPlan _plan;

    public EventReader(Log log, ReadPlan plan = ReadPlan.Free)
    {
        _log = log;
        _plan = plan;
    }

    /// <summary>The event at a position, which is readable and not beyond the head.</summary>
    public RecordedEvent Load(long position) => Read(
        position, static (in RecordView record) => EventDecoder.Decode(record, TextCache.OfThread));

    /// <summary>The same, with its place in its append.</summary>
    public StoredEvent LoadStored(long position) => Read(
        position,
        static (in RecordView record) => new StoredEvent(EventDecoder.Decode(record, TextCache.OfThread), record.AppendIndex));

    /// <summary>When the event at a position was recorded.</summary>
    public long RecordedAt(long position) => Read(position, static (in RecordView record) => record.RecordedAt);

    /// <summary>The position of an event id, if it is durable.</summary>
    public bool TryFindId(in IndexKey id, out long position)
    {
        if (TryFindUnsealed(id, out position))
            return true;
        using var sealedPart = _log.Index.Acquire();
        return sealedPart.TryFindId(id, out position);
    }

    /// <summary>The position of an event id in the part that no run covers yet, if it is durable.</summary>
    public bool TryFindUnsealed(in IndexKey id, out long position)
    {
        foreach (var index in _log.UnsealedIndexes)
        {
            if (index.TryFindId(id, out position))
            {
#if ZOO
                if (Zoo.Bug("index-shown-before-the-head"))
                    return true;
#endif
                return position <= _log.Head;
            }
        }

        position = 0;
        return false;
    }

    /// <summary>Where a stream stands, durably.</summary>
    /// <exception cref="LedgerDamagedException">An event of the stream may stand where nothing can be read.</exception>
    public StreamHead HeadOf(string tenant, string stream)
    {
        if (_log.Holes is [.., var hole])
            return LastDurable(tenant, stream, _log.UnsealedIndexes, hole.Through) ?? throw hole.ToException(hole.From);
        var key = _log.Hasher.OfStream(tenant, stream);
        var unsealed = _log.UnsealedIndexes;
        for (var m = unsealed.Length - 1; m >= 0; m--)
        {
            if (!unsealed[m].TryFindStream(key, out var entry))
                continue;
            return unsealed[m].LastPosition <= _log.Head
                ? new StreamHead(entry.LastVersion, entry.Closed)
                : LastDurable(tenant, stream, unsealed, 0) ?? default;
        }

        using var sealedPart = _log.Index.Acquire();
        return sealedPart.TryFindStream(key, out var found) ? new StreamHead(found.LastVersion, found.Closed) : default;
    }

    /// <summary>
    /// While a batch is on its way the index knows more than the disk, and over a hole it knows less: the last durable event of the stream
    /// tells, if it stands behind a position.
    /// </summary>
    private StreamHead? LastDurable(string tenant, string stream, MemoryIndex[] unsealed, long after)
    {
        var query = CompiledQuery.Compile(_log.Hasher, tenant, EventQuery.OfStream(stream));
        using var sealedPart = _log.Index.Acquire();
        var positions = new PositionSource(query, sealedPart, unsealed, after, _log.Head + 1, backward: true);
        return !positions.TryNext(out var last)
            ? null
            : Read(last, static (in RecordView record) => new StreamHead(record.Version, record.ClosesStream));
    }

    /// <summary>The pages of a read; a null tenant reads across all.</summary>
    public async IAsyncEnumerable<EventPage> Read(
        ReadRequest request, string? tenant, [EnumeratorCancellation] CancellationToken cancel)
    {
        var head = _log.Head;
        if (request.Limit == 0)
        {
            yield return new EventPage([], Math.Min(request.Backward ? request.Before : request.After, head), CaughtUp: true);
            yield break;
        }

        var after = request.After;
        var before = Math.Min(request.Before, head + 1);
        var remaining = request.Limit ?? long.MaxValue;
        while (true)
        {
            // Forward a read begins at its lowest position; backward it ends there, and has delivered all that is left by then.
            var truncated = after < _log.First - 1 && after < before - 1;
            if (truncated && (!request.Backward || before <= _log.First))
                throw new LedgerTruncatedException(_log.First);
            if (after < before - 1)
            {
                var from = truncated ? _log.First - 1 : after;
                var hole = FirstHole(request.Backward, from, before, out var low, out var high);
                using var round = new ReadRound(this, request, tenant, low, high);
                for (var more = true; more && remaining > 0;)
                {
                    cancel.ThrowIfCancellationRequested();
                    var page = round.Next((int)Math.Min(remaining, PageEvents), out more);
                    remaining -= page.Events.Length;
                    after = request.Backward ? after : page.ScannedTo;
                    yield return hole is null && !truncated ? page : page with { CaughtUp = false };
                }

                if (hole is not null && remaining > 0)
                    throw hole.ToException(request.Backward ? Math.Min(hole.Through, before - 1) : Math.Max(hole.From, low + 1));
                if (truncated && remaining > 0)
                    throw new LedgerTruncatedException(_log.First);
            }
            else if (!request.Follow || after == request.After)
            {
                yield return new EventPage([], Math.Min(request.Backward ? before : after, head), CaughtUp: true);
            }

            if (!request.Follow || remaining == 0 || !await _log.HeadMoved.WaitBeyond(after, cancel))
                yield break;
#if ZOO
            if (Zoo.Bug("follow-skips-what-came-while-reading"))
                after = Math.Max(after, _log.Head - 1);
#endif
            before = _log.Head + 1;
        }
    }

    /// <summary>
    /// The first hole that a read of a range comes to, and the part of the range before it; all of it where there is none.
    /// </summary>
    private DamagedRange? FirstHole(bool backward, long after, long before, out long low, out long high)
    {
        (low, high) = (after, before);
        DamagedRange? first = null;
        foreach (var hole in _log.Holes)
        {
            if (hole.Through <= after || hole.From >= before || (first is not null && !backward))
                continue;
            first = hole;
            (low, high) = backward
                ? (Math.Clamp(hole.Through, after, before - 1), before)
                : (after, Math.Clamp(hole.From, after + 1, before));
        }

        return first;
    }

    private T Read<T>(long position, RecordFile.Use<T> use)
    {
        if (FirstHole(backward: false, position - 1, position + 1, out _, out _) is { } hole)
            throw hole.ToException(position);
        var segment = _log.SegmentOf(position);
        using var file = _log.Files.Borrow(segment.Name);
        return RecordFile.Read(file.File, segment.Name, OffsetOf(segment, position), position, use);
    }

    private uint OffsetOf(Segment segment, long position)
    {
        if (segment.Index is { } unsealed)
            return unsealed.OffsetOf(position);
        using var sealedPart = _log.Index.Acquire();
        return sealedPart.OffsetOf(position);
    }

    /// <summary>One pass over a range whose end was durable when it began.</summary>
    private sealed class ReadRound : IDisposable
    {
        private readonly EventReader _reader;
        private readonly ReadRequest _request;
        private readonly string? _tenant;
        private readonly PositionSource? _positions;
        private readonly IndexSnapshot? _sealedPart;
        private long _after;
        private long _before;
        private RecordScan? _scan;
        private SegmentFiles.Lease? _scanned;
        private Segment? _scannedSegment;
        private LedgerDamagedException? _damage; // met behind the events of the page that went out

        public ReadRound(EventReader reader, ReadRequest request, string? tenant, long after, long before)
        {
            _reader = reader;
            _request = request;
            _tenant = tenant;
            _after = after;
            _before = before;
            if (tenant is not null && reader._plan != ReadPlan.Scan)
                _positions = Plan(reader, request, tenant, after, before, out _sealedPart);
        }

        private Log Log => _reader._log;

        /// <summary>The next page, and whether there is more.</summary>
        public EventPage Next(int eventsMax, out bool more)
        {
            if (_damage is not null)
                throw _damage;
            var events = ImmutableArray.CreateBuilder<RecordedEvent>(
                (int)Math.Min(_positions is null ? eventsMax : FirstPageEvents, _before - _after - 1));
            var full = _positions is not null
                ? TakeByIndex(events, eventsMax)
                : _request.Backward ? TakeBackward(events, eventsMax) : TakeForward(events, eventsMax);
            more = full;
            var scannedTo = _request.Backward ? _before : _after;
            return new EventPage(events.DrainToImmutable(), Math.Min(scannedTo, Log.Head), CaughtUp: !full);
        }

        public void Dispose()
        {
            EndScan();
            _sealedPart?.Dispose();
        }

        private static PositionSource? Plan(
            EventReader reader, ReadRequest request, string tenant, long after, long before, out IndexSnapshot? sealedPart)
        {
            sealedPart = null;
            var range = before - after - 1;
            if (reader._plan == ReadPlan.Free && range <= ScanAlways)
                return null;
            var query = CompiledQuery.Compile(reader._log.Hasher, tenant, request.Query);
            if (reader._plan == ReadPlan.Free && query.NeedsScan)
                return null;
            var unsealed = reader._log.UnsealedIndexes; // before the sealed part, or a segment sealed in between would be in neither
            sealedPart = reader._log.Index.Acquire();
            try
            {
                var positions = new PositionSource(query, sealedPart, unsealed, after, before, request.Backward);
                return reader._plan == ReadPlan.Index || positions.EstimatedMatches <= range / ScanRatherThanSeek ? positions : null;
            }
            catch
            {
                sealedPart.Dispose();
                throw;
            }
        }

        private bool Wants(RecordedEvent recorded) => _request.Query.Matches(recorded);

        /// <summary>Whether the record is worth decoding: of the tenant.</summary>
        private bool IsOfTenant(in RecordView record, ReadOnlySpan<byte> tenant) =>
            _tenant is null || record.Names.Tenant.SequenceEqual(tenant);

        private bool TakeByIndex(ImmutableArray<RecordedEvent>.Builder events, int eventsMax)
        {
            Span<long> wanted = stackalloc long[64];
            Span<uint> offsets = stackalloc uint[64];
            var bytes = 0L;
            while (events.Count < eventsMax && bytes < PageBytes)
            {
                var count = Take(wanted[..Math.Min(wanted.Length, eventsMax - events.Count)], events.Count > 0);
                if (count == 0 && _damage is null)
                {
                    (_after, _before) = _request.Backward ? (_after, _after + 1) : (_before - 1, _before);
                    return false;
                }

                count = Locate(wanted[..count], offsets, events.Count > 0);
                for (var w = 0; w < count; w++)
                {
                    var position = wanted[w];
                    if (!TryLoad(position, offsets[w], events.Count > 0, out var recorded))
                        return true;
                    if (Wants(recorded))
                        events.Add(recorded);
                    bytes += recorded.Data.Length;
                    (_after, _before) = _request.Backward ? (_after, position) : (position, _before);
                }

                if (_damage is not null)
                    return true;
            }

            return true;
        }

        private int Take(Span<long> into, bool damageCanWait)
        {
            var count = 0;
            try
            {
                while (count < into.Length && _positions!.TryNext(out var position))
                    into[count++] = position;
            }
            catch (LedgerDamagedException damage) when (count > 0 || damageCanWait)
            {
                _damage = damage;
            }

            return count;
        }

        /// <summary>
        /// Finds where the records begin, up to damage in the index, and lets the disk fetch them all at once: cold ones then cost one
        /// wait, not one each.
        /// </summary>
        private int Locate(ReadOnlySpan<long> positions, Span<uint> offsets, bool damageCanWait)
        {
            var count = 0;
            try
            {
                for (; count < positions.Length; count++)
                    offsets[count] = OffsetOf(positions[count]);
            }
            catch (LedgerDamagedException damage) when (count > 0 || damageCanWait)
            {
                _damage = damage;
            }

            if (count < PrefetchFrom)
                return count;
            for (var p = 0; p < count; p++)
            {
                using var file = Log.Files.Borrow(Log.SegmentOf(positions[p]).Name);
                file.File.Prefetch(offsets[p], RecordFile.FirstReadBytes);
            }

            return count;
        }

        private uint OffsetOf(long position) => position <= _sealedPart!.SealedThrough
            ? _sealedPart.OffsetOf(position)
            : _reader.OffsetOf(Log.SegmentOf(position), position);

        /// <summary>Loads an event; damage waits for the next page where this one has something to deliver.</summary>
        private bool TryLoad(long position, uint offset, bool damageCanWait, out RecordedEvent recorded)
        {
            var name = Log.SegmentOf(position).Name;
            using var file = Log.Files.Borrow(name);
            try
            {
                recorded = RecordFile.Read(
                    file.File, name, offset, position, static (in RecordView record) => EventDecoder.Decode(record, TextCache.OfThread));
                return true;
            }
            catch (LedgerDamagedException damage) when (damageCanWait)
            {
                _damage = damage;
                recorded = null!;
                return false;
            }
        }

        private bool TakeForward(ImmutableArray<RecordedEvent>.Builder events, int eventsMax)
        {
            var texts = TextCache.OfThread;
            Span<byte> tenant = stackalloc byte[3 * Limits.NameBytesMax];
            tenant = tenant[..(_tenant is null ? 0 : System.Text.Encoding.UTF8.GetBytes(_tenant, tenant))];
            var bytes = 0L;
            try
            {
                for (var scanned = 0; events.Count < eventsMax && bytes < PageBytes && scanned < 64 * PageEvents; scanned++)
                {
                    if (_after >= _before - 1)
                        return false;
                    if (!Scan().TryNext(out var record))
                        throw EndsTooEarly();
                    if (IsOfTenant(record, tenant) && EventDecoder.Decode(record, texts) is var recorded && Wants(recorded))
                    {
                        events.Add(recorded);
                        bytes += recorded.Data.Length;
                    }

                    _after++;
                }
            }
            catch (LedgerDamagedException) when (events.Count > 0 && !_request.Backward)
            {
                EndScan(); // what is sound goes out first; the next page meets the damage again
            }

            return true;
        }

        private bool TakeBackward(ImmutableArray<RecordedEvent>.Builder events, int eventsMax)
        {
            var stride = Math.Min(eventsMax, PageEvents);
            for (var strides = 0; events.Count == 0 && strides < 64; strides++)
            {
                var low = Math.Max(_after, _before - 1 - stride);
                if (low >= _before - 1)
                    return false;
                var window = ImmutableArray.CreateBuilder<RecordedEvent>(stride);
                var after = _after;
                _after = low;
                _damage = TakeWindow(window);
                (_after, _before) = (after, (_damage?.Position ?? low) + 1);
                if (_damage is not null && window.Count == 0)
                    throw _damage;
                for (var e = window.Count - 1; e >= 0; e--)
                    events.Add(window[e]);
            }

            return true;
        }

        /// <summary>
        /// Takes the events up to the end of the range; where there is damage, those behind the last of it, and answers that.
        /// </summary>
        private LedgerDamagedException? TakeWindow(ImmutableArray<RecordedEvent>.Builder window)
        {
            LedgerDamagedException? last = null;
            while (true)
            {
                EndScan();
                try
                {
                    while (TakeForward(window, int.MaxValue))
                    {
                    }

                    return last;
                }
                catch (LedgerDamagedException damage)
                {
                    last = damage;
                    window.Clear();
                    _after = damage.Position;
                }
            }
        }

        private RecordScan Scan()
        {
            if (_scan is not null && _scan.NextPosition == _after + 1 && _after + 1 <= _scannedSegment!.LastPosition)
                return _scan;
            EndScan();
            _scannedSegment = Log.SegmentOf(_after + 1);
            var offset = _reader.OffsetOf(_scannedSegment, _after + 1);
            if (offset == uint.MaxValue)
                throw new LedgerDamagedException("The event cannot be read", _scannedSegment.Name, 0, _after + 1);
            _scanned = Log.Files.Borrow(_scannedSegment.Name);
            _scan = new RecordScan(_scanned.Value.File, _scannedSegment.Name, offset, _scannedSegment.End, _after + 1);
            return _scan;
        }

        private LedgerDamagedException EndsTooEarly() =>
            new("The segment ends before its last event", _scannedSegment!.Name, _scannedSegment.End, _after + 1);

        private void EndScan()
        {
            _scan?.Dispose();
            _scan = null;
            _scanned?.Dispose();
            _scanned = null;
        }
    }
}
