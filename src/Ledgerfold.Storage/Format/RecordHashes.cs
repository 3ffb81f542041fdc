namespace Ledgerfold.Storage.Format;

/// <summary>
/// Hashes records that are laid out in one buffer, a vector of lanes at a time: payload digests first, because the headers that the leaves
/// cover hold them, then the leaves.
/// </summary>
internal static class RecordHashes
{
    private const int DigestAt = RecordFormat.FrameHead + RecordFormat.DigestOffset;

    /// <summary>Fills in the payload digests of the events among the records, and answers the leaves of all, one after the other.</summary>
    public static void Fill(Span<byte> bytes, ReadOnlySpan<HashedRange> records, Span<byte> leaves)
    {
        for (; !records.IsEmpty; records = records[Math.Min(Sha256Lanes.Lanes, records.Length)..])
        {
            var some = records[..Math.Min(Sha256Lanes.Lanes, records.Length)];
            FillDigests(bytes, some);
            FindLeaves(bytes, some, leaves);
            leaves = leaves[(some.Length * RecordFormat.HashBytes)..];
        }
    }

    private static void FillDigests(Span<byte> bytes, ReadOnlySpan<HashedRange> records)
    {
        Span<HashedRange> payloads = stackalloc HashedRange[Sha256Lanes.Lanes];
        Span<int> starts = stackalloc int[Sha256Lanes.Lanes];
        var events = 0;
        foreach (var (offset, length) in records)
        {
            var record = bytes.Slice(offset, length);
            if (record[4] != RecordFormat.KindEvent)
                continue;
            starts[events] = offset;
            payloads[events++] = Within(offset, RecordEncoder.PayloadOf(record));
        }

        Span<byte> digests = stackalloc byte[Sha256Lanes.Lanes * RecordFormat.HashBytes];
        Sha256Lanes.Hash(bytes, payloads[..events], digests);
        for (var e = 0; e < events; e++)
            digests.Slice(e * RecordFormat.HashBytes, RecordFormat.HashBytes).CopyTo(bytes[(starts[e] + DigestAt)..]);
    }

    private static void FindLeaves(ReadOnlySpan<byte> bytes, ReadOnlySpan<HashedRange> records, Span<byte> leaves)
    {
        Span<HashedRange> inputs = stackalloc HashedRange[Sha256Lanes.Lanes];
        for (var r = 0; r < records.Length; r++)
            inputs[r] = Within(records[r].Offset, RecordEncoder.LeafInputOf(bytes.Slice(records[r].Offset, records[r].Length)));
        Sha256Lanes.Hash(bytes, inputs[..records.Length], leaves);
    }

    private static HashedRange Within(int offset, HashedRange range) => range with { Offset = offset + range.Offset };
}
