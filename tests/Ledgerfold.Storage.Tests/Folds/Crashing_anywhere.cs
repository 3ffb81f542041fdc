using Ledgerfold.Testing.Disk;

namespace Ledgerfold.Storage.Tests.Folds;

/// <summary>
/// A crash before, in and after every disk call of a life with commits, tables written, tables merged, and a restart: what is found holds
/// every acknowledged batch, and is what was there after one of them.
/// </summary>
public sealed class Crashing_anywhere
{
    private const int Batches = 14;

    [Theory]
    [InlineData(CrashKind.Kill, CrashMoment.Before)]
    [InlineData(CrashKind.Kill, CrashMoment.During)]
    [InlineData(CrashKind.Kill, CrashMoment.After)]
    [InlineData(CrashKind.PowerCut, CrashMoment.Before)]
    [InlineData(CrashKind.PowerCut, CrashMoment.During)]
    [InlineData(CrashKind.PowerCut, CrashMoment.After)]
    public async Task Loses_nothing_that_was_acknowledged(CrashKind kind, CrashMoment moment)
    {
        List<string> contents = [];
        for (var n = 0; n <= Batches; n++)
            contents.Add(await FoldsOnDisk.ContentAfter(n));
        for (var call = 1; ; call++)
        {
            var folds = new FoldsOnDisk((ulong)call) { MemoryBytes = 4096 };
            folds.Disk.Faults.CrashAt(call, kind, moment);
            var acknowledged = await Live(folds);
            if (folds.Disk.Faults.Count > 0)
            {
                Assert.True(call > 300, $"only {call} calls were made");
                break; // it lived to its end
            }

            folds.Disk.Crash(CrashKind.Kill);
            var found = contents.IndexOf(await FoldsOnDisk.ContentOf(folds.Open()));
            Assert.True(found >= acknowledged, $"crash {kind} {moment} call {call}: found {found}, acknowledged {acknowledged}");
            Assert.True(found <= acknowledged + 1, $"crash {kind} {moment} call {call}: found {found}, acknowledged {acknowledged}");
        }
    }

    [Fact]
    public async Task What_a_restart_served_is_there_after_a_power_cut()
    {
        for (var call = 1; ; call++)
        {
            var folds = await FoldsOnDisk.Holding(2, memoryBytes: 4096);
            var store = folds.Open();
            var calls = folds.Disk.CallCount;
            folds.Disk.Faults.CrashAt(calls + call, CrashKind.Kill, CrashMoment.After);
            try
            {
                await store.WriteNow(FoldsOnDisk.Batch(3));
                break;
            }
            catch (SimulatedCrashException)
            {
                var served = await FoldsOnDisk.ContentOf(folds.Open());
                folds.Disk.Crash(CrashKind.PowerCut);
                Assert.Equal(served, await FoldsOnDisk.ContentOf(folds.Open()));
            }
        }
    }

    private static async Task<int> Live(FoldsOnDisk folds)
    {
        var acknowledged = 0;
        try
        {
            var store = folds.Open();
            for (var n = 1; n <= Batches; n++)
            {
                if (n == Batches / 2)
                {
                    store.Close();
                    store = folds.Open();
                }

                Assert.Equal(new FoldOutcome.Written(), await store.WriteNow(FoldsOnDisk.Batch(n)));
                acknowledged = n;
                while (store.StepUpkeep())
                {
                }
            }

            store.Close();
        }
        catch (SimulatedCrashException)
        {
            // what it was made for
        }

        return acknowledged;
    }
}
