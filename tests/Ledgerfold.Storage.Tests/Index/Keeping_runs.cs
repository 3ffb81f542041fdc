using Ledgerfold.Storage.Index;
using Ledgerfold.Testing;
using Ledgerfold.Testing.Disk;

namespace Ledgerfold.Storage.Tests.Index;

public class Keeping_runs
{
    private static readonly IndexOptions s_pairs = new() { FanOut = 2, MergeStepPages = 1 };

    [Theory]
    [InlineData(CrashKind.Kill)]
    [InlineData(CrashKind.PowerCut)]
    public void Survives_a_crash_between_any_two_calls(CrashKind kind)
    {
        var calls = CallsOf(disk => PlaySealsAndMerges(disk, out _));
        for (var call = 1L; call <= calls; call++)
        {
            foreach (var moment in new[] { CrashMoment.Before, CrashMoment.During, CrashMoment.After })
            {
                var disk = new SimulatedDisk((ulong)call);
                disk.Faults.CrashAt(call, kind, moment);
                var added = 0;
                Assert.Throws<SimulatedCrashException>(() => PlaySealsAndMerges(disk, out added));
                AssertRecovers(disk, added);
            }
        }
    }

    [Fact]
    public void Survives_a_crash_while_it_opens_after_a_crash()
    {
        var crashed = new SimulatedDisk(5);
        var calls = CallsOf(disk => PlaySealsAndMerges(disk, out _));
        crashed.Faults.CrashAt(calls * 2 / 3, CrashKind.PowerCut, CrashMoment.After);
        Assert.Throws<SimulatedCrashException>(() => PlaySealsAndMerges(crashed, out _));
        var reopening = CallsOf(crashed.Fork(1), disk => AssertRecovers(disk, 0));
        for (var call = 1L; call <= reopening; call++)
        {
            var disk = crashed.Fork((ulong)call);
            disk.Faults.CrashAt(disk.CallCount + call, CrashKind.PowerCut, CrashMoment.Before);
            Assert.Throws<SimulatedCrashException>(() => AssertRecovers(disk, 0));
            AssertRecovers(disk, 0);
        }
    }

    [Theory]
    [InlineData(DiskCallKind.Write)]
    [InlineData(DiskCallKind.Sync)]
    [InlineData(DiskCallKind.Create)]
    [InlineData(DiskCallKind.Rename)]
    [InlineData(DiskCallKind.SyncDirectory)]
    public void Loses_nothing_when_the_disk_fails_once(DiskCallKind kind)
    {
        for (var nth = 1; ; nth++)
        {
            var disk = new SimulatedDisk(3);
            using var ledger = LedgerOf(disk);
            disk.Faults.Fail(kind, nth);
            var failed = false;
            for (var segment = 0; segment < 4; segment++)
            {
                Fill(ledger);
                failed |= Fails(ledger.Seal);
                ledger.AddMissing();
                failed |= Fails(ledger.MergeAll);
            }

            ledger.MergeAll();
            ledger.AssertLookups();
            ledger.Reopen();
            ledger.AssertLookups();
            Assert.DoesNotContain(disk.Names(), RunName.IsTemporary);
            if (!failed)
                break;
        }
    }

    [Fact]
    public void Removes_leftovers_and_what_a_larger_run_contains()
    {
        var disk = new SimulatedDisk(1);
        using var ledger = LedgerOf(disk);
        Fill(ledger);
        ledger.Seal();
        Fill(ledger);
        ledger.Seal();
        var parts = disk.Names().ToDictionary(name => name, disk.Content);
        ledger.MergeAll();
        var merged = Assert.Single(disk.Names());
        foreach (var (name, content) in parts)
            disk.Corrupt.Replace(CreateEmpty(disk, name), content);
        CreateEmpty(disk, "index-00000007-00000007-0000000000000001.run.tmp");
        CreateEmpty(disk, "segment-00000001.tmp");

        ledger.Reopen();
        Assert.Equal([merged, "segment-00000001.tmp"], disk.Names());
        ledger.AssertLookups();
    }

    [Fact]
    public void Drops_runs_that_do_not_agree_with_the_log()
    {
        var disk = new SimulatedDisk(1);
        using var ledger = LedgerOf(disk);
        Fill(ledger);
        ledger.Seal();
        Fill(ledger);
        ledger.Seal();
        ledger.Set.Keep(summary => summary.Segment == 1);
        Assert.Equal([ledger.Summaries[0]], ledger.Set.Segments);
        Assert.Single(disk.Names());
        Assert.Equal(ledger.Summaries[0].LastPosition, ledger.Set.SealedThrough);

        // The root alone makes the difference.
        var other = ledger.Summaries[0] with { Root = new byte[32] };
        Assert.NotEqual(other, ledger.Summaries[0]);
        ledger.Set.Keep(summary => summary == other);
        Assert.Empty(disk.Names());
        Assert.Equal(0, ledger.Set.SealedThrough);
    }

