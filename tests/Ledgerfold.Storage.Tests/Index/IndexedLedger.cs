using System.Collections.Immutable;
using Ledgerfold.Seams;
using Ledgerfold.Storage.Index;
using Ledgerfold.Testing;
using Ledgerfold.Testing.Disk;

namespace Ledgerfold.Storage.Tests.Index;

/// <summary>
/// A ledger without a log: events as a plain list, which is the oracle, and the index over them. The test says when a segment is sealed,
/// when runs are merged and when everything is opened again.
/// </summary>
internal sealed class IndexedLedger : IDisposable
{
    public const string Tenant = "default";

    public static readonly Guid StoreId = new("6f2d0c1e-7f5a-4d0b-9a6e-2b1f5c3d4e5f");
    public static readonly KeyHasher Hasher = new("0123456789abcdef"u8);

    private readonly Dictionary<string, long> _versions = [];
    private readonly HashSet<string> _closed = [];
    private readonly IChance _chance = new SeededChance(7);

    public IndexedLedger(SimulatedDisk? disk = null, IndexOptions? options = null)
    {
        Disk = disk ?? new SimulatedDisk(1);
        Disk.CreateDirectory();
        Options = options ?? new IndexOptions();
        Set = IndexSet.Open(Disk, Options, StoreId, _chance);
        Active = new MemoryIndex(1);
    }

    private IndexedLedger(IndexedLedger events, SimulatedDisk disk)
    {
        Disk = disk;
        Options = events.Options;
        Events = events.Events;
        Summaries = events.Summaries;
        _versions = events._versions;
        _closed = events._closed;
        Active = null!;
    }

    public SimulatedDisk Disk { get; }

    public IndexOptions Options { get; set; }

    public IndexSet Set { get; private set; } = null!;

    public MemoryIndex Active { get; private set; }

    public List<RecordedEvent> Events { get; } = [];

    public List<SegmentSummary> Summaries { get; } = [];

    public long Head => Events.Count;

    public static IndexKey IdKey(Guid id) => Hasher.OfId(Tenant, id);

    public static IndexKey StreamKey(string stream) => Hasher.OfStream(Tenant, stream);

    public static IndexKey[] OtherKeys(RecordedEvent recorded)
    {
        var keys = new List<IndexKey>
        {
            Hasher.OfCategory(Tenant, StreamNames.CategoryOf(recorded.Stream)),
            Hasher.OfType(Tenant, recorded.Type),
            StreamNames.IsPlatform(recorded.Stream) ? Hasher.OfPlatform(Tenant) : Hasher.OfOrdinary(Tenant),
        };
        keys.AddRange(recorded.Tags.Select(tag => Hasher.OfTag(Tenant, tag)));
        if (recorded.CorrelationId is { } correlation)
            keys.Add(Hasher.OfTag(Tenant, Tags.OfCorrelation(correlation)));
        return [.. keys];
    }

    public static uint OffsetAt(long position) => (uint)(position * 321);

    public static byte[] TailOf(int segment) => [.. Enumerable.Range(0, segment * 700).Select(i => (byte)(i + segment))];

    /// <summary>Appends an event; a stream that was closed is left alone.</summary>
    public void Append(string stream, string type, ImmutableArray<string> tags, string? correlation = null, bool closes = false)
    {
        if (_closed.Contains(stream))
            return;
        var position = Head + 1;
        var recorded = new RecordedEvent
        {
            Position = position,
            Id = IdAt(position),
            Tenant = Tenant,
            Stream = stream,
            Version = _versions.GetValueOrDefault(stream) + 1,
            Type = type,
            SchemaVersion = 1,
            RecordedAt = default,
            CorrelationId = correlation,
            Tags = tags,
            ContentType = NewEvent.Json,
            Data = default,
        };
        _versions[stream] = recorded.Version;
        if (closes)
            _closed.Add(stream);
        Events.Add(recorded);
        Active.Stage(IdKey(recorded.Id), StreamKey(stream), recorded.Version, closes, OffsetAt(position), OtherKeys(recorded));
    }

    /// <summary>Ends the active segment without writing its run; answers its index.</summary>
    public MemoryIndex StartSegment()
    {
        var ended = Active;
        Active = new MemoryIndex(Head + 1, previous: ended);
        return ended;
    }

    /// <summary>Ends the active segment and writes its run.</summary>
    public void Seal()
    {
        var summary = SummaryOf(Summaries.Count + 1, Active);
        Summaries.Add(summary);
        Set.Add(Active, summary, TailOf(summary.Segment));
        StartSegment();
    }

