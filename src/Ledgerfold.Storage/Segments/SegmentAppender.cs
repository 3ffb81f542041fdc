using Ledgerfold.Seams;
using Ledgerfold.Storage.Format;

namespace Ledgerfold.Storage.Segments;

/// <summary>
/// The file the writer appends to. Space before its frontier is zeros on disk already, so that a sync there moves no metadata and a torn
/// batch shows as zero sectors. The writer appends; the frontier may be moved by the writer or by space upkeep, under one lock.
/// </summary>
internal sealed class SegmentAppender : IDisposable
{
    private const long BulkReserveBytes = 16 * 1024 * 1024;

    private static readonly byte[] Zeros = new byte[256 * 1024];

    // any thread, under the lock on growth
    private readonly Lock _growth = new();
    private readonly IDiskFile _file;
    private long _frontier;
    private volatile bool _ended;

    // any thread, under the lock on it
    private readonly Lock _zeroSync = new();
    private bool _zeroSyncFailed;

    // writer only
    private long _end;
    private long _reservedUntil; // up to here space may be reserved and not zeroed
    private bool _inReservedSpace; // what was appended since the last sync

    private SegmentAppender(Segment segment, IDiskFile file, long end, bool isZeroed = false)
    {
        Segment = segment;
        _file = file;
        _end = end;
        _frontier = file.Length;
        _reservedUntil = isZeroed ? 0 : _frontier;
    }

    public Segment Segment { get; }

    /// <summary>Where the next batch goes. Writer only.</summary>
    public long End => _end;

    /// <summary>How much space is left before the frontier. Writer only.</summary>
    public long ZeroedAhead => Volatile.Read(ref _frontier) - _end;

