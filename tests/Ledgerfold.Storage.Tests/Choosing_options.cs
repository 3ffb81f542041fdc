namespace Ledgerfold.Storage.Tests;

public sealed class Choosing_options
{
    public static TheoryData<string, Func<EmbeddedLedgerOptions, EmbeddedLedgerOptions>> Impossible => new()
    {
        { "SegmentBytes", options => options with { SegmentBytes = 0 } },
        { "SegmentBytes", options => options with { SegmentBytes = 5119 } },
        { "SegmentBytes", options => options with { SegmentBytes = (4L << 30) + 1 } },
        { "SegmentEventsMax", options => options with { SegmentEventsMax = 0 } },
        { "ZeroAheadBytes", options => options with { ZeroAheadBytes = 0 } },
        { "BatchBytesMax", options => options with { BatchBytesMax = 0 } },
        { "BatchBytesMax", options => options with { BatchBytesMax = 64L << 20 } },
        { "QueueBytesMax", options => options with { QueueBytesMax = -1 } },
        { "FilterBytesMax", options => options with { FilterBytesMax = -1 } },
        { "VouchAfterIdle", options => options with { VouchAfterIdle = TimeSpan.FromTicks(-1) } },
        { "AppendTimeout", options => options with { AppendTimeout = TimeSpan.Zero } },
        { "Clock", options => options with { Clock = null! } },
        { "Chance", options => options with { Chance = null! } },
        { "Disk", options => options with { Disk = null! } },
    };

    public static TheoryData<Func<EmbeddedLedgerOptions, EmbeddedLedgerOptions>> Possible => new()
    {
        options => options with { SegmentBytes = 5120 },
        options => options with { SegmentBytes = 4L << 30 },
        options => options with { BatchBytesMax = (64L << 20) - 168 },
        options => options with { BatchBytesMax = 1, QueueBytesMax = 1, SegmentEventsMax = 1, ZeroAheadBytes = 1, FilterBytesMax = 0 },
        options => options with { AppendTimeout = Timeout.InfiniteTimeSpan, VouchAfterIdle = TimeSpan.Zero },
    };

    [Theory]
    [MemberData(nameof(Impossible))]
    public async Task Names_the_one_that_cannot_work(string option, Func<EmbeddedLedgerOptions, EmbeddedLedgerOptions> with)
    {
        var store = await SimulatedStore.Holding(2, closed: true);
        var options = with(store.Options);
        foreach (var act in (Action<EmbeddedLedgerOptions>[])
                 [
                     EmbeddedLedger.Create, one => EmbeddedLedger.Open(one), one => EmbeddedLedger.OpenReadOnly(one),
                     one => LedgerMaintenance.Verify(one), one => LedgerMaintenance.Stat(one), one => LedgerMaintenance.Repair(one, "x"),
                     one => LedgerMaintenance.RebuildIndex(one), one => LedgerMaintenance.Backup(one, store.Fork().Disk),
                 ])
        {
            var refused = Assert.Throws<ArgumentException>(() => act(options));
            Assert.Equal(option, refused.ParamName);
            Assert.Contains($"{option} must", refused.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Possible))]
    public async Task Takes_the_least_and_the_most(Func<EmbeddedLedgerOptions, EmbeddedLedgerOptions> with)
    {
        var store = new SimulatedStore { With = with };
        store.Disk.CreateDirectory();
        store.Create();
        var ledger = store.Open();
        for (var n = 1; n <= 5; n++)
            Assert.IsType<AppendOutcome.Appended>(await ledger.AppendNow(Given.Append(n)));
        ledger.Close();
        (await store.Open().ReadAll()).ShouldBeEvents(5);
    }
}
