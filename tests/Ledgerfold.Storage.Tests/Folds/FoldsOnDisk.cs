using System.Text;
using Ledgerfold.Seams;
using Ledgerfold.Testing;
using Ledgerfold.Testing.Disk;

namespace Ledgerfold.Storage.Tests.Folds;

/// <summary>A fold store on a simulated disk and without threads, and the batches that numbers decide.</summary>
internal sealed class FoldsOnDisk(SimulatedDisk disk)
{
    public static readonly FoldName Orders = new("orders");

    public FoldsOnDisk(ulong seed = 1)
        : this(new SimulatedDisk(seed) { WriteBackChance = 0 })
    {
    }

    public SimulatedDisk Disk { get; } = disk;

    public ManualClock Clock { get; } = new();

    public long MemoryBytes { get; init; } = 1 << 20;

    public SeededChance Chance { get; init; } = new(7);

    public EmbeddedFoldStoreOptions OptionsOn(IDisk process) => new()
    {
        Disk = process,
        Clock = Clock,
        Chance = Chance,
        MemoryBytes = MemoryBytes,
        LogStepBytes = 4096,
    };

    /// <summary>Opens it in a process of its own.</summary>
    public EmbeddedFoldStore Open() => EmbeddedFoldStore.OpenStepped(OptionsOn(Disk.Start()));

    /// <summary>The log that is written to.</summary>
    public string Log => Disk.Trace.Calls.Last(call => call.Kind == DiskCallKind.Write && call.File.StartsWith("log-", StringComparison.Ordinal)).File;

    /// <summary>Takes away what vouches for the last batch.</summary>
    public void LoseVouch()
    {
        var last = Disk.Content(Log).AsSpan().LastIndexOfAnyExcept((byte)0) / 512 * 512;
        Assert.True(Disk.Content(Log).AsSpan(last).StartsWith("LFFV"u8));
        Disk.Corrupt.Overwrite(Log, last, new byte[512]);
    }

    /// <summary>A copy of the disk as it is, page cache and all, without its processes.</summary>
    public FoldsOnDisk Fork(ulong seed = 2) => new(Disk.Fork(seed)) { MemoryBytes = MemoryBytes, Chance = new SeededChance(70 + seed) };

    /// <summary>The n-th batch: three rows, of which one stays for good, one changes with every batch, and one is found by an index.</summary>
    public static FoldBatch Batch(int n) => new()
    {
        Fold = Orders,
        Expected = n - 1,
        Position = n,
        Rows = [Row($"stays-{n:D3}", n), Row("changes", n), Row($"index-{n % 3}", n, new FoldIndexEntry("number", $"{n:D3}", n % 2 == 0))],
    };

    public static FoldRow Row(string key, int n, params FoldIndexEntry[] indexes) =>
        new() { Tenant = "default", Key = key, Data = Encoding.UTF8.GetBytes($"{n} {key}"), Indexes = [.. indexes] };

    /// <summary>What a store must say after so many batches.</summary>
    public static async Task<string> ContentAfter(int batches)
    {
        await using var model = new InMemoryFoldStore();
        for (var n = 1; n <= batches; n++)
            await model.Write(Batch(n));
        return await ContentOf(model);
    }

    public static async Task<string> ContentOf(IFoldReader reader)
    {
        var said = new StringBuilder();
        said.AppendJoin(' ', await reader.List()).Append(" at ").Append(await reader.ReadPosition(Orders)).AppendLine();
        foreach (var index in (string?[])[null, "number"])
        {
            var request = new FoldRead { Fold = Orders, Index = index, Limit = 1000 };
            foreach (var row in (await reader.Read(request)).Rows)
                said.Append(row.Key).Append('=').Append(Encoding.UTF8.GetString(row.Data.Span)).Append(' ').AppendJoin(',', row.Indexes).AppendLine();
        }

        return said.ToString();
    }

    /// <summary>A store with these batches, each of which was acknowledged, and its process killed.</summary>
    public static async Task<FoldsOnDisk> Holding(int batches, long memoryBytes = 1 << 20)
    {
        var folds = new FoldsOnDisk { MemoryBytes = memoryBytes };
        var store = folds.Open();
        for (var n = 1; n <= batches; n++)
        {
            Assert.Equal(new FoldOutcome.Written(), await store.WriteNow(Batch(n)));
            while (store.StepUpkeep())
            {
            }
        }

        folds.Disk.Crash(CrashKind.Kill);
        return folds;
    }
}

internal static class SteppedFolds
{
    /// <summary>Writes and lets the store work until it has answered.</summary>
    public static async Task<FoldOutcome> WriteNow(this EmbeddedFoldStore store, FoldBatch batch) => await store.Answer(store.Write(batch));

    public static async Task<FoldOutcome> DropNow(this EmbeddedFoldStore store, FoldName fold) => await store.Answer(store.Drop(fold));

    private static async Task<FoldOutcome> Answer(this EmbeddedFoldStore store, ValueTask<FoldOutcome> answer)
    {
        while (!answer.IsCompleted)
        {
            if (!store.StepWriter() && !store.StepUpkeep())
                throw new InvalidOperationException("the batch waits, though the store has nothing to do");
        }

        return await answer;
    }
}
