using Ledgerfold.Seams;
using Ledgerfold.Storage.Format;

namespace Ledgerfold.Storage.Folds;

/// <summary>Reads a log after its writer is gone: every whole frame, in order, up to a torn one.</summary>
internal static class FoldLogReplay
{
    private enum Place
    {
        /// <summary>Nothing, or the beginning of a frame that did not get as far as its header.</summary>
        End,

        /// <summary>What says that the frame before was synced.</summary>
        Vouch,

        /// <summary>A frame of which only a part was written.</summary>
        Torn,

        /// <summary>A whole frame.</summary>
        Whole,
    }

    /// <summary>Puts what a log holds into the table, and answers how many bytes of a torn frame were dropped.</summary>
    /// <param name="disk">Where it is.</param>
    /// <param name="nonce">Which log.</param>
    /// <param name="storeId">Whose.</param>
    /// <param name="into">The table.</param>
    /// <param name="sequence">Counts the frames.</param>
    /// <param name="withDoubt">
    /// Whether to take a last frame of which nothing says that it was synced. It may be in the page cache alone: whoever shows it without
    /// writing it again may have shown what was never there.
    /// </param>
    /// <param name="vouched">How many frames are known to have been synced.</param>
    /// <exception cref="FoldsDamagedException">It is not what was written, and no crash explains it.</exception>
    public static long Run(IDisk disk, ulong nonce, Guid storeId, MemTable into, ref long sequence, bool withDoubt, long vouched)
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
            ReadOnlySpan<byte> last = default; // the body of the frame before, until something says that it was synced
            for (var number = 1L; ; number++)
            {
                var place = Look(file, length, at, nonce, number, out var body, out var bytes);
                if (place != Place.End || withDoubt || number <= vouched + 1)
                    Apply(last, into, ref sequence);
                if (place != Place.Whole && number <= vouched)
                    throw DamagedAt(nonce, at);
                if (place != Place.Whole)
                    return BytesBehind(file, length, place == Place.Vouch ? at + FoldLogFormat.SectorBytes : at);
                last = body;
                at += bytes;
            }
        }
    }

    private static void Apply(ReadOnlySpan<byte> body, MemTable into, ref long sequence)
    {
        if (body.IsEmpty)
            return;
        sequence++;
        for (var at = 0; at < body.Length;)
        {
            var entry = FoldLogFormat.ReadEntry(body, ref at);
            into.Add(entry.Key, entry.Value, entry.IsRemoval, sequence);
        }
    }

    private static Place Look(
        IDiskFile file, long length, long at, ulong nonce, long number, out ReadOnlySpan<byte> body, out long bytes)
    {
        body = default;
        bytes = 0;
        if (at + FoldLogFormat.SectorBytes > length)
            return Place.End;
        var sector = new byte[FoldLogFormat.SectorBytes];
        file.Read(sector, at);
        if (FoldLogFormat.TryReadVouch(sector, nonce, out var vouched) && vouched == number - 1)
        {
            ThrowIfAnythingSoundFollows(file, length, at + FoldLogFormat.SectorBytes, nonce);
            return Place.Vouch;
        }

        if (!FoldLogFormat.FrameHeader.TryRead(sector, out var header) || header.Nonce != nonce || header.Number != number)
        {
            if (!FoldLogFormat.EndsInHeader(sector))
                throw DamagedAt(nonce, at);
            ThrowIfAnythingSoundFollows(file, length, at, nonce);
            return Place.End;
        }

        if (header.FileLength > length || at + header.FrameBytes > length)
            throw Damage.Of(FoldLogFormat.NameOf(nonce), "was cut");
        var frame = new byte[header.FrameBytes];
        file.Read(frame, at);
        body = frame.AsSpan(FoldLogFormat.FrameHeaderBytes, header.BodyBytes);
        bytes = header.FrameBytes;
        if (Crc32C.Of(body) == header.BodyCrc)
            return Place.Whole;
#if ZOO
        if (Zoo.Bug("fold-torn-tail-adopted"))
        {
            body = body[..WholeEntries(body)];
            return Place.Whole;
        }
#endif
        if (!FoldLogFormat.IsTorn(frame, header))
            throw DamagedAt(nonce, at);
        ThrowIfAnythingSoundFollows(file, length, at + header.FrameBytes, nonce);
        return Place.Torn;
    }

#if ZOO
    /// <summary>How many bytes of a body can be read as entries.</summary>
    private static int WholeEntries(ReadOnlySpan<byte> body)
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
    private static void ThrowIfAnythingSoundFollows(IDiskFile file, long length, long from, ulong nonce)
    {
#if ZOO
        if (Zoo.Bug("fold-rot-taken-for-a-tear"))
            return;
#endif
        var some = new byte[64 * 1024];
        for (var at = from; at < length; at += some.Length)
        {
            var read = file.Read(some.AsSpan(0, (int)Math.Min(some.Length, length - at)), at);
            for (var sector = 0; sector + FoldLogFormat.SectorBytes <= read; sector += FoldLogFormat.SectorBytes)
            {
                var one = some.AsSpan(sector, FoldLogFormat.SectorBytes);
                if ((FoldLogFormat.FrameHeader.TryRead(one, out var header) && header.Nonce == nonce)
                    || FoldLogFormat.TryReadVouch(one, nonce, out _))
                {
                    throw DamagedAt(nonce, from);
                }
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
