using Ledgerfold.Storage.Disk;
using Ledgerfold.Storage.Format;
using Ledgerfold.Storage.Recovery;

namespace Ledgerfold.Storage.Tests.Format;

public sealed class Keeping_format_1
{
    // What the manual clock said at each append, and what was recorded: the wall clock ran an hour ahead, then one behind.
    private static readonly DateTimeOffset First = GoldenLedger.Start;
    private static readonly DateTimeOffset Second = First.AddMilliseconds(1.5);
    private static readonly DateTimeOffset Jumped = Second.AddMilliseconds(100).AddHours(1);

    [Fact]
    public async Task Writes_the_same_bytes_for_ever()
    {
        var store = await GoldenLedger.Write();
        var committed = GoldenLedger.Committed();
        Assert.Equal(committed.Keys, store.Disk.Names());
        foreach (var (name, bytes) in committed)
            Assert.True(bytes.AsSpan().SequenceEqual(store.Disk.Content(name)), $"{name} is not what format 1 makes of the same appends");
    }

    /// <summary>Run by hand when a format is new; it never replaces what is there.</summary>
    [Fact(Explicit = true)]
    public async Task Is_put_down_once()
    {
        var store = await GoldenLedger.Write();
        Assert.False(Directory.Exists(GoldenLedger.Directory), "golden files are never made again");
        Directory.CreateDirectory(GoldenLedger.Directory);
        var cancel = TestContext.Current.CancellationToken;
        foreach (var name in store.Disk.Names())
            await File.WriteAllBytesAsync(Path.Combine(GoldenLedger.Directory, name), store.Disk.Content(name), cancel);
    }

    [Fact]
    public async Task Reads_every_field_of_every_event()
    {
        using var directory = Copy();
        await using var ledger = EmbeddedLedger.Open(new EmbeddedLedgerOptions { Disk = new LinuxDisk(directory.Path) });
        Assert.True(ledger.Recovery.WasClosed);
        Assert.Null(ledger.Health.Trouble);
        var events = new List<RecordedEvent>();
        var query = new EventQuery { Items = [new QueryItem(), new QueryItem { Category = "$system" }] };
        await foreach (var page in ledger.ReadAcrossTenants(new ReadRequest { Query = query }, TestContext.Current.CancellationToken))
            events.AddRange(page.Events);

        Assert.Equal([1, 2, 3, 4, 5, 6], events.Select(recorded => recorded.Position));
        ShouldBe(events[0], "default", "order-1", 1, First, GoldenLedger.FullEvent());
        ShouldBe(events[1], "default", "order-2", 1, Second, GoldenLedger.Plain());
        ShouldBe(events[2], "other", "order-1", 1, Jumped, Given.Event(3));
        ShouldBe(events[3], "other", "$system-1", 1, Jumped, Given.Event(4));
        ShouldBe(events[4], "default", "blob-1", 1, Jumped, GoldenLedger.Zeros());
        ShouldBe(events[5], "default", "order-3", 1, Jumped, Given.Event(6));
    }

    [Fact]
    public async Task Finds_what_is_derived()
    {
        using var directory = Copy();
        await using var ledger = EmbeddedLedger.Open(new EmbeddedLedgerOptions { Disk = new LinuxDisk(directory.Path) });
        var cancel = TestContext.Current.CancellationToken;
        Assert.Equal(new StreamHead(1, Closed: true), await ledger.ReadStreamHead("other", "$system-1", cancel));
        Assert.Equal(new StreamHead(1, Closed: false), await ledger.HeadOf("order-1"));
        var held = await ledger.ReadCursor("default", "mailer", 3, cancel);
        Assert.Equal(2, held.Position);
        Assert.Equal(["order-1", "käse"], held.HeldKeys);
        Assert.Equal(4, (await ledger.ReadCursor("other", "mailer", 0, cancel)).Position);
        Assert.Equal(1, (await ledger.ReadAll(new ReadRequest { Query = EventQuery.OfCorrelation("conversation-1") })).Single().Position);
        Assert.Equal(1, (await ledger.ReadAll(new ReadRequest { Query = EventQuery.Tagged("uti:漢字") })).Single().Position);
        Assert.Equal(new LedgerRange(1, 6), await ledger.ReadRange(cancel));
        var repeat = Assert.IsType<AppendOutcome.Appended>(await ledger.Append(GoldenLedger.Full(), cancel));
        Assert.True(repeat.Repeated);
    }

    [Fact]
    public void Verifies_it()
    {
        using var directory = Copy();
        var report = LedgerMaintenance.Verify(new EmbeddedLedgerOptions { Disk = new LinuxDisk(directory.Path) });
        Assert.Empty(report.Problems);
        Assert.Equal((6L, 6L, 6L, 2), (report.Head, report.Events, report.Streams, report.Segments));
    }

