using Ledgerfold.Storage.Disk;
using Ledgerfold.Testing;
using Ledgerfold.Testing.Disk;
using Marketplace.Payments;
using Marketplace.Payments.Simulation;
using static Marketplace.Tests.Payments.PaymentFacts;

namespace Marketplace.Tests.Payments;

public sealed class Keeping_the_providers_books
{
    private const string Journal = "provider.journal";

    private readonly ManualClock _clock = new();
    private readonly SimulatedDisk _disk = new(seed: 1);

    [Fact]
    public async Task Goes_on_after_a_restart_as_if_there_had_been_none()
    {
        using (var before = Open())
        {
            before.Script("tok", ProviderOutcome.Approve, ProviderOutcome.LateApprove, ProviderOutcome.Timeout, ProviderOutcome.Decline);
            await before.Authorize("k1", "tok", Eur(10), Cancel);
            _ = before.Authorize("k2", "tok", Eur(20), Cancel);
            _ = before.Authorize("k3", "tok", Eur(30), Cancel);
            await before.Capture("k1", "c1", Eur(4), Cancel);
            await before.Refund("k1", "r1", Eur(3), Cancel);
            await before.Void("k9", Cancel);
        }

        using var after = Open();

        Assert.Equal(new ProviderAnswer.Held("A1", Start), await after.Authorize("k1", "tok", Eur(10), Cancel));
        Assert.IsType<ProviderAnswer.Pending>(await after.Query("k2", Cancel));
        _clock.Advance(SimulatedProvider.LateBy);
        Assert.IsType<ProviderAnswer.Held>(await after.Query("k2", Cancel));
        Assert.IsType<ProviderAnswer.NotFound>(await after.Query("k3", Cancel));
        Assert.IsType<ProviderAnswer.Declined>(await after.Authorize("k4", "tok", Eur(1), Cancel));
        Assert.IsType<ProviderAnswer.Held>(await after.Authorize("k5", "tok", Eur(1), Cancel));
        Assert.IsType<ProviderAnswer.Released>(await after.Authorize("k9", "tok", Eur(1), Cancel));
        Assert.IsType<ProviderAnswer.Moved>(await after.Capture("k1", "c1", Eur(4), Cancel));
        var hold = Assert.Single(after.Holds(), static hold => hold.Key == "k1");
        Assert.Equal((Eur(4), Eur(3)), (hold.Captured, hold.Refunded));
    }

    [Fact]
    public async Task Passes_over_a_torn_end_wherever_it_is_torn_and_goes_on_behind_what_is_whole()
    {
        int whole;
        using (var before = Open())
        {
            await before.Authorize("k1", "tok", Eur(10), Cancel);
            whole = _disk.Content(Journal).Length;
            await before.Authorize("k2", "tok", Eur(20), Cancel);
        }

        var content = _disk.Content(Journal);
        for (var length = whole; length < content.Length; length++)
        {
            _disk.Corrupt.Replace(Journal, content.AsSpan(0, length));
            using (var torn = Open())
            {
                Assert.Equal(["k1"], torn.Holds().Select(static hold => hold.Key));
                await torn.Void("k1", Cancel); // a shorter line than the torn one
            }

            using var again = Open();
            Assert.IsType<ProviderAnswer.Released>(await again.Query("k1", Cancel));
        }
    }

    [Fact]
    public async Task Refuses_damage_that_has_something_behind_it()
    {
        using (var before = Open())
        {
            await before.Authorize("k1", "tok", Eur(10), Cancel);
            await before.Authorize("k2", "tok", Eur(20), Cancel);
        }

        _disk.Corrupt.FlipBit(Journal, 20, 3);

        Assert.Throws<InvalidDataException>(Open);
    }

    [Fact]
    public async Task Takes_nothing_more_after_a_failed_sync()
    {
        using var provider = Open();
        _disk.Faults.Fail(DiskCallKind.Sync);

        await Assert.ThrowsAnyAsync<IOException>(() => provider.Authorize("k1", "tok", Eur(10), Cancel));
        await Assert.ThrowsAnyAsync<IOException>(() => provider.Authorize("k1", "tok", Eur(10), Cancel));
        Assert.Empty(provider.Holds());
    }

    [Fact]
    public void Belongs_to_one_process()
    {
        using var provider = Open();

        Assert.Throws<IOException>(Open);
    }

    [Theory]
    [InlineData(CrashKind.Kill)]
    [InlineData(CrashKind.PowerCut)]
    public async Task Holds_all_that_was_answered_after_a_crash_at_any_call(CrashKind kind)
    {
        for (var number = 1; number <= 60; number++)
        {
            var disk = new SimulatedDisk((ulong)number);
            disk.Faults.CrashAt(number, kind, (CrashMoment)(number % 3));
            var answered = new List<string>();
            try
            {
                var before = new SimulatedProvider(disk.Start(), _clock);
                for (var key = 1; key <= 40; key++)
                {
                    await before.Authorize($"k{key}", "tok", Eur(key), Cancel);
                    answered.Add($"k{key}");
                }
            }
            catch (SimulatedCrashException)
            {
                // what was answered is what counts
            }

            disk.Faults.Clear();
            using var after = new SimulatedProvider(disk.Start(), _clock);
            var known = after.Holds().Select(static hold => hold.Key).ToHashSet();
            Assert.True(known.IsSupersetOf(answered), $"crash {number}: {string.Join(' ', answered.Except(known))} got lost");
            Assert.InRange(known.Count, answered.Count, answered.Count + 1);
        }
    }

    [Fact]
    public async Task Is_kept_in_a_real_directory()
    {
        var path = Directory.CreateTempSubdirectory("provider-").FullName;
        try
        {
            using (var disk = new LinuxDisk(Path.Combine(path, "books")))
            using (var before = new SimulatedProvider(disk, _clock))
                await before.Authorize("k1", "tok", Eur(10), Cancel);
            using var reopened = new LinuxDisk(Path.Combine(path, "books"));
            using var after = new SimulatedProvider(reopened, _clock);

            Assert.Equal(["k1"], after.Holds().Select(static hold => hold.Key));
        }
        finally
        {
            Directory.Delete(path, recursive: true);
        }
    }

    private SimulatedProvider Open() => new(_disk, _clock);
}
