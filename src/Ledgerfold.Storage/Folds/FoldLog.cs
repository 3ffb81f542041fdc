using Ledgerfold.Seams;
using Ledgerfold.Storage.Format;

namespace Ledgerfold.Storage.Folds;

/// <summary>
/// The log that is written to (<see cref="FoldLogFormat"/>). Space is reserved, and its length made durable, before a frame is written into
/// it: a commit never runs out of space half-way, and a file that is shorter than a frame says was cut. Writer only.
/// </summary>
internal sealed class FoldLog : IDisposable
{
    private const long ZeroStepBytes = 1024 * 1024;
    private const long SmallFrameBytes = 64 * 1024;

    private static readonly byte[] Zeros = new byte[256 * 1024];

    private readonly IDiskFile _file;
    private readonly Guid _storeId;
    private readonly long _stepBytes;
    private readonly byte[] _vouch = new byte[FoldLogFormat.SectorBytes];
    private long _end = FoldLogFormat.HeaderBytes;
    private long _length;
    private long _zeroed; // up to here space holds zeros on disk; behind it may be reserved only
    private long _frames;
    private int _slots;

    private FoldLog(IDiskFile file, Guid storeId, ulong nonce, long stepBytes)
    {
        _file = file;
        _storeId = storeId;
        _stepBytes = stepBytes;
        Nonce = nonce;
    }

    public ulong Nonce { get; }

    public string Name => FoldLogFormat.NameOf(Nonce);

    /// <summary>How many frames it holds, all of them synced.</summary>
    public long Frames => _frames;

    /// <summary>Creates an empty log and makes it durable, its name too.</summary>
    public static FoldLog Create(IDisk disk, Guid storeId, ulong nonce, long stepBytes)
    {
        var name = FoldLogFormat.NameOf(nonce);
        var log = new FoldLog(disk.Create(name), storeId, nonce, stepBytes);
        try
        {
            log.GrowTo(FoldLogFormat.Align(FoldLogFormat.HeaderBytes + stepBytes));
            disk.SyncDirectory();
            return log;
        }
        catch (DiskFullException)
        {
            log.Dispose();
            disk.Delete(name); // nothing refers to it, and its space is needed
            throw;
        }
        catch
        {
            log.Dispose();
            throw;
        }
    }

    /// <summary>Makes sure that a frame of so many bytes, and a vouch behind it, have their space.</summary>
    /// <exception cref="DiskFullException">There is not that much; nothing has changed.</exception>
    public void MakeRoom(long bodyBytes)
    {
        var frameBytes = FoldLogFormat.FrameBytesOf(bodyBytes);
        var needed = _end + frameBytes + FoldLogFormat.SectorBytes;
        if (needed > _length)
            GrowTo(FoldLogFormat.Align(needed + _stepBytes));
        if (needed > _zeroed && frameBytes < SmallFrameBytes)
            ZeroNext();
    }

    /// <summary>
    /// Writes a frame and makes it durable. The buffer has room for the header in front of the body and for the zeros behind it.
    /// </summary>
    public void Append(byte[] buffer, int bodyBytes)
    {
        var frameBytes = (int)FoldLogFormat.FrameBytesOf(bodyBytes);
        var frame = buffer.AsSpan(0, frameBytes);
        var body = frame.Slice(FoldLogFormat.FrameHeaderBytes, bodyBytes);
        frame[FoldLogFormat.FrameHeaderBytes + bodyBytes] = FoldLogFormat.EndMark;
        frame[(FoldLogFormat.FrameHeaderBytes + bodyBytes + 1)..].Clear();
        var zeroSectors = FoldLogFormat.ZeroSectors(frame[FoldLogFormat.SectorBytes..]);
        new FoldLogFormat.FrameHeader(bodyBytes, Nonce, _frames + 1, _length, zeroSectors, Crc32C.Of(body)).Write(frame);
        _file.Write(frame, _end);
        _end += frameBytes;
        _frames++;
#if ZOO
        if (Zoo.Bug("fold-no-sync"))
            return;
#endif
        _file.Sync();
        if (_end > _zeroed)
            _file.Sync(); // see SegmentAppender.Sync: in space that was only reserved, one answer is not enough
    }

    /// <summary>
    /// Says behind the last frame that it was synced, so that it is never again taken for torn. Not synced itself: it is evidence, not a
    /// promise, and the next frame is written over it.
    /// </summary>
    public void Vouch()
    {
        FoldLogFormat.WriteVouch(_vouch, Nonce, _frames);
        _file.Write(_vouch, _end);
    }

    public void Dispose() => _file.Dispose();

    /// <summary>The length is durable before anything says so: what says so after a crash must be right.</summary>
    private void GrowTo(long length)
    {
        _file.Reserve(length);
        _file.Sync();
        var sector = new byte[FoldLogFormat.SectorBytes];
        FoldLogFormat.WriteHeader(sector, _storeId, Nonce, length);
        _file.Write(sector, FoldLogFormat.SectorBytes * (_slots++ % 2));
        _file.Sync();
        _length = length;
    }

    /// <summary>Zeros for the next small frames: a sync there moves no metadata and needs no second one.</summary>
    private void ZeroNext()
    {
        var from = Math.Max(_end, _zeroed);
        var until = Math.Min(from + ZeroStepBytes, _length);
        for (var at = from; at < until; at += Zeros.Length)
            _file.Write(Zeros.AsSpan(0, (int)Math.Min(Zeros.Length, until - at)), at);
        _file.Sync();
        _file.Sync(); // these are written into space that was only reserved
        _zeroed = until;
    }
}