    [Fact]
    public void Reads_every_field_of_the_manifest()
    {
        var bytes = GoldenLedger.Committed()["manifest-00000002"];
        var slots = new[] { Manifest.Read(bytes)!, Manifest.Read(bytes.AsSpan(Manifest.SecondSlot))! };
        var newest = slots.MaxBy(slot => slot.Sequence)!;
        Assert.Equal([2, 3], slots.Select(slot => slot.Sequence).Order());
        Assert.Equal(slots[0].StoreId, slots[1].StoreId);
        Assert.Equal(slots[0].Secret, slots[1].Secret);
        Assert.NotEqual(newest.StoreId, newest.Secret);
        Assert.Equal(
            (2L, 6L, 1L, Times.ToMicros(GoldenLedger.Start), true, 2, 2L),
            (newest.Epoch, newest.Head, newest.First, newest.CreatedAt, newest.Closed, newest.Segment, newest.SegmentEpoch));
        Assert.Equal(0, slots.MinBy(slot => slot.Sequence)!.Head);
    }

    [Fact]
    public void Reads_every_field_of_segments_and_batches()
    {
        using var directory = Copy();
        var disk = new LinuxDisk(directory.Path);
        var survey = Survey.Of(disk);
        Assert.Equal(["segment-00000001-00000001.log", "segment-00000002-00000002.log"], survey.Chain.Select(header => header.Name));
        var kinds = new List<(int, BatchKind, int, int, long, long, long, byte)>();
        var chain = BatchFormat.Genesis(survey.Manifest.StoreId);
        foreach (var header in survey.Chain)
        {
            Assert.Equal(header.Segment - 1, header.PreviousSegment);
            Assert.Equal(header.Segment == 1 ? 0 : 1, header.PreviousEpoch);
            Assert.Equal(header.Segment == 1 ? new byte[32] : chain, header.PreviousChain);
            using var file = disk.Open(header.Name, writable: false);
            var frames = new FrameReader(file, survey.Manifest.StoreId);
            var position = header.FirstPosition;
            for (long offset = SegmentHeader.Bytes; frames.Read(offset, chain, position, 0) == FrameKind.Batch;)
            {
                var batch = frames.Header;
                kinds.Add((
                    header.Segment, batch.Kind, batch.Events, batch.Records, batch.Epoch, batch.RecordedAt, batch.RawTime, batch.Flags));
                chain = BatchHeader.ChainOf(frames.Batch).ToArray();
                position += batch.Events;
                offset += batch.Length;
                Assert.Equal(batch.Events == 1 && batch.FirstPosition == 5 ? 3 : 0, batch.ZeroSectors);
            }
        }

        var (first, second, vouched, jumped) = (Micros(First), Micros(Second), Micros(Second.AddMilliseconds(100)), Micros(Jumped));
        var back = Micros(Jumped.AddHours(-2));
        Assert.Equal(
            [
                (1, BatchKind.Open, 0, 0, 2, first, first, 0),
                (1, BatchKind.Data, 1, 1, 2, first, first, 0),
                (1, BatchKind.Data, 1, 1, 2, second, second, 0),
                (1, BatchKind.Vouch, 0, 0, 2, vouched, vouched, 0),
                (1, BatchKind.Data, 2, 3, 2, jumped, jumped, BatchFormat.FlagClockJumped),
                (1, BatchKind.Data, 0, 1, 2, jumped, back, 0),
                (2, BatchKind.Data, 1, 1, 2, jumped, back, 0),
                (2, BatchKind.Data, 1, 1, 2, jumped, back, 0),
                (2, BatchKind.Close, 0, 0, 2, jumped, back, 0),
            ],
            kinds);
    }

    private static long Micros(DateTimeOffset time) => Times.ToMicros(time);

    private static TestDirectory Copy()
    {
        var directory = new TestDirectory();
        Directory.CreateDirectory(directory.Path);
        foreach (var (name, bytes) in GoldenLedger.Committed())
            File.WriteAllBytes(Path.Combine(directory.Path, name), bytes);
        return directory;
    }

    private static void ShouldBe(RecordedEvent recorded, string tenant, string stream, long version, DateTimeOffset at, NewEvent given)
    {
        Assert.Equal((tenant, stream, version, at), (recorded.Tenant, recorded.Stream, recorded.Version, recorded.RecordedAt));
        Assert.Equal(
            (given.Id, given.Type, given.SchemaVersion, given.ContentType, given.EffectiveAt),
            (recorded.Id, recorded.Type, recorded.SchemaVersion, recorded.ContentType, recorded.EffectiveAt));
        Assert.Equal(
            (given.CorrelationId, given.CausationId, given.Actor, given.TraceParent),
            (recorded.CorrelationId, recorded.CausationId, recorded.Actor, recorded.TraceParent));
        Assert.Equal(given.Tags, recorded.Tags.AsEnumerable());
        Assert.Equal(given.Headers, recorded.Headers.AsEnumerable());
        Assert.True(given.Data.Span.SequenceEqual(recorded.Data.Span));
        Assert.False(recorded.Erased);
    }
}
