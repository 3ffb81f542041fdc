namespace Ledgerfold.Durability.Tests;

public sealed class Filling_the_disk
{
    private const long Megabyte = 1024 * 1024;

    [Theory]
    [InlineData(2 * Megabyte, 256 * 1024)]
    [InlineData(300 * 1024, 16 * 1024)]
    public async Task Pauses_the_writer_until_there_is_space(long left, long segmentBytes)
    {
        using var mount = new LoopMount(24);
        OnDisk.Create(mount.Ledger);
        mount.FillUpTo(left);
        await using var child = ChildProcess.Start(
            "write", mount.Ledger, "--generation", "1", "--tasks", "4", "--appends", "4000", "--segment", $"{segmentBytes}");

        var waits = await child.Says("waits ");
        Assert.StartsWith("waits disk-full reads=", waits);
        Assert.NotEqual("waits disk-full reads=0", waits);
        mount.MakeRoom();
        for (var acknowledged = 0; acknowledged < 200; acknowledged++)
            await child.Says("ack ");

        await child.Kill();
        await OnDisk.Recover(mount.Ledger, Swearing.Of(child));
    }

    [Fact]
    public async Task Does_not_keep_the_ledger_from_opening()
    {
        using var mount = new LoopMount(24);
        OnDisk.Create(mount.Ledger);
        mount.FillUpTo(Megabyte);
        await using var first = ChildProcess.Start("write", mount.Ledger, "--generation", "1", "--tasks", "4", "--segment", "65536");
        await first.Says("waits disk-full ");
        await first.Kill();
        var oath = Swearing.Of(first);
        mount.FillTheRest();

        for (var generation = 2; generation <= 4; generation++)
        {
            await using var again = ChildProcess.Start(
                "write", mount.Ledger, "--generation", $"{generation}", "--tasks", "2", "--segment", "65536");
            var opened = await again.Says("opened ");
            Assert.NotEqual("0", opened.Split(' ')[1]);
            await again.Says("waits disk-full ");
            if (generation == 4)
            {
                mount.MakeRoom();
                await again.Says("ack ");
            }

            await again.Kill();
            oath.Take(again.Lines);
        }

        await OnDisk.Recover(mount.Ledger, oath);
    }
}