    [Fact]
    public void Uses_the_parts_when_the_larger_run_does_not_agree()
    {
        var disk = new SimulatedDisk(1);
        using var ledger = LedgerOf(disk);
        Fill(ledger);
        ledger.Seal();
        Fill(ledger);
        ledger.Seal();
        var parts = disk.Names().ToDictionary(name => name, disk.Content);
        ledger.MergeAll();
        var merged = Assert.Single(disk.Names());
        foreach (var (name, content) in parts)
            disk.Corrupt.Replace(CreateEmpty(disk, name), content);
        ledger.Set.Dispose();
        using var set = IndexSet.Open(disk, s_pairs, IndexedLedger.StoreId, new SeededChance(1));
        set.Keep(summary => summary.Segment == 2);
        Assert.Equal([ledger.Summaries[1]], set.Segments);
        Assert.DoesNotContain(merged, disk.Names());
    }

    [Fact]
    public void Reports_a_gap_as_the_end_of_what_is_sealed()
    {
        using var ledger = LedgerOf(new SimulatedDisk(1));
        for (var segment = 0; segment < 3; segment++)
        {
            Fill(ledger);
            ledger.Seal();
        }

        ledger.Set.Keep(summary => summary.Segment != 2);
        Assert.Equal(ledger.Summaries[0].LastPosition, ledger.Set.SealedThrough);
        ledger.Set.Add(ledger.Rebuild(ledger.Summaries[1]), ledger.Summaries[1], default);
        Assert.Equal(ledger.Summaries[2].LastPosition, ledger.Set.SealedThrough);
        ledger.AssertLookups();
    }

    [Fact]
    public void Keeps_files_readable_while_a_snapshot_holds_them()
    {
        var disk = new SimulatedDisk(1);
        using var ledger = LedgerOf(disk);
        Fill(ledger);
        ledger.Seal();
        Fill(ledger);
        ledger.Seal();
        var snapshot = ledger.Set.Acquire();
        var held = snapshot.Runs;
        ledger.MergeAll();
        Assert.Single(disk.Names());
        Assert.True(snapshot.TryFindId(IndexedLedger.IdKey(ledger.Events[0].Id), out var position));
        Assert.Equal(1, position);
        snapshot.Dispose();
        Assert.ThrowsAny<Exception>(() => held[0].Check());
    }

    [Fact]
    public void Shows_a_merged_run_before_it_removes_what_was_merged()
    {
        var disk = new SimulatedDisk(1);
        using var ledger = LedgerOf(disk);
        Fill(ledger);
        ledger.Seal();
        Fill(ledger);
        ledger.Seal();
        var shown = new List<int>();
        disk.BeforeCall = call =>
        {
            if (call.Kind != DiskCallKind.Delete)
                return;
            using var snapshot = ledger.Set.Acquire();
            shown.Add(snapshot.Runs.Count);
        };
        ledger.MergeAll();
        Assert.Equal([1, 1], shown);
    }

    [Fact]
    public void Answers_nothing_once_closed()
    {
        var ledger = LedgerOf(new SimulatedDisk(1));
        ledger.Dispose();
        Assert.Throws<ObjectDisposedException>(ledger.Set.Acquire);
    }

    [Fact]
    public void Can_be_read_by_another_process_that_changes_nothing()
    {
        var disk = new SimulatedDisk(1);
        using var ledger = LedgerOf(disk);
        Fill(ledger);
        ledger.Seal();
        CreateEmpty(disk, "index-00000007-00000007-0000000000000001.run.tmp");
        var reader = disk.Start();
        disk.BeforeCall = call => Assert.True(
            call.Process != reader.Number
            || call.Kind is DiskCallKind.List or DiskCallKind.Open or DiskCallKind.Read or DiskCallKind.Exists,
            call.ToString());

        using var set = IndexSet.Open(reader, s_pairs, IndexedLedger.StoreId, new SeededChance(1), readOnly: true);
        set.Keep(_ => true);
        Assert.Single(set.Segments);
        Assert.False(set.Refresh(_ => true, firstSegment: 1));
        using (var before = set.Acquire())
        {
            Fill(ledger);
            ledger.Seal();
            Assert.True(set.Refresh(_ => true, firstSegment: 1));
            ledger.MergeAll();
            Assert.True(set.Refresh(_ => true, firstSegment: 1));
            Assert.Equal(ledger.Summaries, set.Segments);
            using var after = set.Acquire();
            Assert.Single(after.Runs);
            Assert.True(before.TryFindId(IndexedLedger.IdKey(ledger.Events[0].Id), out _));
            Assert.True(after.TryFindId(IndexedLedger.IdKey(ledger.Events[^1].Id), out _));
        }

        Assert.False(set.MergeStep());
        Assert.Throws<InvalidOperationException>(() => set.Add(ledger.Active, ledger.Summaries[0], default));
    }

