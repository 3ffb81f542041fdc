using System.Buffers.Binary;
using Ledgerfold.Seams;
using Ledgerfold.Storage.Format;

namespace Ledgerfold.Storage.Recovery;

/// <summary>What the bytes behind the last sound batch are.</summary>
internal enum TailKind
{
    /// <summary>Zeros or nothing: the writer wrote no more.</summary>
    Clean,

    /// <summary>A batch that was being written when the machine stopped: nobody was told of it, it may be dropped.</summary>
    Torn,

    /// <summary>Not a batch, and no sign of a tear: an operator must judge.</summary>
    Suspect,

    /// <summary>Sound batches follow behind: acknowledged events are damaged.</summary>
    Damaged,
}

/// <summary>
/// Tells a torn batch from a damaged one. Space ahead of the writer is zeros, and the disk persists whole sectors: a batch whose writing
/// was cut short ends with the file or holds more zero sectors than its header says it rightly does, and one whose write failed half-way
/// ends in zeros. Only one batch is ever being written, so nothing sound can stand behind a torn one. All else is not for a program to
/// drop.
/// </summary>
internal static class TornTail
{
    /// <summary>Judges the bytes at an offset where <paramref name="frames"/> found no sound batch.</summary>
    public static TailKind Judge(FrameReader frames, IDiskFile file, Guid storeId, long offset, long position, out long soundAt)
    {
        soundAt = 0;
        var isCutShort = frames.IsCutShort; // of the bytes at this offset, before others are looked at
        var length = file.Length;
        if (frames.IsZero(offset, length))
            return TailKind.Clean;
        var head = frames.Look(offset, BatchFormat.HeaderBytes, length);
        var headerIsSound = BatchHeader.TryRead(head, out var header) && header.StoreId == storeId && header.FirstPosition == position;
        var searchFrom = headerIsSound ? offset + header.Length : offset + 1;
        soundAt = FindSoundBatch(frames, storeId, searchFrom, position, length);
#if ZOO
        if (Zoo.Bug("damage-in-the-middle-is-cut"))
            soundAt = 0;
#endif
        if (soundAt != 0)
            return TailKind.Damaged;
#if ZOO
        if (Zoo.Bug("torn-tail-not-recognised"))
            return TailKind.Suspect;
#endif
        return (headerIsSound ? isCutShort || IsTorn(frames, offset, header, length) : HeaderIsTorn(frames, offset, length))
            ? TailKind.Torn
            : TailKind.Suspect;
    }

    /// <summary>How many bytes from the offset to the last one that is not zero.</summary>
    public static long MeasureTail(FrameReader frames, long offset, long length)
    {
        var last = offset;
        for (var at = offset; at < length;)
        {
            var bytes = frames.Look(at, 256 * 1024, length);
            if (bytes.IsEmpty)
                break;
            if (bytes.LastIndexOfAnyExcept((byte)0) is var found and >= 0)
                last = at + found + 1;
            at += bytes.Length;
        }

        return last - offset;
    }

    private static bool IsTorn(FrameReader frames, long offset, in BatchHeader header, long length)
    {
        if (offset + header.Length > length)
            return true;
        var batch = frames.Look(offset, header.Length, length);
        return BatchFormat.CountZeroSectors(batch, offset) > header.ZeroSectors || EndIsZero(batch, offset);
    }

    /// <summary>The last sector of a batch is shared with what follows: its part of the batch is zero when that sector was lost.</summary>
    private static bool EndIsZero(ReadOnlySpan<byte> batch, long offset)
    {
        var shared = (int)((offset + batch.Length) % BatchFormat.SectorBytes);
        return shared > 0 && shared < batch.Length && !batch[^shared..].ContainsAnyExcept((byte)0);
    }

    /// <summary>A header is at most in two sectors; one of them lost leaves its part of it zero.</summary>
    private static bool HeaderIsTorn(FrameReader frames, long offset, long length)
    {
        if (offset + BatchFormat.HeaderBytes > length)
            return true;
        var head = frames.Look(offset, BatchFormat.HeaderBytes, length);
        var inFirst = (int)Math.Min(BatchFormat.HeaderBytes, BatchFormat.SectorBytes - (offset % BatchFormat.SectorBytes));
        return !head[..inFirst].ContainsAnyExcept((byte)0)
            || (inFirst < BatchFormat.HeaderBytes && !head[inFirst..].ContainsAnyExcept((byte)0))
            || BatchFormat.IsCutShort(BinaryPrimitives.ReadUInt32LittleEndian(head[124..]), Crc32C.Of(head[..124]));
    }

    /// <summary>The next offset at which a sound batch of a later position stands; 0 where there is none.</summary>
    public static long FindSoundBatch(FrameReader frames, Guid storeId, long from, long position, long length)
    {
        Span<byte> magic = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(magic, BatchFormat.HeaderMagic);
        while (from + BatchFormat.HeaderBytes <= length)
        {
            var window = frames.Look(from, 256 * 1024, length);
            var found = window.IndexOf(magic);
            if (found < 0)
            {
                from += Math.Max(1, window.Length - magic.Length + 1);
                continue;
            }

            from += found;
            if (IsSoundBatch(frames, storeId, from, position, length))
                return from;
            from++;
        }

        return 0;
    }

    private static bool IsSoundBatch(FrameReader frames, Guid storeId, long at, long position, long length)
    {
        var head = frames.Look(at, BatchFormat.HeaderBytes, length);
        if (!BatchHeader.TryRead(head, out var header) || header.StoreId != storeId || header.FirstPosition < position)
            return false;
        var chain = BatchHeader.PreviousOf(head).ToArray();
        return frames.Read(at, chain, header.FirstPosition, header.Epoch) == FrameKind.Batch;
    }
}
