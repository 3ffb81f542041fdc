using Ledgerfold.Seams;
using Ledgerfold.Storage.Format;

namespace Ledgerfold.Storage.Folds;

/// <summary>
/// The log that is written to (<see cref="FoldLogFormat"/>). Space is reserved, and its length made durable, before a frame is written into
/// it: a commit never runs out of space half-way, and a file that is shorter than a frame says was cut. Writer only.
/// </summary>
internal sealed class FoldLog : IDisposable
{
    private readonly IDiskFile _file;
    private readonly Guid _storeId;
    private readonly long _stepBytes;
    private long _end = FoldLogFormat.HeaderBytes;
    private long _length;
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

    /// <summary>Makes sure that a frame of so many bytes has its space.</summary>
    /// <exception cref="DiskFullException">There is not that much; nothing has changed.</exception>
    public void MakeRoom(long bodyBytes)
    {
        var needed = _end + FoldLogFormat.FrameBytesOf(bodyBytes);
        if (needed <= _length)
            return;
        GrowTo(FoldLogFormat.Align(needed + _stepBytes));
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
#if ZOO
        if (!Zoo.Bug("fold-no-sync"))
#endif
        _file.Sync();
        _end += frameBytes;
        _frames++;
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
}
