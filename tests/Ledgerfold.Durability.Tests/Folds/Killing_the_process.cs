using Ledgerfold.Durability.Child;
using Ledgerfold.Storage;
using Ledgerfold.Storage.Disk;

namespace Ledgerfold.Durability.Tests.Folds;

public sealed class Killing_the_process
{
    private const int Generations = 20;

    [Fact]
    public async Task Loses_nothing_that_was_acknowledged_and_tears_no_batch_over_many_generations()
    {
        using var directory = new TestDirectory();
        var folds = RealFolds.In(directory.Root);
        var chance = new Random(20_240_502);
        var oath = new FoldOath();
        for (var generation = 1; generation <= Generations; generation++)
        {
            await using var child = ChildProcess.Start("fold", folds, "--tasks", $"{1 + (generation % 5)}", "--oath", directory.Write(oath));
            await MomentToDie(child, chance, generation);
            await child.Kill();
            oath.Take(child.Lines);
        }

        await RealFolds.Recover(folds, oath);
        TestContext.Current.SendDiagnosticMessage($"{Generations} generations, {oath.Acknowledged} batches acknowledged");
        Assert.True(oath.Acknowledged > 50 * Generations);
        Assert.NotEmpty(Directory.GetFiles(folds, "table-*"));
    }

    [Theory]
    [InlineData("pwrite64", 16)]
    [InlineData("fdatasync", 14)]
    [InlineData("fsync", 8)]
    [InlineData("renameat", 5)]
    [InlineData("fallocate", 3)]
    [InlineData("unlinkat", 8)]
    public async Task Loses_nothing_at_a_system_call_of_recovery_or_later(string call, int last)
    {
        Needs.Strace();
        using var directory = new TestDirectory();
        var folds = RealFolds.In(directory.Root);
        var (oath, killed) = (new FoldOath(), 0);
        for (var n = 1; n <= last; n++)
        {
            string[] options = ["-o", "/dev/null", "-e", $"trace={call}", "-e", $"inject={call}:signal=KILL:when={n}"];
            await using var child = ChildProcess.StartTraced(
                options, "fold", folds, "--tasks", "3", "--appends", "30", "--oath", directory.Write(oath));
            await child.Ends();
            killed += child.WasKilled ? 1 : 0;
            oath.Take(child.Lines);
        }

        Assert.True(killed > 0, $"{call} 1 to {last} was never reached");
        await RealFolds.Recover(folds, oath);
    }

    [Fact]
    public async Task Lets_go_of_the_directory_that_was_its_alone()
    {
        using var directory = new TestDirectory();
        var folds = RealFolds.In(directory.Root);
        await using var holder = ChildProcess.Start("fold", folds, "--appends", "3", "--stay", "true");
        await holder.Says("finished");

        await using var second = ChildProcess.Start("fold", folds);
        Assert.Equal(4, await second.Ends());
        Assert.Contains("unavailable locked", second.Lines);
        using (var disk = new LinuxDisk(folds))
        {
            Assert.Equal("locked", Assert.Throws<LedgerUnavailableException>(() => EmbeddedFoldStore.Open(RealFolds.OptionsOn(disk))).Code);
            Assert.Equal("locked", Assert.Throws<LedgerUnavailableException>(() => EmbeddedFoldStore.Reset(RealFolds.OptionsOn(disk))).Code);
        }

        await holder.Kill();
        await RealFolds.Recover(folds, RealFolds.Swear(holder));
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
            await child.Acknowledges(chance.Next(20, 400));
        }

        await Task.Delay(TimeSpan.FromMicroseconds(chance.Next(0, 30_000)), TimeProvider.System);
    }
}
