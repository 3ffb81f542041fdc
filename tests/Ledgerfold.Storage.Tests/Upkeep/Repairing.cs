using System.Text.Json;
using Ledgerfold.Testing.Disk;

namespace Ledgerfold.Storage.Tests.Upkeep;

public sealed class Repairing_a_suspect_end
{
    [Fact]
    public async Task Is_refused_until_asked_for_and_sets_the_bytes_aside()
    {
        var (store, bytes) = await Suspect();
        Assert.Equal("suspect-tail", store.Open().Health.Trouble?.Code);
        store.Disk.Crash(CrashKind.Kill);
        Assert.False(store.Verify().IsSound);
        var report = LedgerMaintenance.Repair(store.Options, "the disk was replaced");
        Assert.Equal((true, 3L, (long)bytes.Length), (report.Repaired, report.Head, report.QuarantinedBytes));
        Assert.Equal(bytes, store.Disk.DurableContent(report.QuarantineFile));
        var noted = report.QuarantineFile.Replace(".bytes", ".json", StringComparison.Ordinal);
        var note = JsonDocument.Parse(store.Disk.DurableContent(noted));
        Assert.Equal("the disk was replaced", note.RootElement.GetProperty("reason").GetString());
        Assert.Equal("4", note.RootElement.GetProperty("positionLost").GetString());

        var ledger = store.Open();
        Assert.Null(ledger.Health.Trouble);
        (await ledger.ReadAll()).ShouldBeEvents(3);
        Assert.Equal(4, Assert.IsType<AppendOutcome.Appended>(await ledger.AppendNow(Given.Append(4))).First);
        ledger.Close();
        Assert.Empty(store.Verify().Problems);
    }

    [Fact]
    public async Task Does_nothing_to_a_sound_ledger()
    {
        var store = await SimulatedStore.Holding(3, closed: true);
        var before = store.Disk.Names().ToDictionary(name => name, store.Disk.Content);
        Assert.False(LedgerMaintenance.Repair(store.Options, "just in case").Repaired);
        Assert.Equal(before.Keys.Order(), store.Disk.Names());
        Assert.All(before, file => Assert.Equal(file.Value, store.Disk.Content(file.Key)));
    }

    [Fact]
    public async Task Does_nothing_to_damage_in_the_middle()
    {
        var store = await SimulatedStore.Holding(3, closed: true);
        store.Disk.Corrupt.FlipBit(store.SegmentNames().Single(), 4096 + 168 + 200, 0);
        Assert.Equal("damaged", Assert.Throws<LedgerUnavailableException>(() => LedgerMaintenance.Repair(store.Options, "please")).Code);
        Assert.DoesNotContain(store.Disk.Names(), name => name.StartsWith("quarantine", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Is_refused_beside_a_writer_and_without_a_reason()
    {
        var store = await SimulatedStore.Holding(3, closed: true);
        var ledger = store.Open();
        Assert.Equal("locked", Assert.Throws<LedgerUnavailableException>(() => LedgerMaintenance.Repair(store.Options, "x")).Code);
        ledger.Close();
        Assert.Throws<ArgumentException>(() => LedgerMaintenance.Repair(store.Options, " "));
    }

    [Theory]
    [InlineData(CrashKind.Kill)]
    [InlineData(CrashKind.PowerCut)]
    public async Task Can_be_cut_short_at_every_call_and_done_again(CrashKind kind)
    {
        var (store, bytes) = await Suspect();
        var trial = store.Fork();
        LedgerMaintenance.Repair(trial.Options, "trial");
        for (var call = 1; call <= trial.Disk.CallCount; call++)
        {
            foreach (var moment in Enum.GetValues<CrashMoment>())
            {
                var fork = store.Fork((ulong)call);
                fork.Disk.Faults.CrashAt(call, kind, moment);
                Assert.Throws<SimulatedCrashException>(() => LedgerMaintenance.Repair(fork.Options, "first"));
                LedgerMaintenance.Repair(fork.Options, "again");
                var ledger = fork.Open();
                Assert.Null(ledger.Health.Trouble);
                (await ledger.ReadAll()).ShouldBeEvents(3);
                ledger.Close();
                var aside = fork.Disk.Names().Where(name => name.EndsWith(".bytes", StringComparison.Ordinal));
                Assert.Contains(aside, name => fork.Disk.Content(name).AsSpan().SequenceEqual(bytes));
            }
        }
    }

    private static async Task<(SimulatedStore Store, byte[] Tail)> Suspect()
    {
        var store = new SimulatedStore().Create();
        var ledger = store.Open();
        for (var n = 1; n <= 3; n++)
            await ledger.AppendNow(Given.Append(n));
        var start = (int)ledger.Log.Last.End;
        await ledger.AppendNow(Given.Append(4));
        var end = (int)ledger.Log.Last.End;
        store.Disk.Crash(CrashKind.Kill);
        var name = store.SegmentNames().Single();
        store.Disk.Corrupt.FlipBit(name, start + 150, 0);
        return (store, store.Disk.Content(name)[start..end]);
    }
}
