using Ledgerfold.Storage.Disk;
using Ledgerfold.Storage.Folds;

namespace Ledgerfold.Storage.Tests.Folds;

public sealed class Keeping_format_1_of_folds
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Writes_the_same_bytes_for_ever()
    {
        var folds = await GoldenFolds.Write();
        var committed = GoldenFolds.Committed();
        Assert.Equal(committed.Keys, folds.Disk.Names());
        foreach (var (name, bytes) in committed)
            Assert.True(bytes.AsSpan().SequenceEqual(folds.Disk.Content(name)), $"{name} is not what format 1 makes of the same batches");
    }

    /// <summary>Run by hand when a format is new; it never replaces what is there.</summary>
    [Fact(Explicit = true)]
    public async Task Is_put_down_once()
    {
        var folds = await GoldenFolds.Write();
        Assert.False(Directory.Exists(GoldenFolds.Directory), "golden files are never made again");
        Directory.CreateDirectory(GoldenFolds.Directory);
        foreach (var name in folds.Disk.Names())
            await File.WriteAllBytesAsync(Path.Combine(GoldenFolds.Directory, name), folds.Disk.Content(name), Cancel);
    }

    [Fact]
    public async Task Reads_every_row()
    {
        using var directory = Copy();
        await using var store = EmbeddedFoldStore.Open(new EmbeddedFoldStoreOptions { Disk = new LinuxDisk(directory.Path) });

        Assert.Equal([FoldsOnDisk.Orders, GoldenFolds.People], await store.List(Cancel));
        Assert.Equal(5_000_000_000, await store.ReadPosition(FoldsOnDisk.Orders, Cancel));
        Assert.Equal(0, store.DroppedBytes);
        Assert.Null(store.Health.Trouble);
        var page = await store.Read(new FoldRead { Fold = GoldenFolds.People }, Cancel);
        Assert.Equal(9, page.Position);
        Assert.Equal(GoldenFolds.Rows.Select(row => row.Key), page.Rows.Select(row => row.Key));
        foreach (var (expected, found) in GoldenFolds.Rows.Zip(page.Rows))
        {
            Assert.True(expected.Data.Span.SequenceEqual(found.Data.Span), expected.Key);
            Assert.Equal(expected.Indexes.AsEnumerable(), found.Indexes.AsEnumerable());
        }

        var town = await store.Read(new FoldRead { Fold = GoldenFolds.People, Index = "town" }, Cancel);
        Assert.Equal(["ada", "漢字"], town.Rows.Select(row => row.Key));
        var taken = FoldsOnDisk.Row("other", 6, new FoldIndexEntry("mail", "ada@x", Unique: true));
        var outcome = await store.Write(new FoldBatch { Fold = GoldenFolds.People, Expected = 9, Position = 10, Rows = [taken] }, Cancel);
        Assert.Equal("ada", Assert.IsType<FoldOutcome.NotUnique>(outcome).HeldBy);
    }

    [Fact]
    public void Reads_every_field_of_the_manifest_and_of_the_log()
    {
        var files = GoldenFolds.Committed();
        var (name, bytes) = Assert.Single(files, file => FoldManifest.TryParseName(file.Key, out _));
        var manifest = FoldManifest.Read(name, bytes);
        Assert.Equal((2L, 1L, 0L), (manifest.Epoch, manifest.Sequence, manifest.SyncedFrames));
        Assert.Equal(
            ["claim-00000002", FoldLogFormat.NameOf(manifest.Logs.Single()), name, TableFormat.NameOf(manifest.Tables.Single())],
            files.Keys);
        var log = files[FoldLogFormat.NameOf(manifest.Logs.Single())];
        Assert.True(FoldLogFormat.ReadHeader(log.AsSpan(0, FoldLogFormat.HeaderBytes), manifest.StoreId, manifest.Logs.Single()) <= log.Length);
        var at = FoldLogFormat.HeaderBytes;
        List<int> zeroSectors = [];
        while (FoldLogFormat.FrameHeader.TryRead(log.AsSpan(at), out var frame))
        {
            zeroSectors.Add(frame.ZeroSectors);
            Assert.Equal((manifest.Logs.Single(), (long)zeroSectors.Count), (frame.Nonce, frame.Number));
            at += (int)frame.FrameBytes;
        }

        Assert.Equal([2, 0, 0], zeroSectors);
        Assert.True(FoldLogFormat.TryReadVouch(log.AsSpan(at, FoldLogFormat.SectorBytes), manifest.Logs.Single(), out var vouched));
        Assert.Equal(3, vouched);
    }

    private static TestDirectory Copy()
    {
        var directory = new TestDirectory();
        Directory.CreateDirectory(directory.Path);
        foreach (var (name, bytes) in GoldenFolds.Committed())
            File.WriteAllBytes(Path.Combine(directory.Path, name), bytes);
        return directory;
    }
}
