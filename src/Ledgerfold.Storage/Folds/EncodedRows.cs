using System.Buffers;
using System.Buffers.Binary;
using Ledgerfold.Storage.Index;

namespace Ledgerfold.Storage.Folds;

/// <summary>
/// The rows of a batch as entries of a log frame, encoded on the caller's thread. The fold's number is still missing in the keys: only the
/// writer knows it. Index entries are not in it: the writer alone knows what stood there before.
/// </summary>
internal sealed class EncodedRows
{
    public static readonly EncodedRows None = new([], 0, false, UniqueValues.None);

    private byte[] _buffer;

    private EncodedRows(byte[] buffer, int length, bool hasIndexes, UniqueValues unique)
    {
        _buffer = buffer;
        Length = length;
        HasIndexes = hasIndexes;
        Unique = unique;
    }

    public int Length { get; }

    public bool HasIndexes { get; }

    public UniqueValues Unique { get; }

    public static EncodedRows Of(FoldBatch batch)
    {
        const int overhead = 16;
        var (rows, removed) = (batch.Rows.IsDefault ? [] : batch.Rows, batch.Removed.IsDefault ? [] : batch.Removed);
        if (rows.Length + removed.Length == 0)
            return None;
        var bound = 0L;
        foreach (var row in rows)
            bound += overhead + FoldKeys.TenantOffset + 1 + (3L * (row.Tenant.Length + row.Key.Length)) + RowFormat.BytesFor(row);
        foreach (var key in removed)
            bound += overhead + FoldKeys.TenantOffset + 1 + (3L * (key.Tenant.Length + key.Key.Length));
        var buffer = ArrayPool<byte>.Shared.Rent(checked((int)bound));
        var (at, hasIndexes, unique) = (0, false, UniqueValues.None);
        Span<byte> name = stackalloc byte[FoldKeys.BytesMax];
        foreach (var row in rows)
        {
            var keyBytes = FoldKeys.WriteRow(name, 0, row.Tenant, row.Key);
            at = WriteRow(buffer, at, name[..keyBytes], row);
            foreach (var entry in row.Indexes.IsDefault ? [] : row.Indexes)
            {
                hasIndexes = true;
                if (entry.Unique && unique != UniqueValues.OfAnybody)
                    unique = IndexChanges.IsPlatform(row.Tenant) ? UniqueValues.OfPlatform : UniqueValues.OfAnybody;
            }
        }

        foreach (var key in removed)
        {
            var keyBytes = FoldKeys.WriteRow(name, 0, key.Tenant, key.Key);
            at += FoldLogFormat.WriteEntry(buffer.AsSpan(at), FoldLogFormat.Removal, name[..keyBytes], []);
        }

        return new EncodedRows(buffer, at, hasIndexes, unique);
    }

    /// <summary>Copies the entries behind one another, the fold's number in every key.</summary>
    public void CopyTo(Span<byte> into, uint fold)
    {
        into = into[..Length];
        _buffer.AsSpan(0, Length).CopyTo(into);
        for (var at = 0; at < into.Length;)
        {
            at++;
            var keyBytes = (int)RunFormat.ReadVarint(into, ref at);
            var valueBytes = (int)RunFormat.ReadVarint(into, ref at);
            BinaryPrimitives.WriteUInt32BigEndian(into[(at + FoldKeys.NumberOffset)..], fold);
            at += keyBytes + valueBytes;
        }
    }

    /// <summary>Gives the buffer back. Once, and when nobody reads it any more.</summary>
    public void Release()
    {
        if (_buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    private static int WriteRow(byte[] buffer, int at, ReadOnlySpan<byte> key, FoldRow row)
    {
        const int lengthsMax = 1 + 5 + 5;
        var value = buffer.AsSpan(at + lengthsMax + key.Length);
        var valueBytes = RowFormat.Write(value, row);
        buffer[at++] = FoldLogFormat.Value;
        at += RunFormat.WriteVarint(buffer.AsSpan(at), (ulong)key.Length);
        at += RunFormat.WriteVarint(buffer.AsSpan(at), (ulong)valueBytes);
        key.CopyTo(buffer.AsSpan(at));
        value[..valueBytes].CopyTo(buffer.AsSpan(at + key.Length)); // a few bytes to the left: its length was not known
        return at + key.Length + valueBytes;
    }
}
