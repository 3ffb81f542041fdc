using Ledgerfold.Storage.Index;
using Ledgerfold.Testing;
using Ledgerfold.Testing.Disk;

namespace Ledgerfold.Storage.Tests.Index;

public class Reading_damaged_runs
{
    // Offsets, filter, entries, postings, fences, summaries, tail, footer: one of each in a small run.
    private const int PagesOfEveryKind = 8;

    [Fact]
    public void Detects_every_flipped_bit()
    {
        using var ledger = SmallLedger();
        var name = Single(ledger);
        var length = ledger.Disk.Content(name).Length;
        Assert.Equal(PagesOfEveryKind * RunFormat.PageBytes, length);
        for (var bit = 0; bit < length * 8; bit++)
        {
            ledger.Disk.Corrupt.FlipBit(name, bit / 8, bit % 8);
            Assert.True(IsNoticed(ledger), $"bit {bit % 8} of byte {bit / 8}");
            ledger.Disk.Corrupt.FlipBit(name, bit / 8, bit % 8);
        }

        Assert.False(IsNoticed(ledger));
    }

    [Fact]
    public void Detects_every_missing_end()
    {
        using var ledger = SmallLedger();
        var name = Single(ledger);
        var content = ledger.Disk.Content(name);
        for (var length = 0; length < content.Length; length++)
        {
            ledger.Disk.Corrupt.Truncate(name, length);
            Assert.Equal(IndexProblemKind.Damaged, ProblemOf(ledger).Kind);
            ledger.Disk.Corrupt.Replace(name, content);
        }

        ledger.Disk.Corrupt.Replace(name, [.. content, .. new byte[RunFormat.PageBytes]]);
        Assert.Equal(IndexProblemKind.Damaged, ProblemOf(ledger).Kind);
    }

    [Fact]
    public void Detects_a_page_of_another_place_or_file()
    {
        using var ledger = SmallLedger();
        var name = Single(ledger);
        var content = ledger.Disk.Content(name);
        var swapped = (byte[])content.Clone();
        content.AsSpan(0, RunFormat.PageBytes).CopyTo(swapped.AsSpan(RunFormat.PageBytes));
        ledger.Disk.Corrupt.Replace(name, swapped);
        Assert.True(IsNoticed(ledger));

        Assert.True(RunName.TryParse(name, out var parsed));
        var renamed = (parsed with { Nonce = parsed.Nonce + 1 }).ToString();
        ledger.Disk.Corrupt.Replace(name, content);
        ledger.Disk.Rename(name, renamed);
        Assert.Equal(IndexProblemKind.Damaged, ProblemOf(ledger).Kind);
    }

    [Fact]
    public void Names_the_file_and_the_offset()
    {
        using var ledger = SmallLedger();
        var name = Single(ledger);
        ledger.Disk.Corrupt.FlipBit(name, 100, 0);
        using var set = Open(ledger);
        using var snapshot = set.Acquire();
        var damage = Assert.Throws<LedgerDamagedException>(() => snapshot.OffsetOf(1));
        Assert.Equal((name, 0L), (damage.File, damage.Offset));
        Assert.Throws<LedgerDamagedException>(() => snapshot.Runs[0].Check());
    }

    [Fact]
    public void Leaves_foreign_and_newer_runs_alone()
    {
        using var ledger = SmallLedger();
        var name = Single(ledger);
        using (var set = IndexSet.Open(ledger.Disk, ledger.Options, Guid.AllBitsSet, new SeededChance(1)))
        {
            set.Keep(_ => true);
            Assert.Equal(IndexProblemKind.ForeignStore, Assert.Single(set.Problems).Kind);
            Assert.Empty(set.Segments);
        }

        var newer = ledger.Disk.Content(name);
        Assert.True(RunName.TryParse(name, out var parsed));
        var page = newer.Length / RunFormat.PageBytes - 1;
        newer[(page * RunFormat.PageBytes) + 8] = RunFormat.Version + 1;
        RunFormat.Seal(newer.AsSpan(page * RunFormat.PageBytes), parsed.Nonce, (uint)page);
        ledger.Disk.Corrupt.Replace(name, newer);
        using (var set = Open(ledger, readOnly: false))
        {
            set.Keep(_ => true);
            Assert.Equal(IndexProblemKind.NewerFormat, Assert.Single(set.Problems).Kind);
            Assert.Empty(set.Segments);
        }

        Assert.Equal([name], ledger.Disk.Names());
    }

