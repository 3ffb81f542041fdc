using System.Globalization;
using Ledgerfold.Seams;

namespace Ledgerfold.Storage.Folds;

/// <summary>
/// This writer's epoch, an empty file that it created exclusively before it read anything, and the manifest that it alone replaces. A
/// writer that finds no newer claim after its sync, or before it deletes, was read by every successor. Any thread.
/// </summary>
internal sealed class FoldClaim
{
    private const string Prefix = "claim-";
    private const string Temporary = ".tmp";

    private readonly Lock _lock = new();
    private readonly IDisk _disk;
    private readonly string _own;
    private readonly string _next;
    private FoldManifest _manifest;
    private SyncedLog _synced = new(0, 0);

    private FoldClaim(IDisk disk, long epoch)
    {
        _disk = disk;
        _own = NameOf(epoch);
        _next = NameOf(epoch + 1);
        Epoch = epoch;
        _manifest = new FoldManifest(Guid.Empty, epoch, 0, [], []);
    }

    public long Epoch { get; }

    public FoldManifest Manifest => Volatile.Read(ref _manifest);

    /// <summary>How far the newest log is synced: what every manifest from now on says.</summary>
    public SyncedLog Synced
    {
        set => Volatile.Write(ref _synced, value);
    }

    public static bool IsTemporary(string name) =>
        name.EndsWith(Temporary, StringComparison.Ordinal) && FoldManifest.TryParseName(name[..^Temporary.Length], out _);

    public static bool TryParseName(string name, out long epoch)
    {
        epoch = 0;
        return name.StartsWith(Prefix, StringComparison.Ordinal)
            && long.TryParse(name.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out epoch)
            && NameOf(epoch) == name;
    }

    /// <summary>Claims the next epoch after all that were ever claimed, durably.</summary>
    public static FoldClaim Take(IDisk disk, long epochAtLeast)
    {
        for (var epoch = epochAtLeast; ; epoch++)
        {
            try
            {
                disk.Create(NameOf(epoch)).Dispose();
            }
            catch (DiskEntryExistsException)
            {
                continue;
            }

            disk.SyncDirectory();
            return new FoldClaim(disk, epoch);
        }
    }

    /// <summary>
    /// Whether no newer writer has claimed the store. Old claims are deleted oldest first, so one of the two always tells.
    /// </summary>
    public bool IsCurrent() => !_disk.Exists(_next) && _disk.Exists(_own);

    /// <summary>Takes the claim back, where nothing was written under it.</summary>
    public void Withdraw() => _disk.Delete(_own);

    /// <summary>Durably says which files are the store.</summary>
    /// <exception cref="DiskFullException">There is no space for it; what was said before holds.</exception>
    public void Write(Func<FoldManifest, FoldManifest> change)
    {
        lock (_lock)
        {
            var next = change(_manifest) with { Epoch = Epoch, Sequence = _manifest.Sequence + 1 };
            var synced = Volatile.Read(ref _synced);
            next = next with { SyncedFrames = next.Logs is [.., var newest] && newest == synced.Nonce ? synced.Frames : 0 };
            var temporary = next.Name + Temporary;
            _disk.Delete(temporary);
            try
            {
                using var file = _disk.Create(temporary);
                file.Write(next.ToBytes(), 0);
                file.Sync();
            }
            catch (DiskFullException)
            {
                _disk.Delete(temporary);
                throw;
            }

            _disk.Rename(temporary, next.Name);
            _disk.SyncDirectory();
            Volatile.Write(ref _manifest, next);
        }
    }

    /// <summary>
    /// Deletes the claims before this one, oldest first, so that a fenced writer can never mistake itself for the newest.
    /// </summary>
    public void DeleteOlder()
    {
        var older = _disk.List().Select(name => TryParseName(name, out var epoch) ? epoch : long.MaxValue);
        foreach (var epoch in older.Where(epoch => epoch < Epoch).Order())
            _disk.Delete(NameOf(epoch));
    }

    private static string NameOf(long epoch) => $"{Prefix}{epoch:D8}";
}

/// <summary>So many frames of a log are synced.</summary>
internal sealed record SyncedLog(ulong Nonce, long Frames);
