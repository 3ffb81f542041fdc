using Ledgerfold.Seams;
using Ledgerfold.Storage.Format;
using Ledgerfold.Storage.Index;
using Ledgerfold.Storage.Segments;

namespace Ledgerfold.Storage.Recovery;

/// <summary>
/// Copies a ledger up to the last batch that is vouched for, which it checks batch by batch: what a writer adds meanwhile is not in the
/// copy, so the copy is a prefix. Files first, the manifest that makes them a ledger last; every one is synced before it gets its name.
/// Locks nothing at the source.
/// </summary>
internal sealed class LedgerBackup
{
    private const int CopyBytes = 1024 * 1024;

    private readonly IDisk _source;
    private readonly IDisk _target;
    private readonly byte[] _buffer = new byte[CopyBytes];
    private long _copied;
    private int _pending;

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
        var loaded = LoadedLog.From(options.Disk, Survey.Of(options.Disk), options, readOnly: true);
        using var log = loaded.Log;
        if (loaded.Trouble is { } trouble)
            throw new LedgerUnavailableException(trouble.Code, trouble.Reason);
        loaded.ShowWhatIsVouchedFor();
        return new LedgerBackup(options.Disk, target).Copy(loaded, progress);
    }

    private BackupReport Copy(LoadedLog loaded, Action<int, int>? progress)
    {
        var log = loaded.Log;
        var segments = log.Segments.ToArray();
        for (var s = 0; s < segments.Length; s++)
        {
            CopySegment(log, segments[s], segments[s].SealedChain ?? loaded.Tail.Chain);
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

    /// <summary>Copies batch by batch, and none that is not sound and does not follow the one before it.</summary>
    private void CopySegment(Log log, Segment segment, byte[] chainAtEnd)
    {
        using var from = _source.Open(segment.Name, writable: false);
        var frames = new FrameReader(from, log.StoreId);
        Place(segment.Name, to =>
        {
            var header = new byte[SegmentHeader.Bytes];
            segment.Header.Write(header);
            _pending = 0;
            Add(to, header, 0);
            var chain = segment.Header.PreviousSegment == 0 ? BatchFormat.Genesis(log.StoreId) : segment.Header.PreviousChain;
            var position = segment.FirstPosition;
            for (long at = SegmentHeader.Bytes; at < segment.End; at += frames.Header.Length)
            {
                if (frames.Read(at, chain, position, 0, segment.End) != FrameKind.Batch)
                    throw new LedgerDamagedException($"The backup stops: {WhyOf(frames)}", segment.Name, at, position);
                Add(to, frames.Batch, at);
                chain = BatchHeader.ChainOf(frames.Batch).ToArray();
                position += frames.Header.Events;
            }

            if (position != segment.LastPosition + 1 || !chain.AsSpan().SequenceEqual(chainAtEnd))
            {
                throw new LedgerDamagedException(
                    "The backup stops: the segment does not end as it should", segment.Name, segment.End, position);
            }

            var length = segment.End;
#if ZOO
            if (Zoo.Bug("backup-copies-beyond-the-vouched-end"))
            {
                while (length < from.Length && frames.Look(length, CopyBytes, from.Length) is { Length: > 0 } rest)
                {
                    Add(to, rest, length);
                    length += rest.Length;
                }
            }
#endif
            Flush(to, length);
            _copied += length;
        });
    }

    private static string WhyOf(FrameReader frames) =>
        frames.Reason.Length > 0 ? frames.Reason : "there are zeros where a batch must be";

    /// <summary>Batches are small, and writes had better not be.</summary>
    private void Add(IDiskFile to, ReadOnlySpan<byte> bytes, long at)
    {
        if (_pending + bytes.Length > _buffer.Length)
            Flush(to, at);
        if (bytes.Length > _buffer.Length)
        {
            to.Write(bytes, at);
            return;
        }

        bytes.CopyTo(_buffer.AsSpan(_pending));
        _pending += bytes.Length;
    }

    private void Flush(IDiskFile to, long end)
    {
        to.Write(_buffer.AsSpan(0, _pending), end - _pending);
        _pending = 0;
    }

    /// <summary>A damaged run stays behind: whoever opens the copy builds it from the log.</summary>
    private void CopyRun(RunFile run)
    {
        try
        {
            run.Check();
        }
        catch (LedgerDamagedException)
        {
            return;
        }

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
