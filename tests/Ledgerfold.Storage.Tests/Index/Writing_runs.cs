using Ledgerfold.Storage.Index;
using Ledgerfold.Testing.Disk;

namespace Ledgerfold.Storage.Tests.Index;

public class Writing_runs
{
    [Theory]
    [InlineData(1)]
    [InlineData(20_000)]
    public void Lets_at_most_one_unknown_key_in_a_thousand_pass_the_filter(int events)
    {
        using var ledger = new IndexedLedger();
        for (var i = 0; i < events; i++)
            ledger.Append($"order-{i / 6}", "Created", []);
        ledger.Seal();
        using var snapshot = ledger.Set.Acquire();
        const int Asked = 500_000;
        var passed = 0;
        for (var i = 0; i < Asked; i++)
            passed += snapshot.Runs[0].MightHold(IndexedLedger.IdKey(IndexedLedger.IdAt(1_000_000 + i))) ? 1 : 0;
        Assert.InRange(passed, 0, Asked / 1_000);
    }

    [Fact]
    public void Keeps_a_list_with_more_leaves_than_one_directory_page_names()
    {
        const int Count = 4_200_000;
        var disk = new SimulatedDisk(1);
        disk.CreateDirectory();
        var name = new RunName(1, 1, 42);
        var key = IndexedLedger.Hasher.OfType(IndexedLedger.Tenant, "Created");
        using (var builder = new RunBuilder(disk, name, IndexedLedger.StoreId, (1, Count), 1, new IndexOptions()))
        {
            for (var i = 0; i < Count; i += 1_000)
                builder.AddOffsets(new uint[1_000]);
            for (var i = 0u; i < Count; i++)
                builder.List.Add(i);
            builder.AddLabel(key);
            builder.Finish([], []);
        }

        using var run = RunFile.Open(disk, name, IndexedLedger.StoreId, out _)!;
        Assert.Equal((long)Count, run.CountOf(key));
        var forward = run.Open(key, backward: false)!;
        foreach (var target in new long[] { -5, 1, 2, 4_000, 3_928_321, 3_928_322, 4_100_000, Count })
        {
            forward.Seek(target);
            Assert.Equal(Math.Max(1L, target), forward.Current);
        }

        forward.Seek(Count + 1);
        Assert.Equal(PositionCursor.End, forward.Current);
        var backward = run.Open(key, backward: true)!;
        foreach (var target in new long[] { Count + 9, Count, 4_100_000, 3_928_322, 3_928_321, 4_000, 2, 1 })
        {
            backward.Seek(-target);
            Assert.Equal(-Math.Min(Count, target), backward.Current);
        }

        backward.Seek(0);
        Assert.Equal(PositionCursor.End, backward.Current);

        const int BlockBytes = RunFormat.LeafTableBytes + RunFormat.BlockPositions - 1;
        const long PerLeaf = (RunFormat.ContentBytes - 2) / BlockBytes * RunFormat.BlockPositions;
        long[] leaves = [0, 1, 500, 1_022, 1_023, 1_024];
        foreach (var target in leaves.SelectMany(leaf => new[] { (leaf * PerLeaf) + 1, (leaf + 1) * PerLeaf }))
        {
            forward = run.Open(key, backward: false)!;
            forward.Seek(target);
            backward = run.Open(key, backward: true)!;
            backward.Seek(-target);
            Assert.Equal((target, -target), (forward.Current, backward.Current));
        }
    }

    [Fact]
    public void Finds_keys_whose_leading_half_is_the_same_over_several_pages()
    {
        var disk = new SimulatedDisk(1);
        disk.CreateDirectory();
        var name = new RunName(1, 1, 42);
        const uint Count = 1_000;
        using (var builder = new RunBuilder(disk, name, IndexedLedger.StoreId, (1, Count), Count, new IndexOptions()))
        {
            builder.AddOffsets(new uint[Count]);
            for (var i = 0u; i < Count; i++)
                builder.AddId(new IndexKey(i / 900, i * 2), i);
            builder.Finish([], []);
        }

        using var run = RunFile.Open(disk, name, IndexedLedger.StoreId, out _)!;
        Assert.InRange(run.EntryPages, 4u, 100u);
        for (var i = 0u; i < Count; i++)
        {
            Assert.True(run.TryFindId(new IndexKey(i / 900, i * 2), out var position));
            Assert.Equal(1 + i, position);
            Assert.False(run.TryFindId(new IndexKey(i / 900, (i * 2) + 1), out _));
        }
    }

    [Fact]
    public void Gives_every_entry_once_in_the_order_of_keys()
    {
        using var ledger = new IndexedLedger();
        for (var i = 0; i < 3_000; i++)
            ledger.Append($"order-{i / 6}", "Created", [$"mod:{i % 7}"], closes: i % 6 == 5);
        ledger.Seal();
        using var snapshot = ledger.Set.Acquire();
        var expected = new SortedDictionary<IndexKey, List<long>>();
        foreach (var recorded in ledger.Events)
        {
            foreach (var key in IndexedLedger.OtherKeys(recorded)
                .Append(IndexedLedger.IdKey(recorded.Id)).Append(IndexedLedger.StreamKey(recorded.Stream)))
            {
                if (!expected.TryGetValue(key, out var positions))
                    expected[key] = positions = [];
                positions.Add(recorded.Position);
            }
        }

        var scan = new RunScan(snapshot.Runs[0]);
        foreach (var (key, positions) in expected)
        {
            Assert.True(scan.MoveNext());
            Assert.Equal(key, scan.Key);
            var found = new List<long>();
            var cursor = scan.Positions();
            for (cursor.Seek(1); cursor.Current != PositionCursor.End; cursor.Seek(cursor.Current + 1))
                found.Add(cursor.Current);
            Assert.Equal(positions, found);
            Assert.Equal((uint)positions.Count, scan.Entry.Count);
            if (scan.Kind == RunFormat.EntryKind.Stream)
                Assert.Equal(new StreamEntry(1, 6, Closed: true), scan.Stream);
        }

        Assert.False(scan.MoveNext());
        Assert.Equal(expected.Count, snapshot.Runs[0].Keys);
    }

    [Fact]
    public void Parses_only_the_names_it_gives()
    {
        var name = new RunName(3, 12, 0xabcdef);
        Assert.Equal("index-00000003-00000012-0000000000abcdef.run", name.ToString());
        Assert.True(RunName.TryParse(name.ToString(), out var parsed));
        Assert.Equal(name, parsed);
        foreach (var other in new[]
        {
            "index-00000012-00000003-0000000000abcdef.run", "index-00000003-00000012-0000000000ABCDEF.run",
            "index-+0000003-00000012-0000000000abcdef.run", name.Temporary, "segment-00000001", "",
        })
        {
            Assert.False(RunName.TryParse(other, out _), other);
        }
    }
}
