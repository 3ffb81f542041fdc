using Ledgerfold.Durability.Child;

namespace Ledgerfold.Durability.Tests;

public sealed class Cutting_the_power
{
    [Fact]
    public async Task Loses_nothing_that_was_acknowledged()
    {
        using var mount = new LoopMount(48);
        OnDisk.Create(mount.Ledger);
        var chance = new Random(7);
        var oath = new Oath();
        using var beside = new TestDirectory();
        for (var generation = 1; generation <= 6; generation++)
        {
            await using var child = ChildProcess.Start(
                "write", mount.Ledger, "--generation", $"{generation}", "--tasks", $"{generation}", "--oath", beside.Write(oath));
            await child.Says("writing");
            for (var acknowledged = chance.Next(5, 250); acknowledged > 0; acknowledged--)
                await child.Says("ack ");

            mount.CutThePower();
            await child.Says("finished");
            await child.Kill();
            oath.Take(child.Lines);
            mount.Restart();
        }

        await OnDisk.Recover(mount.Ledger, oath);
    }
}
