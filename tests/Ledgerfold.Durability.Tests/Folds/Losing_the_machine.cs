using Ledgerfold.Durability.Child;

namespace Ledgerfold.Durability.Tests.Folds;

/// <summary>A file system of the test's own is filled, or its power is cut.</summary>
public sealed class Losing_the_machine
{
    private const long Megabyte = 1024 * 1024;

    [Fact]
    public async Task Loses_nothing_that_was_acknowledged_when_the_power_is_cut()
    {
        using var mount = new LoopMount(48);
        using var beside = new TestDirectory();
        var (folds, chance, oath) = (RealFolds.In(mount.Root), new Random(11), new FoldOath());
        for (var generation = 1; generation <= 8; generation++)
        {
            var memory = generation % 2 == 0 ? 32 * 1024 : 8 * Megabyte; // much: frames in space that is only reserved, too
            await using var child = ChildProcess.Start(
                "fold", folds, "--tasks", $"{generation}", "--oath", beside.Write(oath), "--memory", $"{memory}");
            await child.Says("writing");
            await child.Acknowledges(chance.Next(5, 250));

            mount.CutThePower();
            await child.Says("finished");
            await child.Kill();
            oath.Take(child.Lines);
            mount.Restart();
        }

        await RealFolds.Recover(folds, oath);
    }

    [Theory]
    [InlineData(2 * Megabyte, 32 * 1024)]
    [InlineData(3 * Megabyte, 1024 * 1024)]
    public async Task Pauses_the_writer_until_the_disk_has_space(long left, long memory)
    {
        using var mount = new LoopMount(24);
        var folds = RealFolds.In(mount.Root);
        mount.FillUpTo(left);
        await using var child = ChildProcess.Start("fold", folds, "--tasks", "12", "--appends", "20000", "--memory", $"{memory}");
        await child.Says("writing");
        await child.Acknowledges(20);
        mount.FillTheRest();

        Assert.NotEqual("waits disk-full reads=0", await child.Says("waits disk-full reads="));
        mount.MakeRoom();
        await child.Acknowledges(300);
        await child.Kill();
        await RealFolds.Recover(folds, RealFolds.Swear(child));
    }

    [Fact]
    public async Task Opens_on_a_full_disk_and_begins_when_it_has_space()
    {
        using var mount = new LoopMount(24);
        using var beside = new TestDirectory();
        var folds = RealFolds.In(mount.Root);
        await using var first = ChildProcess.Start("fold", folds, "--tasks", "4", "--memory", "262144");
        await first.Says("writing");
        await first.Acknowledges(400);
        await first.Kill();
        var oath = RealFolds.Swear(first);
        mount.FillUpTo(64 * 1024);
        mount.FillTheRest();

        for (var generation = 2; generation <= 4; generation++)
        {
            await using var again = ChildProcess.Start("fold", folds, "--tasks", "2", "--oath", beside.Write(oath), "--memory", "262144");
            Assert.StartsWith("opened 4 ", await again.Says("opened "));
            Assert.Equal("waits disk-full reads=4", await again.Says("waits "));
            if (generation == 4)
            {
                mount.MakeRoom();
                await again.Acknowledges(20);
            }

            await again.Kill();
            oath.Take(again.Lines);
        }

        await RealFolds.Recover(folds, oath);
    }
}
