using System.Buffers.Binary;
using Ledgerfold.Storage.Format;
using Ledgerfold.Storage.Reading;
using Ledgerfold.Storage.Segments;
using Ledgerfold.Testing.Disk;

namespace Ledgerfold.Storage.Tests.Recovery;

/// <summary>Files that are missing, foreign, old, empty, left over, or of a newer program.</summary>
public sealed class Meeting_other_files
{
    [Fact]
    public async Task Refuses_a_newer_manifest_and_says_which()
    {
        var store = await SimulatedStore.Holding(1, closed: true);
        var name = store.ManifestNames().Single();
        for (long slot = 0; slot <= Manifest.SecondSlot; slot += Manifest.SecondSlot)
            SetFormat(store, name, slot, crcAt: 112, format: 7);
        var refused = Assert.Throws<LedgerUnavailableException>(store.Open);
        Assert.Equal("newer-format", refused.Code);
        Assert.Contains("7", refused.Message, StringComparison.Ordinal);
        Assert.Equal("newer-format", Assert.Throws<LedgerUnavailableException>(store.OpenReadOnly).Code);
        Assert.Equal("newer-format", Assert.Throws<LedgerUnavailableException>(store.Verify).Code);
    }

    [Fact]
    public async Task Refuses_a_newer_segment_and_says_which()
    {
        var store = await SimulatedStore.Holding(1, closed: true);
        SetFormat(store, store.SegmentNames().Single(), 0, crcAt: 112, format: 2);
        var refused = Assert.Throws<LedgerUnavailableException>(store.Open);
        Assert.Equal("newer-format", refused.Code);
        Assert.Contains("segment has format 2", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refuses_a_newer_batch_and_changes_nothing_of_the_log()
    {
        var store = await SimulatedStore.Holding(1, closed: true);
        var name = store.SegmentNames().Single();
        SetFormat(store, name, SegmentHeader.Bytes, crcAt: 124, format: 9, wide: false);
        var before = store.Disk.Content(name);
        var refused = Assert.Throws<LedgerUnavailableException>(store.Open);
        Assert.Equal("newer-format", refused.Code);
        Assert.Contains("9", refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, store.Disk.Content(name));
    }

    [Fact]
    public void Is_never_silently_a_new_ledger()
    {
        var store = new SimulatedStore();
        Assert.Equal("not-a-ledger", Assert.Throws<LedgerUnavailableException>(store.Open).Code);
        store.Disk.CreateDirectory();
        Assert.Equal("not-a-ledger", Assert.Throws<LedgerUnavailableException>(store.Open).Code);
        Assert.Equal("not-a-ledger", Assert.Throws<LedgerUnavailableException>(store.OpenReadOnly).Code);
        Assert.Empty(store.Disk.Names());
    }

    [Fact]
    public async Task Refuses_a_directory_whose_manifests_are_gone()
    {
        var store = await SimulatedStore.Holding(3, closed: true);
        store.Disk.Corrupt.Delete(store.ManifestNames().Single());
        Assert.Equal("not-a-ledger", Assert.Throws<LedgerUnavailableException>(store.Open).Code);
        Assert.Equal("not-empty", Assert.Throws<LedgerUnavailableException>(() => EmbeddedLedger.Create(store.Options)).Code);
    }

    [Fact]
    public async Task Notices_a_segment_of_another_store()
    {
        var other = await SimulatedStore.Holding(30, closed: true, SimulatedStore.TinySegments);
        var store = new SimulatedStore { With = SimulatedStore.TinySegments };
        store.Chance.Fill(new byte[5]);
        store.Create();
        var ledger = store.Open();
        for (var n = 1; n <= 30; n++)
            await ledger.AppendNow(Given.Append(n, padding: 200));
        ledger.Close();
        var names = store.SegmentNames();
        Assert.True(names.Count > 2);
        store.Disk.Corrupt.Replace(names[1], other.Disk.Content(other.SegmentNames()[0]));
        var reopened = store.Open();
        Assert.Equal("damaged", reopened.Health.Trouble?.Code);
        Assert.False(store.Verify().IsSound);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Never_serves_a_gap_as_if_there_were_none(int missing)
    {
        var store = await Rolled(covered: missing == 2);
        var chain = store.Ledger.Log.Segments.ToArray();
        store.Ledger.Close();
        store.Store.Disk.Corrupt.Delete(chain[missing].Name);
        foreach (var plan in Enum.GetValues<ReadPlan>())
        {
            var ledger = EmbeddedLedger.OpenStepped(store.Store.Options, plan);
            Assert.Equal("damaged", ledger.Health.Trouble?.Code);
            Assert.Contains(chain[missing].Name, ledger.Health.Trouble!.Reason, StringComparison.Ordinal);
            await ShouldStopAt(ledger, chain[missing]);
            ledger.Close();
        }
    }

    private static async Task ShouldStopAt(EmbeddedLedger ledger, Segment missing)
    {
        EventQuery[] queries =
        [
            EventQuery.All, EventQuery.OfStream("thing-1"), EventQuery.OfTypes("Happened"), EventQuery.Tagged("n:3"),
        ];
        foreach (var query in queries)
        {
            var (events, damage) = await ledger.ReadUntilDamage(new ReadRequest { Query = query });
            Assert.NotNull(damage);
            Assert.All(events, recorded => Assert.True(recorded.Position < missing.FirstPosition));
            var (newest, damageBehind) = await ledger.ReadUntilDamage(new ReadRequest { Query = query, Backward = true });
            Assert.NotNull(damageBehind);
            Assert.All(newest, recorded => Assert.True(recorded.Position > missing.LastPosition));
        }

        var after = await ledger.ReadAll(new ReadRequest { After = missing.LastPosition });
        Assert.Equal(40 - missing.LastPosition, after.Count);
        var last = await ledger.ReadAll(new ReadRequest { After = missing.LastPosition, Backward = true });
        Assert.Equal(after.Select(recorded => recorded.Position).Reverse(), last.Select(recorded => recorded.Position));
        await Assert.ThrowsAsync<LedgerDamagedException>(async () => await ledger.FindById((int)missing.FirstPosition));
        Assert.NotNull(await ledger.FindById((int)missing.LastPosition + 1));
    }

    [Fact]
    public async Task Says_so_when_the_last_segment_is_gone_that_a_manifest_names()
    {
        var (store, ledger) = await Rolled(covered: true);
        store.Disk.Crash(CrashKind.Kill);
        store.Disk.Corrupt.Delete(ledger.Log.Last.Name);
        var reopened = store.Open();
        Assert.NotNull(reopened.Health.Trouble);
        (await reopened.ReadUntilDamage()).Events.ShouldBeAPrefix();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Says_so_when_the_last_segment_has_no_sound_header(bool covered)
    {
        var (store, ledger) = await Rolled(covered);
        store.Disk.Crash(CrashKind.Kill);
        foreach (var damage in (Action<SimulatedDisk, string>[])
            [
                (disk, name) => disk.Corrupt.FlipBit(name, 20, 1),
                (disk, name) => disk.Corrupt.Truncate(name, 0),
                (disk, name) => disk.Corrupt.Truncate(name, 4000),
            ])
        {
            var damaged = store.Fork();
            damage(damaged.Disk, ledger.Log.Last.Name);
            var reopened = damaged.Open();
            Assert.NotNull(reopened.Health.Trouble);
            (await reopened.ReadUntilDamage()).Events.ShouldBeAPrefix();
            Assert.False(damaged.Verify().IsSound);
        }
    }

    [Fact]
    public async Task Takes_no_copy_under_another_name_for_a_segment()
    {
        var (store, ledger) = await Rolled(covered: false);
        var names = ledger.Log.Segments.ToArray().Select(segment => segment.Name).ToArray();
        ledger.Close();
        store.Disk.Corrupt.Duplicate(names[0], "segment-00000001-00000001.log");
        store.Disk.Corrupt.Duplicate(names[1], "segment-00000002-00000001.log");
        var reopened = store.Open();
        Assert.Null(reopened.Health.Trouble);
        (await reopened.ReadAll()).ShouldBeEvents(40);
        reopened.Close();
        Assert.Contains("segment-00000002-00000001.log", store.Verify().Strays);
    }

    [Fact]
    public async Task Says_so_when_the_last_segment_is_replaced_by_an_older_copy_of_itself()
    {
        var store = await SimulatedStore.Holding(3, closed: true);
        var name = store.SegmentNames().Single();
        var old = store.Disk.Content(name);
        var ledger = store.Open();
        for (var n = 4; n <= 8; n++)
            await ledger.AppendNow(Given.Append(n));
        ledger.Close();
        store.Disk.Corrupt.Replace(name, old);
        var reopened = store.Open();
        Assert.Equal("shorter-than-acknowledged", reopened.Health.Trouble?.Code);
        (await reopened.ReadAll()).ShouldBeEvents(3);
    }

    [Fact]
    public async Task Loses_nothing_when_the_manifest_is_replaced_by_an_older_one()
    {
        var store = await SimulatedStore.Holding(2, closed: false);
        var (oldName, old) = (store.ManifestNames().Single(), store.Disk.Content(store.ManifestNames().Single()));
        for (var opening = 0; opening < 3; opening++)
        {
            var ledger = store.Open();
            await ledger.AppendNow(Given.Append(3 + opening));
            store.Disk.Crash(CrashKind.Kill);
        }

        store.Disk.Corrupt.Delete(store.ManifestNames().Single());
        store.Disk.Corrupt.Replace(oldName, old);
        for (var opening = 0; opening < 3; opening++)
        {
            var ledger = store.Open();
            (await ledger.ReadAll()).ShouldBeEvents(5 + opening);
            Assert.IsType<AppendOutcome.Appended>(await ledger.AppendNow(Given.Append(6 + opening)));
            store.Disk.Crash(CrashKind.Kill);
        }
    }

    [Fact]
    public async Task Clears_leftovers_away()
    {
        var store = await SimulatedStore.Holding(3, closed: true);
        string[] leftovers =
        [
            "segment-new.tmp", "segment-prepared.tmp", "segment-preparing.tmp", "manifest.tmp",
            "index-00000001-00000001-0123456789abcdef.run.tmp",
        ];
        foreach (var name in leftovers)
            store.Disk.Corrupt.Replace(name, new byte[100]);
        var ledger = store.Open();
        (await ledger.ReadAll()).ShouldBeEvents(3);
        Assert.DoesNotContain(store.Disk.Names(), name => name.EndsWith(".tmp", StringComparison.Ordinal));
        for (var n = 4; n <= 9; n++)
            await ledger.AppendNow(Given.Append(n, padding: 20_000));
        ledger.StepAll();
        Assert.True(ledger.Log.Segments.Length > 1);
        (await ledger.ReadAll()).ShouldBeEvents(9);
    }

    [Fact]
    public async Task Minds_no_file_that_is_none_of_its_own()
    {
        var store = await SimulatedStore.Holding(3, closed: true);
        string[] others = ["README", "segment-1.log", "segment-0000000x-00000001.log", "manifest-abcdefgh", "index-1.run", "lost+found"];
        foreach (var name in others)
            store.Disk.Corrupt.Replace(name, "hello"u8);
        (await store.Open().ReadAll()).ShouldBeEvents(3);
        Assert.Contains("README", store.Disk.Names());
    }

    [Fact]
    public async Task Opens_beside_an_empty_manifest_that_a_crash_left()
    {
        var store = await SimulatedStore.Holding(3, closed: true);
        store.Disk.Corrupt.Replace("manifest-00000009", []);
        var ledger = store.Open();
        (await ledger.ReadAll()).ShouldBeEvents(3);
        Assert.IsType<AppendOutcome.Appended>(await ledger.AppendNow(Given.Append(4)));
        ledger.Close();
        Assert.Equal(10, LedgerMaintenance.Stat(store.Options).Epoch);
    }

    private static async Task<(SimulatedStore Store, EmbeddedLedger Ledger)> Rolled(bool covered)
    {
        var store = new SimulatedStore { With = SimulatedStore.TinySegments }.Create();
        var ledger = store.Open();
        for (var n = 1; n <= 40; n++)
            await ledger.AppendNow(Given.Append(n, padding: 300));
        if (covered)
            ledger.StepAll();
        Assert.True(ledger.Log.Segments.Length >= 5);
        return (store, ledger);
    }

    private static void SetFormat(SimulatedStore store, string name, long at, int crcAt, int format, bool wide = true)
    {
        var bytes = store.Disk.Content(name).AsSpan((int)at, crcAt + 4).ToArray();
        if (wide)
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), format);
        else
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(4), (ushort)format);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(crcAt), Crc32C.Of(bytes.AsSpan(0, crcAt)));
        store.Disk.Corrupt.Overwrite(name, at, bytes);
    }
}
