using Ledgerfold.Durability.Child;
using Ledgerfold.Storage;
using Ledgerfold.Storage.Disk;

namespace Ledgerfold.Durability.Tests;

public sealed class Reading_beside_a_writer
{
    private const int Rounds = 12;

    [Fact]
    public async Task Shows_a_growing_prefix_of_what_it_writes()
    {
        using var directory = new TestDirectory();
        OnDisk.Create(directory.Ledger);
        await using var child = ChildProcess.Start("write", directory.Ledger, "--tasks", "4");
        await child.Says("ack ");
        using var disk = new LinuxDisk(directory.Ledger);
        await using var early = EmbeddedLedger.OpenReadOnly(OnDisk.OptionsOn(disk));
        var seen = new long[2]; // one that opens now may see bytes behind the last batch that the other has no reason to look for yet
        for (var round = 0; round < Rounds; round++)
        {
            await using var fresh = EmbeddedLedger.OpenReadOnly(OnDisk.OptionsOn(disk));
            foreach (var (v, view) in ((EmbeddedLedger[])[fresh, early]).Index())
            {
                var audit = await Audit.OfPrefix(view);
                Assert.Empty(audit.Lies);
                Assert.True(audit.Head >= seen[v], $"position {seen[v]} was shown before, and now {audit.Head}");
                seen[v] = audit.Head;
            }

            await Acknowledges(child, 30);
        }

        await AcknowledgedShowsUp(early, await child.Says("ack "));
        await child.Kill();
        await OnDisk.Recover(directory.Ledger, Swearing.Of(child));
    }

    [Fact]
    public async Task Finds_it_sound_at_any_moment()
    {
        using var directory = new TestDirectory();
        OnDisk.Create(directory.Ledger);
        await using var child = ChildProcess.Start("write", directory.Ledger, "--tasks", "4");
        using var disk = new LinuxDisk(directory.Ledger);
        for (var round = 0; round < Rounds; round++)
        {
            await Acknowledges(child, 30);
            Assert.Empty(LedgerMaintenance.Verify(OnDisk.OptionsOn(disk)).Problems);
        }

        await child.Kill();
        await OnDisk.Recover(directory.Ledger, Swearing.Of(child));
    }

    [Fact]
    public async Task Copies_a_prefix_that_opens_as_a_ledger()
    {
        using var directory = new TestDirectory();
        OnDisk.Create(directory.Ledger);
        await using var child = ChildProcess.Start("write", directory.Ledger, "--tasks", "4");
        var heads = new List<long>();
        for (var round = 1; round <= Rounds / 2; round++)
        {
            await Acknowledges(child, 40);
            heads.Add(await Copy(directory.Ledger, Path.Combine(directory.Root, $"copy-{round}")));
        }

        await child.Kill();
        Assert.Equal(heads.Order(), heads);
        Assert.True(heads[^1] > heads[0]);
    }

    [Fact]
    public async Task Follows_through_kills_and_restarts()
    {
        using var directory = new TestDirectory();
        OnDisk.Create(directory.Ledger);
        await using var follower = ChildProcess.Start("follow", directory.Ledger);
        await follower.Says("following");
        var oath = new Oath();
        for (var generation = 1; generation <= 4; generation++)
        {
            await using var writer = ChildProcess.Start(
                "write", directory.Ledger, "--generation", $"{generation}", "--tasks", "3", "--oath", directory.Write(oath));
            await writer.Says("writing");
            await Acknowledges(writer, 60);
            await writer.Kill();
            oath.Take(writer.Lines);
        }

        await OnDisk.Recover(directory.Ledger, oath);
        var last = oath.Acknowledged.MaxBy(pair => pair.Value);
        await follower.Says($"saw {last.Value} {last.Key} 0");
        await follower.Kill();
        var saw = follower.Lines.Where(line => line.StartsWith("saw ", StringComparison.Ordinal)).ToArray();
        Assert.All(saw.Index(), line => Assert.StartsWith($"saw {line.Index + 1} ", line.Item));
        Assert.All(oath.Acknowledged, pair => Assert.Equal($"saw {pair.Value} {pair.Key} 0", saw[pair.Value - 1]));
    }

    private static async Task Acknowledges(ChildProcess child, int appends)
    {
        for (var acknowledged = 0; acknowledged < appends; acknowledged++)
            await child.Says("ack ");
    }

    private static async Task AcknowledgedShowsUp(EmbeddedLedger view, string acknowledgement)
    {
        var position = long.Parse(acknowledgement.Split(' ')[2]);
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1), TimeProvider.System);
        await foreach (var page in view.Read(new ReadRequest { After = position - 1, Follow = true, Limit = 1 }, patience.Token))
        {
            if (page.Events is [var recorded])
                Assert.Equal(acknowledgement.Split(' ')[1], Deed.Of(recorded.Id).Deed.ToString());
        }
    }

    private static async Task<long> Copy(string from, string to)
    {
        using var source = new LinuxDisk(from);
        using var target = new LinuxDisk(to);
        var copied = LedgerMaintenance.Backup(OnDisk.OptionsOn(source), target);
        Assert.Empty(LedgerMaintenance.Verify(OnDisk.OptionsOn(target)).Problems);
        await using var ledger = EmbeddedLedger.Open(OnDisk.OptionsOn(target));
        Assert.Null(ledger.Health.Trouble);
        var audit = await Audit.OfPrefix(ledger);
        Assert.Empty(audit.Lies);
        Assert.Equal(copied.Head, audit.Head);
        return copied.Head;
    }
}
