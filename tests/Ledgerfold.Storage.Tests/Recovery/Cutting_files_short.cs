using Ledgerfold.Seams;
using Ledgerfold.Storage.Format;
using Ledgerfold.Testing;

namespace Ledgerfold.Storage.Tests.Recovery;

/// <summary>A segment file that ends at any byte opens as a prefix, or says that something is missing.</summary>
public sealed class Cutting_files_short
{
    private const int Events = 6;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Leaves_a_prefix_or_a_word_of_the_loss(bool closed)
    {
        var (disk, name) = await Small(closed);
        var whole = (int)disk.LengthOf(name);
        for (var length = 0; length <= whole; length += length < SegmentHeader.Bytes ? 128 : 1)
        {
            var cut = disk.Copy();
            cut.Truncate(name, length);
            await ShouldBeAPrefix(cut, closed, length);
        }
    }

    [Fact]
    public async Task Of_a_sealed_segment_is_told_and_what_follows_stays_readable()
    {
        var disk = new MemoryDisk();
        EmbeddedLedger.Create(Options(disk));
        var ledger = EmbeddedLedger.OpenStepped(Options(disk));
        for (var n = 1; n <= 40; n++)
            await ledger.AppendNow(Given.Append(n, padding: 300));
        var segments = ledger.Log.Segments.ToArray();
        Assert.True(segments.Length >= 4);
        ledger.Close();
        var middle = segments[1];
        for (var length = 0; length < middle.End; length += 61)
        {
            var cut = disk.Copy();
            cut.Truncate(middle.Name, length);
            var reopened = EmbeddedLedger.OpenStepped(Options(cut));
            Assert.Equal("damaged", reopened.Health.Trouble?.Code);
            var (before, damage) = await reopened.ReadUntilDamage();
            before.ShouldBeAPrefix();
            Assert.NotNull(damage);
            Assert.Equal(before.Count + 1, damage.Position);
            Assert.False(LedgerMaintenance.Verify(Options(cut)).IsSound);
            var after = await reopened.ReadAll(new ReadRequest { After = middle.LastPosition });
            Assert.Equal(40 - middle.LastPosition, after.Count);
            foreach (var recorded in after)
                recorded.ShouldBeEvent((int)recorded.Position);
            reopened.Close();
        }
    }

    private static async Task ShouldBeAPrefix(MemoryDisk cut, bool closed, int length)
    {
        EmbeddedLedger ledger;
        try
        {
            ledger = EmbeddedLedger.OpenStepped(Options(cut));
        }
        catch (LedgerUnavailableException)
        {
            return;
        }

        var (events, _) = await ledger.ReadUntilDamage();
        events.ShouldBeAPrefix();
        if (events.Count < Events && (closed || length < SegmentHeader.Bytes))
            Assert.NotNull(ledger.Health.Trouble);
        if (ledger.Health.Trouble is null)
        {
            for (var n = events.Count + 1; n <= Events + 1; n++)
                Assert.Equal(n, Assert.IsType<AppendOutcome.Appended>(await ledger.AppendNow(Given.Append(n))).First);
        }

        ledger.Close();
        if (ledger.Recovery.WasClosed || length >= SegmentHeader.Bytes)
        {
            var again = EmbeddedLedger.OpenStepped(Options(cut));
            (await again.ReadAll()).ShouldBeAPrefix();
            again.Close();
        }
    }

    private static EmbeddedLedgerOptions Options(IDisk disk) => new()
    {
        Disk = disk,
        Clock = new ManualClock(),
        Chance = new SeededChance(1),
        SegmentBytes = 8 * 1024,
        ZeroAheadBytes = 4 * 1024,
    };

    private static async Task<(MemoryDisk Disk, string Segment)> Small(bool closed)
    {
        var disk = new MemoryDisk();
        EmbeddedLedger.Create(Options(disk));
        var ledger = EmbeddedLedger.OpenStepped(Options(disk));
        for (var n = 1; n <= Events; n++)
            await ledger.AppendNow(Given.Append(n));
        var taken = closed ? disk : disk.Copy();
        ledger.Close();
        return (taken, ledger.Log.Last.Name);
    }
}
