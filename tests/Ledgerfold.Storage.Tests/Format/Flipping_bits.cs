using System.Collections.Immutable;
using Ledgerfold.Seams;
using Ledgerfold.Storage.Format;
using Ledgerfold.Testing;
using Ledgerfold.Testing.Disk;

namespace Ledgerfold.Storage.Tests.Format;

/// <summary>Every bit of a small ledger is flipped, alone; a read gives what was appended or nothing, and somebody notices.</summary>
public sealed class Flipping_bits
{
    private const int Events = 5;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Is_noticed_everywhere_in_a_segment(bool closed)
    {
        var (disk, name, end) = await Small(closed);
        var bits = Enumerable.Range(0, 116 * 8).Concat(Enumerable.Range(SegmentHeader.Bytes * 8, (int)(end - SegmentHeader.Bytes) * 8));
        foreach (var bit in bits)
        {
            disk.Flip(name, bit);
            var report = VerifyOrNull(disk);
            Assert.False(report?.IsSound == true, $"bit {bit} of {name} was flipped and verification found nothing");
            disk.Flip(name, bit);
        }

        Assert.True(VerifyOrNull(disk)!.IsSound);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Never_makes_a_reader_see_another_event(bool closed)
    {
        var (disk, name, end) = await Small(closed);
        var random = new SeededRandom(11);
        for (var at = 0; at < end; at += at is >= 116 and < SegmentHeader.Bytes ? 64 : 1)
        {
            var bit = (at * 8) + random.Below(8);
            disk.Flip(name, bit);
            try
            {
                var ledger = EmbeddedLedger.OpenStepped(Options(disk.Copy()));
                var (events, damage) = await ledger.ReadUntilDamage();
                events.ShouldBeAPrefix();
                var isTold = damage is not null || ledger.Health.Trouble is not null;
                Assert.True(events.Count == Events || isTold, $"byte {at}: {events.Count} events and no word of a loss");
                ledger.Close();
            }
            catch (LedgerUnavailableException)
            {
                // refused as a whole
            }

            disk.Flip(name, bit);
        }
    }

    [Fact]
    public async Task Behind_the_end_is_noticed_or_means_nothing()
    {
        var (disk, name, end) = await Small(closed: false);
        for (var at = (int)end; at < disk.LengthOf(name); at += 37)
        {
            disk.Flip(name, at * 8);
            var ledger = EmbeddedLedger.OpenStepped(Options(disk.Copy()));
            (await ledger.ReadAll()).ShouldBeEvents(Events);
            ledger.Close();
            disk.Flip(name, at * 8);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task In_a_manifest_loses_nothing(bool closed)
    {
        var (disk, _, _) = await Small(closed);
        var name = disk.List().Single(one => one.StartsWith("manifest-", StringComparison.Ordinal));
        for (var bit = 0; bit < disk.LengthOf(name) * 8; bit += bit % 4096 < 128 * 8 ? 1 : 61)
        {
            disk.Flip(name, bit);
            var ledger = EmbeddedLedger.OpenStepped(Options(disk.Copy()));
            Assert.Null(ledger.Health.Trouble);
            (await ledger.ReadAll()).ShouldBeEvents(Events);
            ledger.Close();
            disk.Flip(name, bit);
        }
    }

    [Fact]
    public async Task In_the_only_sound_slot_of_the_only_manifest_refuses_the_directory()
    {
        var disk = new MemoryDisk();
        EmbeddedLedger.Create(Options(disk));
        for (var bit = 0; bit < 116 * 8; bit++)
        {
            disk.Flip("manifest-00000001", bit);
            var refused = Assert.Throws<LedgerUnavailableException>(() => EmbeddedLedger.OpenStepped(Options(disk.Copy())));
            Assert.Equal("damaged", refused.Code);
            disk.Flip("manifest-00000001", bit);
        }

        var ledger = EmbeddedLedger.OpenStepped(Options(disk));
        Assert.Empty(await ledger.ReadAll());
    }

    private static EmbeddedLedgerOptions Options(IDisk disk) => new()
    {
        Disk = disk,
        Clock = new ManualClock(),
        Chance = new SeededChance(1),
        SegmentBytes = 8 * 1024,
        ZeroAheadBytes = 4 * 1024,
    };

    private static VerifyReport? VerifyOrNull(IDisk disk)
    {
        try
        {
            return LedgerMaintenance.Verify(Options(disk));
        }
        catch (LedgerUnavailableException)
        {
            return null;
        }
    }

    private static async Task<(MemoryDisk Disk, string Segment, long End)> Small(bool closed)
    {
        var disk = new MemoryDisk();
        EmbeddedLedger.Create(Options(disk));
        var ledger = EmbeddedLedger.OpenStepped(Options(disk));
        for (var n = 1; n < Events; n++)
            await ledger.AppendNow(Given.Append(n) with { CursorMoves = [new CursorMove { Consumer = "c", Expected = n - 1, Next = n }] });
        await ledger.AppendNow(Given.Append(Events));
        var taken = disk.Copy();
        var end = ledger.Log.Last.End;
        if (closed)
        {
            ledger.Close();
            taken = disk;
            end += BatchFormat.HeaderBytes + BatchFormat.TrailerBytes;
        }

        return (taken, ledger.Log.Last.Name, end);
    }
}