    /// <summary>The index of a sealed segment, as it would be built again from the log.</summary>
    public MemoryIndex Rebuild(SegmentSummary summary)
    {
        var index = new MemoryIndex(summary.FirstPosition);
        foreach (var recorded in Events.Skip((int)summary.FirstPosition - 1).Take((int)summary.Count))
        {
            var closes = _closed.Contains(recorded.Stream) && _versions[recorded.Stream] == recorded.Version;
            index.Stage(
                IdKey(recorded.Id), StreamKey(recorded.Stream), recorded.Version, closes, OffsetAt(recorded.Position), OtherKeys(recorded));
        }

        return index;
    }

    public void MergeAll()
    {
        while (Set.MergeStep())
        {
        }
    }

    public void Reopen()
    {
        Set.Dispose();
        Set = IndexSet.Open(Disk, Options, StoreId, _chance);
        Set.Keep(summary => Summaries.Contains(summary));
    }

    /// <summary>Opens after a crash and builds again what is missing; answers how many segments were not.</summary>
    public int Recover()
    {
        Set = IndexSet.Open(Disk, Options, StoreId, _chance);
        Set.Keep(summary => Summaries.Contains(summary));
        var found = Set.Segments.Count();
        AddMissing();
        return found;
    }

    /// <summary>Writes the runs of sealed segments that have none, from the log.</summary>
    public void AddMissing()
    {
        foreach (var missing in Summaries.Except(Set.Segments).ToArray())
            Set.Add(Rebuild(missing), missing, TailOf(missing.Segment));
        var first = Summaries.Count == 0 ? 1 : Summaries[^1].LastPosition + 1;
        Active = Rebuild(new SegmentSummary(0, 0, first, Head, 0, default, default));
    }

    public List<long> Expect(EventQuery query, long after, long before, bool backward)
    {
        var positions = Events
            .Where(query.Matches)
            .Select(recorded => recorded.Position)
            .Where(position => position > after && position < before);
        return [.. backward ? positions.Reverse() : positions];
    }

    public List<long> Find(EventQuery query, long after, long before, bool backward, long through = long.MaxValue)
    {
        using var snapshot = Set.Acquire();
        var source = new PositionSource(
            CompiledQuery.Compile(Hasher, Tenant, query), snapshot, [Active], after, through == long.MaxValue ? before : Math.Min(before, through + 1), backward);
        var found = new List<long>();
        while (source.TryNext(out var position))
            found.Add(position);
        return found;
    }

    public long FirstMatchAfter(EventQuery query, long after)
    {
        var compiled = CompiledQuery.Compile(Hasher, Tenant, query);
        using var snapshot = Set.Acquire();
        if (snapshot.TryFindMatchAfter(compiled, after, out var position) || Active.TryFindMatchAfter(compiled, after, out position))
            return position;
        return 0;
    }

    /// <summary>Asks everything that can be asked by key and compares with the events.</summary>
    public void AssertLookups()
    {
        using var snapshot = Set.Acquire();
        foreach (var recorded in Events)
        {
            Assert.True(snapshot.TryFindId(IdKey(recorded.Id), out var position) || Active.TryFindId(IdKey(recorded.Id), out position));
            Assert.Equal(recorded.Position, position);
            var offset = recorded.Position <= snapshot.SealedThrough ? snapshot.OffsetOf(position) : Active.OffsetOf(position);
            Assert.Equal(OffsetAt(position), offset);
            if (recorded.Position <= snapshot.SealedThrough)
                Assert.Equal(Summaries.Last(summary => summary.FirstPosition <= position), snapshot.SegmentOf(position));
        }

        foreach (var (stream, version) in _versions)
        {
            if (!Active.TryFindStream(StreamKey(stream), out var entry))
                Assert.True(snapshot.TryFindStream(StreamKey(stream), out entry));
            Assert.Equal((version, _closed.Contains(stream)), (entry.LastVersion, entry.Closed));
        }

        Assert.False(snapshot.TryFindId(IdKey(Guid.AllBitsSet), out _));
        Assert.Equal(Summaries, snapshot.Segments);
        Assert.Equal(Summaries.Count == 0 ? [] : TailOf(Summaries.Count), snapshot.ReadTail());
    }

    public void Dispose() => Set?.Dispose();

    /// <summary>The same events over another disk, whose index is not opened yet.</summary>
    public IndexedLedger On(SimulatedDisk disk)
    {
        Dispose();
        return new IndexedLedger(this, disk);
    }

    public static Guid IdAt(long position) => new((int)position, 0x1a, 0x2b, 1, 2, 3, 4, 5, 6, 7, 8);

    public static SegmentSummary SummaryOf(int number, MemoryIndex index)
    {
        var hash = new byte[SegmentSummary.HashBytes];
        Array.Fill(hash, (byte)number);
        return new SegmentSummary(number, 1, index.FirstPosition, index.Count, index.Count * 321, hash, hash);
    }
}
