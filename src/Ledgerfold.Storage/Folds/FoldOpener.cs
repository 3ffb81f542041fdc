using System.Collections.Immutable;
using Ledgerfold.Seams;

namespace Ledgerfold.Storage.Folds;

/// <summary>
/// Opens a directory after any crash: claim, read the manifest, open its tables, replay its logs, make what they held durable in files of
/// its own, and only then serve it. A directory that never had a manifest is a new store. Where the disk has no space for that, it can
/// still be opened for reading. Used once.
/// </summary>
internal sealed class FoldOpener(EmbeddedFoldStoreOptions options, LedgerHealth health)
{
    private readonly IDisk _disk = options.Disk;
    private readonly PageBudget _budget = new(options.KeptPages);
    private readonly Queue<string> _garbage = new();
    private readonly List<FoldTable> _tables = [];
    private readonly List<string> _written = [];
    private FoldLog? _log;
    private bool _isNamed; // by a manifest: what was written is the store

    /// <summary>How many bytes of a torn commit were dropped.</summary>
    public long DroppedBytes { get; private set; }

    /// <summary>Opens it for writing.</summary>
    /// <exception cref="DiskFullException">There is no space; the directory is as it was.</exception>
    public (FoldStoreParts Parts, FoldWriter Writer) Open()
    {
        var names = _disk.List();
        var known = ManifestAmong(names);
        var claim = FoldClaim.Take(_disk, 1 + names.Select(EpochOf).Append(0).Max());
        try
        {
            return Open(claim, known);
        }
        catch (Exception failure)
        {
            _log?.Dispose();
            DisposeTables();
            if (!_isNamed && failure is DiskFullException or FoldsDamagedException)
                GiveBack(claim);
            throw;
        }
    }

    /// <summary>
    /// Opens it for reading and writes nothing. What may be in the page cache alone is not shown: a commit that nothing vouches for waits
    /// until it can be written again.
    /// </summary>
    public (FoldHead Head, Guid StoreId) OpenForReading()
    {
        try
        {
            var manifest = ManifestAmong(_disk.List()) is { } known ? Load(known) : new FoldManifest(Guid.Empty, 0, 0, [], []);
            OpenTables(manifest);
            var (memory, sequence) = Replay(manifest, withDoubt: false);
            var version = new FoldVersion([memory], [.. _tables], static table => table.Dispose());
            var state = new FoldState(version, sequence, FoldDirectory.Empty);
            return (new FoldHead(state with { Folds = FoldLookup.ReadDirectory(state) }), manifest.StoreId);
        }
        catch
        {
            DisposeTables();
            throw;
        }
    }

    private (FoldStoreParts Parts, FoldWriter Writer) Open(FoldClaim claim, string? known)
    {
        var manifest = known is null ? Create(claim) : Load(known);
        var log = _log = FoldLog.Create(_disk, manifest.StoreId, FoldStoreParts.DrawNonce(options.Chance), options.LogStepBytes);
        _written.Add(log.Name);
        OpenTables(manifest);
        var (memory, sequence) = Replay(manifest, withDoubt: true);
#if ZOO
        if (Zoo.Bug("fold-page-cache-trusted") && manifest.Logs.Length == 1)
            return OpenTrusting(claim, manifest, log, memory, sequence);
#endif
        if (!memory.IsEmpty)
        {
            var table = FoldUpkeep.WriteOut(
                options, manifest.StoreId, memory, withRemovals: _tables.Count > 0, _budget, isDropped: static _ => false);
            _tables.Insert(0, table);
            _written.Add(table.Name);
        }

        claim.Write(_ => manifest with { Tables = [.. _tables.Select(table => table.Nonce)], Logs = [log.Nonce] });
        _isNamed = true;
        return Begin(claim, log, [new MemTable(options.MemoryTableBytes)], sequence);
    }

#if ZOO
    private (FoldStoreParts Parts, FoldWriter Writer) OpenTrusting(
        FoldClaim claim, FoldManifest manifest, FoldLog log, MemTable memory, long sequence)
    {
        claim.Write(_ => manifest with { Logs = manifest.Logs.Add(log.Nonce) });
        return Begin(claim, log, [new MemTable(options.MemoryTableBytes), memory], sequence);
    }
#endif

