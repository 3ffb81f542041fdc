using Ledgerfold.Seams;
using Ledgerfold.Storage.Format;
using Ledgerfold.Storage.Index;
using Ledgerfold.Storage.Reading;

namespace Ledgerfold.Storage.Recovery;

/// <summary>
/// Copies a ledger up to the last batch that is vouched for: what a writer adds meanwhile is not in the copy, so the copy is a prefix.
/// Files first, the manifest that makes them a ledger last; every one is synced before it gets its name.
/// </summary>
internal sealed class LedgerBackup
{
    private const int CopyBytes = 1024 * 1024;

    private readonly IDisk _source;
    private readonly IDisk _target;
    private readonly byte[] _buffer = new byte[CopyBytes];
    private long _copied;

    private LedgerBackup(IDisk source, IDisk target)
    {
        _source = source;
        _target = target;
    }

    public static BackupReport Run(EmbeddedLedgerOptions options, IDisk target, Action<int, int>? progress)
    {
        target.CreateDirectory();
        using var taken = target.TryLock() ?? throw Unavailable.Locked(target.Location);
        if (target.List().Count > 0)
            throw Unavailable.NotEmpty(target.Location);
        var loaded = Load(options);
        using var log = loaded.Log;
        if (loaded.Trouble is { } trouble)
            throw new LedgerUnavailableException(trouble.Code, trouble.Reason);
        return new LedgerBackup(options.Disk, target).Copy(loaded, progress);
    }

    /// <summary>Where no writer lives that would vouch for the last batch, it is made durable and counts.</summary>
    private static LoadedLog Load(EmbeddedLedgerOptions options)
    {
        var loaded = LoadedLog.From(options.Disk, Survey.Of(options.Disk), options, readOnly: true);
        using var alone = options.Disk.TryLock();
        if (alone is not null && loaded.Trouble is null)
            LiveView.ShowTheEnd(options.Disk, loaded.Log, loaded.Tail);
        return loaded;
    }

    private BackupReport Copy(LoadedLog loaded, Action<int, int>? progress)
    {
        var log = loaded.Log;
        var segments = log.Segments.ToArray();
        for (var s = 0; s < segments.Length; s++)
        {
            CopySegment(segments[s].Name, segments[s].End);
            progress?.Invoke(s + 1, segments.Length);
        }

        using (var snapshot = log.Index.Acquire())
        {
            foreach (var run in snapshot.Runs)
                CopyRun(run);
        }

        WriteManifest(loaded);
        return new BackupReport(log.StoreId, log.Last.LastPosition, _copied);
    }

    private void CopySegment(string name, long length)
    {
        using var from = _source.Open(name, writable: false);
#if ZOO
        if (Zoo.Bug("backup-copies-beyond-the-vouched-end"))
            length = from.Length;
#endif
        Place(name, to =>
        {
            for (long at = 0; at < length;)
            {
                var read = from.Read(_buffer.AsSpan(0, (int)Math.Min(CopyBytes, length - at)), at);
                if (read == 0)
                    throw new LedgerDamagedException("The segment is shorter than its batches", name, at, 0);
                to.Write(_buffer.AsSpan(0, read), at);
                at += read;
            }

            _copied += length;
        });
    }

    private void CopyRun(RunFile run)
    {
        Place(run.FileName, to =>
        {
            for (long at = 0; at < run.FileBytes; at += RunFormat.PageBytes)
            {
                run.ReadPage((uint)(at / RunFormat.PageBytes), _buffer.AsSpan(0, RunFormat.PageBytes));
                to.Write(_buffer.AsSpan(0, RunFormat.PageBytes), at);
            }

            _copied += run.FileBytes;
        });
    }

    private void WriteManifest(LoadedLog loaded)
    {
        var manifest = loaded.Survey.Manifest with
        {
            Epoch = loaded.Survey.EpochMax,
            Sequence = 0,
            Closed = false,
            Head = loaded.Log.Last.LastPosition,
            Segment = loaded.Log.Last.Number,
            SegmentEpoch = loaded.Log.Last.Header.Epoch,
            SegmentLength = loaded.Log.Last.End,
        };
        Place(Manifest.NameOf(manifest.Epoch), to =>
        {
            var slot = new byte[Manifest.SlotBytes];
            manifest.Write(slot);
            to.Write(slot, 0);
        });
    }

    private void Place(string name, Action<IDiskFile> fill)
    {
        const string Temporary = "copying.tmp";
        using (var file = _target.Create(Temporary))
        {
            fill(file);
            file.Sync();
        }

        _target.Rename(Temporary, name);
        _target.SyncDirectory();
    }
}
