using System.Collections.Immutable;
using Ledgerfold.Testing.Disk;

namespace Ledgerfold.Storage.Tests.Folds;

/// <summary>
/// A small fold store that has one of everything that format 1 knows: a table, and a log behind it. Its bytes follow from a seed, so that
/// the same program makes the same files for ever; they are committed, and a format that would change them is a new format.
/// </summary>
internal static class GoldenFolds
{
    public static readonly FoldName People = new("people", 2);
    public static readonly FoldName Gone = new("gone");

    public static string Directory => Path.Combine(Origin(), "Golden", "folds-v1");

    /// <summary>What is in it, in the order of the keys.</summary>
    public static ImmutableArray<FoldRow> Rows { get; } =
    [
        FoldsOnDisk.Row("ada", 1, new FoldIndexEntry("mail", "ada@x", Unique: true), new FoldIndexEntry("town", "Zürich")),
        FoldsOnDisk.Row("large", 2) with { Data = Enumerable.Range(0, 9000).Select(n => (byte)(n % 251)).ToArray() },
        FoldsOnDisk.Row("nothing", 3) with { Data = ReadOnlyMemory<byte>.Empty },
        FoldsOnDisk.Row("zeros", 4) with { Data = new byte[1800] },
        FoldsOnDisk.Row("漢字", 5, new FoldIndexEntry("town", "Zürich")) with { Tenant = "default" },
    ];

    /// <summary>Makes it anew.</summary>
    public static async Task<FoldsOnDisk> Write()
    {
        var folds = new FoldsOnDisk();
        var store = folds.Open();
        await Written(store, new FoldBatch { Fold = People, Expected = 0, Position = 7, Rows = [Rows[0], Rows[1], FoldsOnDisk.Row("former", 0)] });
        await Written(store, new FoldBatch { Fold = Gone, Expected = 0, Position = 1, Rows = [FoldsOnDisk.Row("gone", 0)] });
        await Written(store, new FoldBatch { Fold = FoldsOnDisk.Orders, Expected = 0, Position = 5_000_000_000 });
        folds.Disk.Crash(CrashKind.Kill);
        store = folds.Open(); // what the log held is a table now
        await Written(store, new FoldBatch { Fold = People, Expected = 7, Position = 9, Rows = [Rows[2], Rows[3], Rows[4]] });
        await Written(store, new FoldBatch { Fold = People, Expected = 9, Position = 9, Removed = [new FoldKey("default", "former")] });
        Assert.Equal(new FoldOutcome.Written(), await store.DropNow(Gone));
        store.Close();
        return folds;
    }

    /// <summary>The committed files by name.</summary>
    public static ImmutableSortedDictionary<string, byte[]> Committed() =>
        System.IO.Directory.EnumerateFiles(Directory, "*", SearchOption.TopDirectoryOnly)
            .ToImmutableSortedDictionary(path => Path.GetFileName(path), File.ReadAllBytes, StringComparer.Ordinal);

    private static async Task Written(EmbeddedFoldStore store, FoldBatch batch) =>
        Assert.Equal(new FoldOutcome.Written(), await store.WriteNow(batch));

    private static string Origin([System.Runtime.CompilerServices.CallerFilePath] string path = "") =>
        Path.GetDirectoryName(Path.GetDirectoryName(path))!;
}