    /// <summary>
    /// Creates the file of a new segment: temporary name, zeros, header, sync, rename, directory sync; only then does anybody refer to it.
    /// A batch that is to be its first is in it from the start: a header alone would cut off what it says less than.
    /// </summary>
    public static SegmentAppender Create(IDisk disk, SegmentHeader header, long zeroedBytes, ReadOnlySpan<byte> firstBatch = default)
    {
        var prepared = TemporaryName("prepared", header.Epoch);
        var name = disk.Exists(prepared) ? prepared : TemporaryName("new", header.Epoch);
        var file = name == prepared ? disk.Open(name, writable: true) : CreateNew(disk, name);
        try
        {
            var isZeroed = name == prepared && file.Length >= SegmentHeader.Bytes + zeroedBytes;
            if (!isZeroed)
                file.Reserve(SegmentHeader.Bytes + zeroedBytes);
            var bytes = new byte[SegmentHeader.Bytes];
            header.Write(bytes);
            file.Write(bytes, 0);
#if ZOO
            if (Zoo.Bug("header-before-the-batch-in-doubt"))
            {
                file.Sync();
                disk.Rename(name, name = header.Name);
                disk.SyncDirectory();
            }
#endif
            if (!firstBatch.IsEmpty)
                file.Write(firstBatch, SegmentHeader.Bytes);
#if ZOO
            if (!Zoo.Bug("no-file-sync-before-rename"))
#endif
            file.Sync();
            disk.Rename(name, header.Name);
#if ZOO
            if (!Zoo.Bug("no-directory-sync"))
#endif
            disk.SyncDirectory();
            return new SegmentAppender(new Segment(header), file, SegmentHeader.Bytes + firstBatch.Length, isZeroed);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Goes on behind what a segment holds already.</summary>
    public static SegmentAppender Continue(IDisk disk, Segment segment) =>
        new(segment, disk.Open(segment.Name, writable: true), segment.End);

    /// <summary>Makes the file of the next segment ready, so that rolling to it only writes a header.</summary>
    public static void Prepare(IDisk disk, long epoch, long zeroedBytes)
    {
        var (preparing, prepared) = (TemporaryName("preparing", epoch), TemporaryName("prepared", epoch));
        if (disk.Exists(prepared))
            return;
        using var file = CreateNew(disk, preparing);
        file.Reserve(SegmentHeader.Bytes + zeroedBytes);
        WriteZeros(file, 0, SegmentHeader.Bytes + zeroedBytes);
        file.Sync();
        disk.Rename(preparing, prepared);
    }

    /// <summary>Whether a name is of a file that is not a segment yet.</summary>
    public static bool IsTemporary(string name) =>
        name.StartsWith("segment-", StringComparison.Ordinal) && name.EndsWith(".tmp", StringComparison.Ordinal);

    /// <summary>Makes sure that so many bytes fit before the frontier. Writer only.</summary>
    /// <exception cref="DiskFullException">They do not; nothing has changed.</exception>
    public void Reserve(long bytes)
    {
        if (_end + bytes <= Volatile.Read(ref _frontier))
            return;
        lock (_growth)
        {
            if (_end + bytes <= _frontier)
                return;
            var wanted = _end + bytes;
            try
            {
                _file.Reserve(wanted + Math.Min(BulkReserveBytes, 4 * bytes));
            }
            catch (DiskFullException)
            {
                _file.Reserve(wanted);
            }

            Volatile.Write(ref _frontier, _reservedUntil = _file.Length);
        }
    }

    /// <summary>Writes a batch behind the last one. Writer only.</summary>
    public void Append(ReadOnlySpan<byte> batch)
    {
        _inReservedSpace |= _end < _reservedUntil;
        _file.Write(batch, _end);
        _end += batch.Length;
    }

    /// <summary>Makes what was appended durable. Writer only.</summary>
    /// <remarks>
    /// A failed write-back is told to one sync of the file only, and that may be the one of the zeros: so where both overlap, this one
    /// waits for how the other ended. And a file system that dies during a sync may answer well for bytes in space that was only reserved:
    /// they are there, and that they count as written is not. It knows by then that it is dead, so asking again tells.
    /// </remarks>
    public void Sync()
    {
        _file.Sync();
        if (_inReservedSpace)
            _file.Sync();
        _inReservedSpace = false;
        lock (_zeroSync)
        {
            if (_zeroSyncFailed)
                throw new IOException($"an earlier sync of {Segment.Name} failed");
        }
    }

    /// <summary>
    /// Zeroes the next step of space if less than so much is ready ahead of the writer. Any thread; the writer waits for a step only when
    /// it has used up all that was ready.
    /// </summary>
    public bool ZeroStep(long stepBytes, long aheadBytes, long lengthMax)
    {
        try
        {
            lock (_growth)
                return ZeroesNext(stepBytes, aheadBytes, lengthMax);
        }
        finally
        {
            if (_ended)
                LetGo();
        }
    }

    /// <summary>
    /// The writer adds no more. It does not wait for a step that is zeroing space here: that one lets go of the file when it is done.
    /// </summary>
    public void Dispose()
    {
        _ended = true;
        LetGo();
    }

    private bool ZeroesNext(long stepBytes, long aheadBytes, long lengthMax)
    {
        var step = Math.Min(stepBytes, lengthMax - _frontier);
        if (_ended || _frontier - Segment.End >= aheadBytes || step <= 0)
            return false;
        _file.Reserve(_frontier + step);
        WriteZeros(_file, _frontier, step);
        SyncZeros();
        Volatile.Write(ref _frontier, _frontier + step);
        return !_ended;
    }

    private void SyncZeros()
    {
        lock (_zeroSync)
        {
            try
            {
                _file.Sync();
            }
            catch (IOException)
            {
                _zeroSyncFailed = true;
                throw;
            }
        }
    }

    private void LetGo()
    {
        if (!_growth.TryEnter())
            return;
        try
        {
            _file.Dispose();
        }
        finally
        {
            _growth.Exit();
        }
    }

    // Space upkeep prepares a file while the writer may be making one, and a writer that was fenced off may be at it still: none of them
    // ever touches a name that another one writes to.
    private static string TemporaryName(string what, long epoch) => $"segment-{what}-{epoch:D8}.tmp";

    private static IDiskFile CreateNew(IDisk disk, string name)
    {
        disk.Delete(name);
        return disk.Create(name);
    }

    private static void WriteZeros(IDiskFile file, long from, long length)
    {
        for (long done = 0; done < length; done += Zeros.Length)
            file.Write(Zeros.AsSpan(0, (int)Math.Min(Zeros.Length, length - done)), from + done);
    }
}
