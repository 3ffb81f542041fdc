using Ledgerfold.Durability.Child;
using Ledgerfold.Storage;
using Ledgerfold.Storage.Disk;

namespace Ledgerfold.Durability.Tests.Folds;

/// <summary>What the test's own process does with a fold store on which others work.</summary>
internal static class RealFolds
{
    public static string In(string root) => Path.Combine(root, "folds");

    public static EmbeddedFoldStoreOptions OptionsOn(LinuxDisk disk) => new() { Disk = disk, MemoryBytes = 32 * 1024, LogStepBytes = 32 * 1024 };

    /// <summary>Opens the store, holds it against the oath, goes on in every fold, and holds it against the oath once more.</summary>
    public static async Task Recover(string directory, FoldOath oath)
    {
        using var disk = new LinuxDisk(directory);
        await using (var store = EmbeddedFoldStore.Open(OptionsOn(disk)))
        {
            Assert.Null(store.Health.Trouble);
            Assert.Empty(await oath.FindLies(store));
            foreach (var task in oath.Tasks)
            {
                var next = 1 + await store.ReadPosition(FoldLife.FoldOf(task), TestContext.Current.CancellationToken);
                oath.Take([$"try {task} {next}"]);
                Assert.Equal(new FoldOutcome.Written(), await store.Write(FoldLife.Batch(task, next), TestContext.Current.CancellationToken));
                oath.Take([$"ack {task} {next}"]);
            }
        }

        await using var again = EmbeddedFoldStore.Open(OptionsOn(disk));
        Assert.Equal(0, again.DroppedBytes);
        Assert.Empty(again.Health.Warnings);
        Assert.Empty(await oath.FindLies(again));
    }

    /// <summary>The oath of what these processes said.</summary>
    public static FoldOath Swear(params ChildProcess[] children)
    {
        var oath = new FoldOath();
        foreach (var child in children)
            oath.Take(child.Lines);
        return oath;
    }

    public static string Write(this TestDirectory directory, FoldOath oath)
    {
        var file = Path.Combine(directory.Root, "oath");
        File.WriteAllLines(file, oath.ToLines());
        return file;
    }

    public static async Task Acknowledges(this ChildProcess child, int batches)
    {
        for (var acknowledged = 0; acknowledged < batches; acknowledged++)
            await child.Says("ack ");
    }
}