    [Fact]
    public void Puts_rebuilt_runs_in_the_place_of_a_damaged_one()
    {
        using var ledger = new IndexedLedger(options: new IndexOptions { FanOut = 2, MergeStepPages = 1 });
        for (var segment = 0; segment < 3; segment++)
        {
            Fill(ledger);
            ledger.Seal();
            ledger.MergeAll();
        }

        Fill(ledger);
        ledger.Seal();
        using var old = ledger.Set.Acquire();
        var damaged = old.Runs[0];
        Assert.Equal([2, 1, 1], old.Runs.Select(run => run.Segments.Count));
        ledger.Disk.Corrupt.FlipBit(damaged.FileName, 5, 5);
        var thrown = Assert.Throws<LedgerDamagedException>(ledger.MergeAll);
        Assert.Equal(damaged.FileName, thrown.File);

        Assert.Equal([damaged], ledger.Set.Damaged);
        foreach (var segment in damaged.Segments)
            ledger.Set.Rebuild(new SealedSegment(ledger.Rebuild(segment), segment, IndexedLedger.TailOf(segment.Segment)));
        ledger.Set.Replace(damaged);
        ledger.AssertLookups();
        Assert.DoesNotContain(damaged.FileName, ledger.Disk.Names());
        ledger.MergeAll();
        ledger.AssertLookups();
    }

    [Fact]
    public void Removes_a_damaged_run_so_that_it_is_built_again()
    {
        using var ledger = SmallLedger();
        ledger.Disk.Corrupt.Truncate(Single(ledger), 5_000);
        using var set = Open(ledger, readOnly: false);
        Assert.Empty(set.Segments);
        Assert.Empty(ledger.Disk.Names());
    }

    private static IndexedLedger SmallLedger()
    {
        var ledger = new IndexedLedger();
        Fill(ledger);
        ledger.Seal();
        return ledger;
    }

    private static void Fill(IndexedLedger ledger)
    {
        for (var i = 0; i < 60; i++)
            ledger.Append($"order-{i % 7}", i % 2 == 0 ? "Created" : "Paid", ["all:1", $"mod:{i % 5}"], i % 3 == 0 ? "c1" : null);
    }

    private static string Single(IndexedLedger ledger) => Assert.Single(ledger.Disk.Names());

    private static IndexSet Open(IndexedLedger ledger, bool readOnly = true) =>
        IndexSet.Open(ledger.Disk, ledger.Options, IndexedLedger.StoreId, new SeededChance(3), readOnly);

    private static IndexProblem ProblemOf(IndexedLedger ledger)
    {
        using var set = Open(ledger);
        return Assert.Single(set.Problems);
    }

    // Opens the run and asks for something of every kind, and of each of its pages with that.
    private static bool IsNoticed(IndexedLedger ledger)
    {
        using var set = Open(ledger);
        if (set.Problems.Count > 0)
            return true;
        using var snapshot = set.Acquire();
        try
        {
            Assert.True(snapshot.TryFindId(IndexedLedger.IdKey(IndexedLedger.IdAt(50)), out var position));
            Assert.Equal(50, position);
            Assert.Equal(IndexedLedger.OffsetAt(50), snapshot.OffsetOf(50));
            var longest = snapshot.Runs[0].Open(IndexedLedger.Hasher.OfTag(IndexedLedger.Tenant, "all:1"), backward: false)!;
            longest.Seek(50);
            Assert.Equal(50, longest.Current);
            Assert.Equal(IndexedLedger.TailOf(1), snapshot.ReadTail());
            return false;
        }
        catch (LedgerDamagedException)
        {
            return true;
        }
    }
}
