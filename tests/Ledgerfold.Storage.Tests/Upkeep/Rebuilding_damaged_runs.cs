using Ledgerfold.Storage.Format;
using Ledgerfold.Storage.Index;
using Ledgerfold.Storage.Reading;
using Ledgerfold.Testing;
using Ledgerfold.Testing.Disk;

namespace Ledgerfold.Storage.Tests.Upkeep;

public sealed class Meeting_a_damaged_index
{
    private const int Events = 100;
    private static readonly ReadRequest OneStream = new() { Query = EventQuery.OfStream("thing-1") };

    [Fact]
    public async Task Never_answers_from_it_and_is_right_again_after_upkeep()
    {
        var store = await Indexed();
        var runs = store.RunNames();
        var random = new SeededRandom(3);
        var met = 0;
        for (var trial = 0; trial < 300; trial++)
        {
            var fork = store.Fork((ulong)trial);
            var run = runs[trial % runs.Count];
            fork.Disk.Corrupt.FlipBit(run, random.Below(fork.Disk.Content(run).Length), random.Below(8));
            var ledger = EmbeddedLedger.OpenStepped(fork.Options, ReadPlan.Index);
            var n = random.Between(1, Events);
            (await Ask(() => ledger.FindById(n)))!.ShouldBeEvent(n);
            Assert.Equal(34, (await Ask(() => ledger.HeadOf("thing-1"))).Version);
            Assert.Equal(34, (await Ask(() => ledger.ReadAll(OneStream))).Count);
            Assert.True(Assert.IsType<AppendOutcome.Appended>(await Ask(() => ledger.AppendNow(Given.Append(n, padding: 300)))).Repeated);
            Assert.Equal(101, Assert.IsType<AppendOutcome.Appended>(await Ask(() => ledger.AppendNow(Given.Append(101)))).First);
            Assert.Null(ledger.Health.Trouble);
            ledger.Close();
            if (!fork.RunNames().Contains(run))
                Assert.Empty(fork.Verify().Problems);

            async Task<T> Ask<T>(Func<Task<T>> ask)
            {
                try
                {
                    return await ask();
                }
                catch (LedgerDamagedException damage)
                {
                    Assert.Equal(run, damage.File);
                    met++;
                    ledger.StepAll();
                    Assert.DoesNotContain(run, fork.RunNames());
                    Assert.Contains(ledger.Health.Warnings, warning => warning.Contains(run, StringComparison.Ordinal));
                    return await ask();
                }
            }
        }

        Assert.True(met > 50, $"only {met} trials met the damage");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Delivers_what_comes_before_it(bool backward)
    {
        var store = new SimulatedStore().Create(); // one segment, so one run, and many pages of offsets
        var ledger = EmbeddedLedger.OpenStepped(store.Options with { SegmentBytes = 4 << 20, SegmentEventsMax = 2500 }, ReadPlan.Index);
        for (var n = 1; n <= 2501; n++)
            await ledger.AppendNow(Given.Append(n));
        ledger.StepAll();
        var run = Assert.Single(store.RunNames());
        store.Disk.Corrupt.FlipBit(run, RunFormat.PageBytes + 100, 0); // positions 1,024 to 2,046
        var (events, damage) = await ledger.ReadUntilDamage(OneStream with { Backward = backward });
        Assert.Equal(run, damage!.File);
        var reached = backward ? 2047L : 1021L; // the last of the stream on this side
        Assert.Equal(reached, events[^1].Position);
        Assert.Equal(backward ? ((2500 - 2047) / 3) + 1 : 341, events.Count);
        Assert.InRange(damage.Position, 1024, 2046);
        ledger.StepAll();
        Assert.Equal(834, (await ledger.ReadAll(OneStream with { Backward = backward })).Count);
        ledger.Close();
    }

    [Fact]
    public async Task Keeps_cursors_however_many_runs_are_damaged()
    {
        var store = new SimulatedStore { With = SimulatedStore.TinySegments }.Create();
        var ledger = store.Open();
        for (var n = 1; n <= Events; n++)
        {
            await ledger.AppendNow(Given.Append(n, padding: 300));
            await ledger.AppendNow(Given.Move("c", n - 1, n));
        }

        ledger.StepAll();
        ledger.Close();
        var runs = store.RunNames();
        Assert.True(runs.Count > 2);
        foreach (var damaged in (List<string>[])[[runs[^1]], runs[^2..], [runs[0]], runs])
        {
            var fork = store.Fork();
            foreach (var run in damaged)
                DamageTail(fork, run);
            (await fork.OpenReadOnly().ReadAll()).ShouldBeEvents(Events);
            var reopened = fork.Open(); // the newest run must say where cursors stand, and so is not used
            Assert.Equal(Events, (await reopened.ReadCursor("default", "c", 0, TestContext.Current.CancellationToken)).Position);
            foreach (var run in runs.Intersect(fork.RunNames()))
                fork.Disk.Corrupt.FlipBit(run, 5, 0);
            await ReadEverywhere(reopened);
            Assert.Empty(runs.Intersect(fork.RunNames()));
            reopened.Close();
            foreach (var run in fork.RunNames()) // each run says where cursors stood at its end
            {
                var later = fork.Fork();
                foreach (var newer in fork.RunNames().Where(name => string.CompareOrdinal(name, run) > 0))
                    later.Disk.Corrupt.Delete(newer);
                Assert.Equal(
                    Events,
                    (await later.OpenReadOnly().ReadCursor("default", "c", 0, TestContext.Current.CancellationToken)).Position);
            }
        }

        static async Task ReadEverywhere(EmbeddedLedger ledger)
        {
            for (var met = 0; ; met++)
            {
                try
                {
                    (await ledger.ReadAll()).ShouldBeEvents(Events);
                    return;
                }
                catch (LedgerDamagedException) when (met < 10)
                {
                    ledger.StepAll();
                }
            }
        }
    }

    [Fact]
    public async Task Keeps_what_is_sound_of_it_where_the_log_is_damaged_too()
    {
        var store = await Indexed();
        var ledger = store.Open();
        var run = store.RunNames()[0];
        var segment = ledger.Log.Segments[1];
        store.Disk.Corrupt.FlipBit(run, 5, 0);
        store.Disk.Corrupt.FlipBit(segment.Name, SegmentHeader.Bytes + 400, 0);
        await Assert.ThrowsAsync<LedgerDamagedException>(() => ledger.ReadAll());
        ledger.StepAll();
        Assert.Contains(ledger.Health.Warnings, warning => warning.Contains("cannot be rebuilt", StringComparison.Ordinal));
        Assert.Null(ledger.Health.Trouble);
        Assert.Contains(run, store.RunNames());
        Assert.Equal(run, (await Assert.ThrowsAsync<LedgerDamagedException>(() => ledger.ReadAll())).File);
        Assert.Equal(34, (await ledger.HeadOf("thing-1")).Version); // by other pages
        Assert.IsType<AppendOutcome.Appended>(await ledger.AppendNow(Given.Append(101)));
        ledger.Close();
    }

    [Fact]
    public async Task Is_right_again_for_a_reader_once_the_writer_has_rebuilt_it()
    {
        var store = await Indexed();
        var writer = store.Open();
        var reader = store.OpenReadOnly();
        var run = store.RunNames()[0];
        store.Disk.Corrupt.FlipBit(run, 5, 0);
        Assert.Equal(run, (await Assert.ThrowsAsync<LedgerDamagedException>(() => reader.ReadAll())).File);
        Assert.Contains(run, store.RunNames());
        await Assert.ThrowsAsync<LedgerDamagedException>(() => writer.ReadAll());
        writer.StepAll();
        (await reader.ReadAll()).ShouldBeEvents(Events);
        await reader.DisposeAsync();
        writer.Close();
    }

    [Theory]
    [InlineData(CrashKind.Kill)]
    [InlineData(CrashKind.PowerCut)]
    public async Task Can_be_cut_short_at_every_call_of_the_repair(CrashKind kind)
    {
        var store = await Indexed();
        store.Disk.Corrupt.FlipBit(store.RunNames()[0], 5, 0);
        for (var (nth, crashed) = (1, true); crashed; nth += 3)
        {
            var fork = store.Fork((ulong)nth);
            var ledger = fork.Open();
            await Assert.ThrowsAsync<LedgerDamagedException>(() => ledger.ReadAll());
            fork.Disk.Faults.Arm(new DiskFault.Crash(kind, (CrashMoment)(nth % 3)), static _ => true, nth);
            crashed = false;
            try
            {
                while (ledger.StepIndex())
                {
                }
            }
            catch (SimulatedCrashException)
            {
                crashed = true;
            }

            fork.Disk.Faults.Clear();
            fork.Disk.Crash(kind);
            var reopened = fork.Open();
            try
            {
                await reopened.ReadAll();
            }
            catch (LedgerDamagedException)
            {
                reopened.StepAll();
            }

            (await reopened.ReadAll()).ShouldBeEvents(Events);
            (await reopened.FindById(7))!.ShouldBeEvent(7);
            reopened.Close();
            Assert.Empty(fork.Verify().Problems);
        }
    }

    private static async Task<SimulatedStore> Indexed()
    {
        var store = new SimulatedStore { With = SimulatedStore.TinySegments }.Create();
        var ledger = store.Open();
        for (var n = 1; n <= Events; n++)
            await ledger.AppendNow(Given.Append(n, padding: 300));
        ledger.StepAll();
        ledger.Close();
        return store;
    }

    private static void DamageTail(SimulatedStore store, string run) =>
        store.Disk.Corrupt.FlipBit(run, store.Disk.Content(run).Length - (2 * RunFormat.PageBytes) + 10, 0); // the page before the footer
}

public sealed class Naming_the_last_segment
{
    [Fact]
    public async Task Misses_it_though_the_one_before_has_no_run_yet()
    {
        var store = new SimulatedStore { With = SimulatedStore.TinySegments }.Create();
        var ledger = store.Open();
        for (var n = 1; ledger.Log.Segments.Length == 1; n++)
            await ledger.AppendNow(Given.Append(n, padding: 300));
        store.Disk.Capacity = store.Disk.Used; // no run can be written
        ledger.StepIndex();
        Assert.Empty(store.RunNames());
        store.Disk.Crash(CrashKind.PowerCut);
        store.Disk.Capacity = long.MaxValue;
        store.Disk.Corrupt.Delete(store.SegmentNames()[^1]);
        var reopened = store.Open();
        Assert.Equal("damaged", reopened.Health.Trouble?.Code);
        Assert.Contains("missing", reopened.Health.Trouble!.Reason, StringComparison.Ordinal);
    }
}

public sealed class Copying_a_damaged_ledger
{
    [Fact]
    public async Task Fails_and_names_segment_and_position()
    {
        var store = new SimulatedStore { With = SimulatedStore.TinySegments }.Create();
        var ledger = store.Open();
        for (var n = 1; n <= 100; n++)
            await ledger.AppendNow(Given.Append(n, padding: 300));
        ledger.StepAll();
        ledger.Close();
        for (var s = 0; s < store.SegmentNames().Count - 1; s++)
        {
            var fork = store.Fork();
            var name = fork.SegmentNames()[s];
            var first = SegmentHeader.Read(fork.Disk.Content(name))!.FirstPosition;
            fork.Disk.Corrupt.FlipBit(name, SegmentHeader.Bytes + 1500, 3);
            var target = new SimulatedStore(9);
            var damage = Assert.Throws<LedgerDamagedException>(() => LedgerMaintenance.Backup(fork.Options, target.Disk));
            Assert.Equal(name, damage.File);
            Assert.InRange(damage.Position, first, first + 5);
            Assert.InRange(damage.Offset, SegmentHeader.Bytes, SegmentHeader.Bytes + 1500);
            Assert.Equal("not-a-ledger", Assert.Throws<LedgerUnavailableException>(target.Open).Code);
        }
    }

    [Fact]
    public async Task Leaves_a_damaged_run_behind()
    {
        var store = new SimulatedStore { With = SimulatedStore.TinySegments }.Create();
        var ledger = store.Open();
        for (var n = 1; n <= 100; n++)
            await ledger.AppendNow(Given.Append(n, padding: 300));
        ledger.StepAll();
        ledger.Close();
        var runs = store.RunNames();
        store.Disk.Corrupt.FlipBit(runs[0], 5, 0);
        var target = new SimulatedStore(9) { With = SimulatedStore.TinySegments };
        LedgerMaintenance.Backup(store.Options, target.Disk);
        Assert.Equal(runs[1..], target.RunNames());
        var copy = target.Open();
        (await copy.ReadAll()).ShouldBeEvents(100);
        copy.Close();
        Assert.Empty(target.Verify().Problems);
    }
}
