using Ledgerfold.Seams;
using Ledgerfold.Storage.Format;

namespace Ledgerfold.Storage.Folds;

/// <summary>Reads a log after its writer is gone: every whole frame, in order, up to a torn one.</summary>
internal static class FoldLogReplay
{
    /// <summary>Puts what a log holds into the table, and answers how many bytes of a torn frame were dropped.</summary>
    /// <exception cref="FoldsDamagedException">It is not what was written, and no crash explains it.</exception>
    public static long Run(IDisk disk, ulong nonce, Guid storeId, MemTable into, ref long sequence)
    {
        var name = FoldLogFormat.NameOf(nonce);
        IDiskFile file;
        try
        {
            file = disk.Open(name, writable: false);
        }
        catch (FileNotFoundException)
        {
            throw Damage.Of(name, "is gone");
        }

        using (file)
        {
            var length = file.Length;
            var slots = new byte[FoldLogFormat.HeaderBytes];
            var read = file.Read(slots, 0);
            if (FoldLogFormat.ReadHeader(slots.AsSpan(0, read), storeId, nonce) > length)
                throw Damage.Of(name, "was cut");
            var at = (long)FoldLogFormat.HeaderBytes;
            for (var number = 1L; TryReadFrame(file, length, at, nonce, number, out var body, out var bytes); number++)
            {
                sequence++;
                for (var entry = 0; entry < body.Length;)
                {
                    var one = FoldLogFormat.ReadEntry(body, ref entry);
                    into.Add(one.Key, one.Value, one.IsRemoval, sequence);
                }

                at += bytes;
            }

            return BytesBehind(file, length, at);
        }
    }

    private static bool TryReadFrame(
        IDiskFile file, long length, long at, ulong nonce, long number, out ReadOnlySpan<byte> body, out long bytes)
    {
        body = default;
        bytes = 0;
        if (at + FoldLogFormat.SectorBytes > length)
            return false;
        var sector = new byte[FoldLogFormat.SectorBytes];
        file.Read(sector, at);
        if (!FoldLogFormat.FrameHeader.TryRead(sector, out var header) || header.Nonce != nonce || header.Number != number)
        {
            if (!FoldLogFormat.EndsInHeader(sector))
                throw DamagedAt(nonce, at);
            ThrowIfAnythingValidFollows(file, length, at, nonce);
            return false;
        }

        if (header.FileLength > length || at + header.FrameBytes > length)
            throw Damage.Of(FoldLogFormat.NameOf(nonce), "was cut");
        var frame = new byte[header.FrameBytes];
        file.Read(frame, at);
        body = frame.AsSpan(FoldLogFormat.FrameHeaderBytes, header.BodyBytes);
        bytes = header.FrameBytes;
        if (Crc32C.Of(body) == header.BodyCrc)
            return true;
#if ZOO
        if (Zoo.Bug("fold-torn-tail-adopted"))
        {
            body = body[..Whole(body)];
            return true;
        }
#endif
        if (!FoldLogFormat.IsTorn(frame, header))
            throw DamagedAt(nonce, at);
        ThrowIfAnythingValidFollows(file, length, at + header.FrameBytes, nonce);
        return false;
    }

#if ZOO
    /// <summary>How many bytes of a body can be read as entries.</summary>
    private static int Whole(ReadOnlySpan<byte> body)
    {
        var at = 0;
        try
        {
            while (at < body.Length)
            {
                var next = at;
                if (FoldLogFormat.ReadEntry(body, ref next).Key.IsEmpty)
                    break;
                at = next;
            }
        }
        catch (ArgumentException)
        {
            // ends within an entry
        }

        return at;
    }
#endif

    /// <summary>
    /// Behind a torn frame nothing was ever written; where something sound stands there, what is before it was acknowledged.
    /// </summary>
    private static void ThrowIfAnythingValidFollows(IDiskFile file, long length, long from, ulong nonce)
    {
        var some = new byte[64 * 1024];
        for (var at = from; at < length; at += some.Length)
        {
            var read = file.Read(some.AsSpan(0, (int)Math.Min(some.Length, length - at)), at);
            for (var sector = 0; sector + FoldLogFormat.SectorBytes <= read; sector += FoldLogFormat.SectorBytes)
            {
                if (FoldLogFormat.FrameHeader.TryRead(some.AsSpan(sector), out var header) && header.Nonce == nonce)
                    throw DamagedAt(nonce, from);
            }
        }
    }

    private static long BytesBehind(IDiskFile file, long length, long from)
    {
        var last = from;
        var some = new byte[64 * 1024];
        for (var at = from; at < length; at += some.Length)
        {
            var read = file.Read(some.AsSpan(0, (int)Math.Min(some.Length, length - at)), at);
            if (some.AsSpan(0, read).LastIndexOfAnyExcept((byte)0) is var end and >= 0)
                last = at + end + 1;
        }

        return last - from;
    }

    private static FoldsDamagedException DamagedAt(ulong nonce, long offset) =>
        Damage.Of(FoldLogFormat.NameOf(nonce), $"is damaged at offset {offset}");
}
