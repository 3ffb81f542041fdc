using Ledgerfold.Seams;
using Ledgerfold.Storage.Format;

namespace Ledgerfold.Storage.Writing;

/// <summary>
/// This writer's epoch: the manifest file it created exclusively. A newer writer creates the next one before it reads the log's end, so a
/// writer that finds no newer file after its sync was read by every successor; it may acknowledge. Any thread.
/// </summary>
internal sealed class EpochClaim : IDisposable
{
    private readonly Lock _lock = new();
    private readonly IDisk _disk;
    private readonly IDiskFile _file;
    private readonly string _own;
    private readonly string _next;
    private Manifest _manifest;

    private EpochClaim(IDisk disk, IDiskFile file, Manifest manifest)
    {
        _disk = disk;
        _file = file;
        _manifest = manifest;
        _own = Manifest.NameOf(manifest.Epoch);
        _next = Manifest.NameOf(manifest.Epoch + 1);
    }

    public long Epoch => _manifest.Epoch;

    /// <summary>
    /// Whether no newer writer has claimed the store. Old claims are deleted oldest first, so one of the two always tells.
    /// </summary>
    public bool IsCurrent() => !_disk.Exists(_next) && _disk.Exists(_own);

    /// <summary>
    /// Claims the next epoch after all that were ever claimed, durably, and says in it what <paramref name="known"/> says.
    /// </summary>
    public static EpochClaim Take(IDisk disk, Manifest known, long epochAtLeast)
    {
        for (var epoch = epochAtLeast; ; epoch++)
        {
            IDiskFile file;
            try
            {
                file = disk.Create(Manifest.NameOf(epoch));
            }
            catch (DiskEntryExistsException)
            {
                continue;
            }

            var claim = new EpochClaim(disk, file, known with { Epoch = epoch, Sequence = 0, Closed = false });
            try
            {
                file.Reserve(Manifest.SecondSlot + Manifest.SlotBytes); // so that nothing it says later can run out of space
                claim.Write(manifest => manifest);
                disk.SyncDirectory();
                return claim;
            }
            catch (DiskFullException)
            {
                claim.Withdraw();
                throw;
            }
            catch
            {
                claim.Dispose();
                throw;
            }
        }
    }

    /// <summary>
    /// Takes the claim back, where nothing was written under it: its space is needed, and it would be one more with every try.
    /// </summary>
    public void Withdraw()
    {
        Dispose();
        _disk.Delete(_own);
    }

    /// <summary>Durably says something new.</summary>
    public void Write(Func<Manifest, Manifest> change)
    {
        lock (_lock)
        {
            _manifest = change(_manifest) with { Sequence = _manifest.Sequence + 1 };
            var slot = new byte[Manifest.SlotBytes];
            _manifest.Write(slot);
            _file.Write(slot, _manifest.Sequence % 2 == 0 ? 0 : Manifest.SecondSlot);
            _file.Sync();
        }
    }

    /// <summary>
    /// Deletes the claims before this one, oldest first, so that a fenced writer can never mistake itself for the newest.
    /// </summary>
    public void DeleteOlder()
    {
        var older = _disk.List()
            .Select(name => Manifest.TryParseName(name, out var epoch) ? epoch : long.MaxValue)
            .Where(epoch => epoch < Epoch)
            .Order();
        foreach (var epoch in older)
            _disk.Delete(Manifest.NameOf(epoch));
        _disk.SyncDirectory();
    }

    /// <inheritdoc />
    public void Dispose() => _file.Dispose();
}