    private (FoldStoreParts Parts, FoldWriter Writer) Begin(FoldClaim claim, FoldLog log, ImmutableArray<MemTable> memory, long sequence)
    {
        DeleteRest(claim);
        var version = new FoldVersion(memory, [.. _tables], Unused);
        var state = new FoldState(version, sequence, FoldDirectory.Empty);
        var parts = new FoldStoreParts
        {
            Options = options,
            Health = health,
            Claim = claim,
            Head = new FoldHead(state with { Folds = FoldLookup.ReadDirectory(state) }),
            Budget = _budget,
            Queue = new FoldQueue(options.QueueBytesMax, options.Clock),
            Garbage = _garbage,
        };
        return (parts, new FoldWriter(parts, log, sequence));
    }

    /// <summary>
    /// A store of which nothing was ever acknowledged: its first manifest names no file, so that no later crash looks like this.
    /// </summary>
    private FoldManifest Create(FoldClaim claim)
    {
        var id = new byte[16];
        options.Chance.Fill(id);
        claim.Write(manifest => manifest with { StoreId = new Guid(id) });
        return claim.Manifest;
    }

    private FoldManifest Load(string name)
    {
        using var file = _disk.Open(name, writable: false);
        var bytes = new byte[file.Length];
        return FoldManifest.Read(name, bytes.AsSpan(0, file.Read(bytes, 0)));
    }

    private void OpenTables(FoldManifest manifest)
    {
        foreach (var nonce in manifest.Tables)
            _tables.Add(FoldTable.Open(_disk, nonce, manifest.StoreId, _budget));
    }

    private void DisposeTables()
    {
        foreach (var table in _tables)
            table.Dispose();
    }

    private (MemTable Memory, long Sequence) Replay(FoldManifest manifest, bool withDoubt)
    {
        var memory = new MemTable(options.MemoryTableBytes);
        var sequence = 0L;
        foreach (var nonce in manifest.Logs)
        {
            var isLast = nonce == manifest.Logs[^1];
            var vouched = isLast ? manifest.SyncedFrames : 0;
            var dropped = FoldLogReplay.Run(_disk, nonce, manifest.StoreId, memory, ref sequence, withDoubt || !isLast, vouched);
            if (dropped > 0 && !isLast)
                throw Damage.Of(FoldLogFormat.NameOf(nonce), "does not end as it was written");
            DroppedBytes += dropped;
        }

        return (memory, sequence);
    }

    /// <summary>
    /// Takes back what was written under a claim that named none of it: it would be more with every try.
    /// </summary>
    private void GiveBack(FoldClaim claim)
    {
        foreach (var name in _written)
            _disk.Delete(name);
        claim.Withdraw();
    }

    private void Unused(FoldTable table)
    {
        table.Dispose();
        lock (_garbage)
            _garbage.Enqueue(table.Name);
    }

    private void DeleteRest(FoldClaim claim)
    {
        var kept = claim.Manifest.Tables.Select(TableFormat.NameOf)
            .Concat(claim.Manifest.Logs.Select(FoldLogFormat.NameOf))
            .Append(claim.Manifest.Name)
            .ToHashSet(StringComparer.Ordinal);
        var rest = _disk.List().Where(name => FoldFiles.IsOurs(name) && !FoldFiles.IsClaim(name) && !kept.Contains(name)).Order().ToArray();
        var manifests = rest.Where(name => FoldManifest.TryParseName(name, out _)).ToArray();
        foreach (var name in manifests)
            _disk.Delete(name);
        _disk.SyncDirectory(); // durably, and first: where this epoch's manifest gets lost, no older one may take its place unnoticed
        foreach (var name in rest.Except(manifests))
            _disk.Delete(name);
        claim.DeleteOlder();
    }

    private string? ManifestAmong(IReadOnlyList<string> names)
    {
        if (!names.All(FoldFiles.IsOurs))
            throw Damage.NotEmpty(_disk.Location);
        var epochs = names.Select(name => FoldManifest.TryParseName(name, out var epoch) ? epoch : 0).Append(0);
        if (epochs.Max() is var newest and > 0)
            return FoldManifest.NameOf(newest);
        if (names.FirstOrDefault(name => !FoldFiles.IsClaim(name) && !FoldClaim.IsTemporary(name)) is { } orphan)
            throw Damage.Of("the manifest", $"is gone, though {orphan} is there");
        return null;
    }

    private static long EpochOf(string name) =>
        FoldManifest.TryParseName(name, out var epoch) || FoldClaim.TryParseName(name, out epoch) ? epoch : 0;
}
