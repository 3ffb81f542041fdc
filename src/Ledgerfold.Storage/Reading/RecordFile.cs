using System.Buffers;
using Ledgerfold.Seams;
using Ledgerfold.Storage.Format;

namespace Ledgerfold.Storage.Reading;

/// <summary>Reads single records of a segment file by offset, each checked by itself.</summary>
internal static class RecordFile
{
    /// <summary>Most records are shorter, so that most reads are one call.</summary>
    public const int FirstReadBytes = 2048;

    /// <summary>What is done with a record while its bytes are at hand.</summary>
    public delegate T Use<out T>(in RecordView record);

    /// <summary>Reads the record at an offset and checks that it is the one of this position.</summary>
    /// <exception cref="LedgerDamagedException">It is not, or its bytes are not sound.</exception>
    public static T Read<T>(IDiskFile file, string name, uint offset, long position, Use<T> use)
    {
        if (offset == uint.MaxValue)
            throw new LedgerDamagedException("The event cannot be read", name, 0, position);
        var buffer = ArrayPool<byte>.Shared.Rent(FirstReadBytes);
        try
        {
            var read = file.Read(buffer.AsSpan(0, FirstReadBytes), offset);
            var length = read >= RecordFormat.RecordBytesMin ? RecordFormat.LengthOf(buffer) : 0;
            if (length is < RecordFormat.RecordBytesMin or > RecordFormat.RecordBytesMax)
                throw new LedgerDamagedException("There is no event where the index says", name, offset, position);
            if (length > read)
            {
                ArrayPool<byte>.Shared.Return(buffer);
                buffer = [];
                buffer = ArrayPool<byte>.Shared.Rent(length);
                read = file.Read(buffer.AsSpan(0, length), offset);
            }

            if (read < length || !RecordView.TryRead(buffer.AsSpan(0, length), out var record) || record.Position != position)
                throw new LedgerDamagedException("The event's bytes are not what was written", name, offset, position);
            return use(record);
        }
        finally
        {
            if (buffer.Length > 0)
                ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
