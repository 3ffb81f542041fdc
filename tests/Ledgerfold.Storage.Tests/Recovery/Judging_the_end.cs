using Ledgerfold.Storage.Format;
using Ledgerfold.Storage.Recovery;
using Ledgerfold.Testing.Disk;

namespace Ledgerfold.Storage.Tests.Recovery;

/// <summary>What is behind the last sound batch decides whether recovery may drop it.</summary>
public sealed class Judging_the_end
{
    [Fact]
    public async Task Drops_a_batch_of_which_any_sector_is_missing()
    {
        var store = await SimulatedStore.Holding(4, closed: false, options => options with { BatchBytesMax = 64 * 1024 });
        var (name, start, end) = await AppendLarge(store);
        for (var sector = start / 512; sector <= (end - 1) / 512; sector++)
        {
            var torn = store.Fork();
            var from = Math.Max(start, sector * 512);
            torn.Disk.Corrupt.Overwrite(name, from, new byte[Math.Min(end, (sector + 1) * 512) - from]);
            var ledger = torn.Open();
            Assert.Null(ledger.Health.Trouble);
            Assert.True(ledger.Recovery.DroppedBytes > 0);
            (await ledger.ReadAll()).ShouldBeEvents(4);
            Assert.Equal(5, Assert.IsType<AppendOutcome.Appended>(await ledger.AppendNow(Given.Append(5))).First);
            ledger.Close();
            Assert.True(torn.Verify().IsSound);
        }
    }

    [Fact]
    public async Task Keeps_the_whole_batch()
    {
        var store = await SimulatedStore.Holding(4, closed: false);
        await AppendLarge(store);
        var ledger = store.Open();
        Assert.Equal((0, false), (ledger.Recovery.DroppedBytes, ledger.Recovery.WasClosed));
        Assert.Equal(1, ledger.Recovery.RewrittenEvents);
        Assert.Equal(5, (await ledger.ReadAll()).Count);
    }

    [Fact]
    public async Task Never_takes_rightful_zeros_for_a_tear()
    {
        var store = await SimulatedStore.Holding(1, closed: false);
        var ledger = store.Open();
        await ledger.AppendNow(AppendRequest.To("blob-1", Expectation.Any, Given.Event(2) with { Data = new byte[5000] }));
        var (name, end) = (ledger.Log.Last.Name, ledger.Log.Last.End);
        store.Disk.Crash(CrashKind.Kill);
        store.Disk.Corrupt.FlipBit(name, end - 2600, 3); // among the zeros of its data
        Assert.Equal("suspect-tail", store.Open().Health.Trouble?.Code);
    }

    [Fact]
    public async Task Suspects_the_last_batch_when_no_sector_is_missing()
    {
        var store = await SimulatedStore.Holding(4, closed: false);
        var (name, start, end) = await AppendLarge(store);
        foreach (var at in (long[])[start, start + 40, start + 127, start + 200, (start + end) / 2, end - 41, end - 20, end - 1])
        {
            var doubtful = store.Fork();
            doubtful.Disk.Corrupt.FlipBit(name, at, 0);
            var ledger = doubtful.Open();
            Assert.Equal("suspect-tail", ledger.Health.Trouble?.Code);
            Assert.Contains(name, ledger.Health.Trouble!.Reason, StringComparison.Ordinal);
            (await ledger.ReadAll()).ShouldBeEvents(4);
            Assert.IsType<AppendOutcome.ReadOnly>(await ledger.Send(Given.Append(9)));
        }
    }

    [Fact]
    public async Task Calls_it_damage_when_a_sound_batch_follows()
    {
        var store = await SimulatedStore.Holding(4, closed: false);
        var (name, start, _) = await AppendLarge(store, vouched: true);
        var damaged = store.Fork();
        damaged.Disk.Corrupt.FlipBit(name, start + 300, 5);
        var ledger = damaged.Open();
        Assert.Equal("damaged", ledger.Health.Trouble?.Code);
        Assert.Contains("positions 5 to 5", ledger.Health.Trouble!.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Calls_it_damage_even_when_sectors_are_missing_before_a_sound_batch()
    {
        var store = await SimulatedStore.Holding(4, closed: false);
        var (name, start, end) = await AppendLarge(store, vouched: true);
        store.Disk.Corrupt.Overwrite(name, start, new byte[end - start]);
        Assert.Equal("damaged", store.Open().Health.Trouble?.Code);
    }

    [Fact]
    public async Task Rejects_the_whole_batch_when_one_record_of_it_is_bad()
    {
        var store = await SimulatedStore.Holding(3, closed: false);
        var ledger = store.Open();
        var start = ledger.Log.Last.End;
        await ledger.AppendNow(AppendRequest.To("many-1", Expectation.Any, [.. Enumerable.Range(4, 6).Select(n => Given.Event(n))]));
        var name = ledger.Log.Last.Name;
        store.Disk.Crash(CrashKind.Kill);
        store.Disk.Corrupt.FlipBit(name, start + BatchFormat.HeaderBytes + 30, 1); // in the first record; the trailer is whole
        var reopened = store.Open();
        Assert.Equal("suspect-tail", reopened.Health.Trouble?.Code);
        (await reopened.ReadAll()).ShouldBeEvents(3);
    }

    [Fact]
    public void Says_nothing_of_zeros()
    {
        using var file = new SimulatedDisk(1) { WriteBackChance = 0 } is var disk && MakeDirectory(disk) ? disk.Create("f") : null!;
        file.Reserve(20_000);
        Assert.Equal(TailKind.Clean, TornTail.Judge(new FrameReader(file, Guid.Empty), file, Guid.Empty, 4096, 1, out _));
        Assert.Equal(TailKind.Clean, TornTail.Judge(new FrameReader(file, Guid.Empty), file, Guid.Empty, 20_000, 1, out _));
        Assert.Equal(TailKind.Clean, TornTail.Judge(new FrameReader(file, Guid.Empty), file, Guid.Empty, 30_000, 1, out _));
    }

    private static bool MakeDirectory(SimulatedDisk disk)
    {
        disk.CreateDirectory();
        return true;
    }

    private static async Task<(string Name, long Start, long End)> AppendLarge(SimulatedStore store, bool vouched = false)
    {
        var ledger = store.Open();
        var start = ledger.Log.Last.End;
        var data = new byte[4000];
        store.Chance.Fill(data);
        await ledger.AppendNow(AppendRequest.To("large-1", Expectation.Any, Given.Event(5) with { Data = data }));
        var range = (ledger.Log.Last.Name, start, ledger.Log.Last.End);
        if (vouched)
        {
            store.Clock.Advance(TimeSpan.FromSeconds(1));
            Assert.True(ledger.StepWriter());
        }

        store.Disk.Crash(CrashKind.Kill);
        return range;
    }
}
