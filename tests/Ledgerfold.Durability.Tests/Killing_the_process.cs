using Ledgerfold.Durability.Child;

namespace Ledgerfold.Durability.Tests;

public sealed class Killing_the_process
{
    private const int Generations = 20;

    [Fact]
    public async Task Loses_nothing_that_was_acknowledged_over_many_generations()
    {
        using var directory = new TestDirectory();
        OnDisk.Create(directory.Ledger);
        var chance = new Random(20_240_501);
        var oath = new Oath();
        for (var generation = 1; generation <= Generations; generation++)
        {
            var order = $"write {directory.Ledger} --generation {generation} --tasks {1 + (generation % 6)} --oath {directory.Write(oath)}";
            await using var child = ChildProcess.Start(order.Split(' '));
            await MomentToDie(child, chance, generation);
            await child.Kill();
            oath.Take(child.Lines);
        }

        await OnDisk.Recover(directory.Ledger, oath);
        TestContext.Current.SendDiagnosticMessage($"{Generations} generations, {oath.Acknowledged.Count} appends acknowledged");
        Assert.True(oath.Acknowledged.Count > 100 * Generations / 2);
    }

    [Fact]
    public async Task Is_survived_when_it_was_idle()
    {
        using var directory = new TestDirectory();
        OnDisk.Create(directory.Ledger);
        await using var child = ChildProcess.Start(
            "write", directory.Ledger, "--appends", "3", "--stay", "true", "--vouch-seconds", "3600");
        await child.Says("finished");
        await child.Kill();

        var recovery = await OnDisk.Recover(directory.Ledger, Swearing.Of(child));

        Assert.False(recovery.WasClosed);
        Assert.NotEqual(0, recovery.RewrittenEvents);
    }

    [Fact]
    public async Task Lets_go_of_the_directory()
    {
        using var directory = new TestDirectory();
        OnDisk.Create(directory.Ledger);
        await using var holder = ChildProcess.Start("write", directory.Ledger, "--appends", "3", "--stay", "true");
        await holder.Says("finished");

        await using var second = ChildProcess.Start("write", directory.Ledger);
        Assert.Equal(4, await second.Ends());
        Assert.Contains("unavailable locked", second.Lines);
        using (var disk = new Storage.Disk.LinuxDisk(directory.Ledger))
        {
            var refused = Assert.Throws<LedgerUnavailableException>(() => Storage.EmbeddedLedger.Open(OnDisk.OptionsOn(disk)));
            Assert.Equal("locked", refused.Code);
        }

        await holder.Kill();
        await OnDisk.Recover(directory.Ledger, Swearing.Of(holder));
    }

    /// <summary>In every fourth generation while it recovers, else after some acknowledgements, and a moment.</summary>
    private static async Task MomentToDie(ChildProcess child, Random chance, int generation)
    {
        if (generation % 4 == 0)
        {
            await child.Says("opening");
        }
        else
        {
            await child.Says("writing");
            for (var acknowledged = chance.Next(20, 400); acknowledged > 0; acknowledged--)
                await child.Says("ack ");
        }

        await Task.Delay(TimeSpan.FromMicroseconds(chance.Next(0, 30_000)), TimeProvider.System);
    }
}