    [Fact]
    public void Touches_at_most_three_runs_of_a_size_however_many_segments_there_are()
    {
        using var ledger = new IndexedLedger();
        for (var segment = 1; segment <= 70; segment++)
        {
            ledger.Append("order-1", "Created", []);
            ledger.Seal();
            ledger.MergeAll();
        }

        using var snapshot = ledger.Set.Acquire();
        Assert.Equal([64, 4, 1, 1], snapshot.Runs.Select(run => run.Segments.Count));
        Assert.True(snapshot.Runs[0].TryFindStream(IndexedLedger.StreamKey("order-1"), out var merged));
        Assert.Equal(new StreamEntry(1, 64, Closed: false), merged);
        ledger.AssertLookups();
    }

    [Fact]
    public void Remembers_where_a_stream_stands_no_longer_than_that_is_so()
    {
        using var ledger = new IndexedLedger(options: s_pairs);
        for (var segment = 1; segment <= 6; segment++)
        {
            ledger.Append("order-1", "Created", [], closes: segment == 5);
            ledger.Append($"order-{segment + 1}", "Created", []);
            ledger.Seal();
            ledger.AssertLookups();
            ledger.AssertLookups(); // from memory
            ledger.MergeAll();
            ledger.AssertLookups();
        }
    }

    [Fact]
    public void Merges_small_runs_that_were_rebuilt_between_larger_ones()
    {
        using var ledger = new IndexedLedger();
        for (var segment = 1; segment <= 16; segment++)
        {
            ledger.Append("order-1", "Created", []);
            ledger.Seal();
            if (segment % 4 == 0 && segment < 16)
                ledger.MergeAll();
        }

        ledger.Set.Keep(summary => summary.Segment is not (6 or 14));
        ledger.AddMissing();
        ledger.MergeAll();
        using var snapshot = ledger.Set.Acquire();
        Assert.InRange(snapshot.Runs.Count, 1, 6);
        ledger.AssertLookups();
    }

    private static void PlaySealsAndMerges(SimulatedDisk disk, out int added)
    {
        added = 0;
        var ledger = LedgerOf(disk);
        for (var segment = 0; segment < 4; segment++)
        {
            Fill(ledger);
            ledger.Seal();
            added++;
            if (segment > 0)
                ledger.MergeAll();
        }

        ledger.AssertLookups();
        ledger.Dispose();
    }

    // The log holds all segments, whether or not their runs were written; a run that was added is never lost again.
    private static void AssertRecovers(SimulatedDisk disk, int added)
    {
        var log = LedgerOf(new SimulatedDisk(9));
        for (var segment = 0; segment < 4; segment++)
        {
            Fill(log);
            log.Seal();
        }

        disk.CreateDirectory();
        using var recovered = log.On(disk);
        Assert.InRange(recovered.Recover(), added, 4);
        recovered.AssertLookups();
        recovered.MergeAll();
        recovered.AssertLookups();
        Assert.DoesNotContain(disk.Names(), RunName.IsTemporary);
    }

    private static IndexedLedger LedgerOf(SimulatedDisk disk) => new(disk, s_pairs);

    private static void Fill(IndexedLedger ledger)
    {
        for (var i = 0; i < 6; i++)
            ledger.Append($"order-{i % 2}", "Created", ["all:1"]);
    }

    private static long CallsOf(Action<SimulatedDisk> play) => CallsOf(new SimulatedDisk(1), play);

    private static long CallsOf(SimulatedDisk disk, Action<SimulatedDisk> play)
    {
        var before = disk.CallCount;
        play(disk);
        return disk.CallCount - before;
    }

    private static bool Fails(Action action)
    {
        try
        {
            action();
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static string CreateEmpty(SimulatedDisk disk, string name)
    {
        disk.Create(name).Dispose();
        return name;
    }
}
