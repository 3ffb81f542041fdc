namespace Ledgerfold.Storage.Index;

/// <summary>
/// Writes the run of one segment from its index in memory. The tables give their rows in key order, so that nothing is sorted.
/// </summary>
internal static class RunSealer
{
    private const int EntriesPerSync = 4096;

    /// <summary>Adds everything a sealed index holds; others may read it meanwhile.</summary>
    public static void Write(MemoryIndex index, RunBuilder builder)
    {
        ReadOnlySpan<uint> offsets;
        for (var at = 0; !(offsets = index.Offsets.From(at)).IsEmpty; at += offsets.Length)
            builder.AddOffsets(offsets);

        var ids = new SortedRows<IndexKey>(index.Ids);
        var lists = new SortedRows<PostingRow>(index.Lists);
        var streams = new SortedRows<StreamRow>(index.Streams);
        var moreIds = ids.MoveNext();
        var moreLists = lists.MoveNext();
        var moreStreams = streams.MoveNext();
        for (var entries = 1; moreIds || moreLists; entries++)
        {
            if (moreIds && (!moreLists || ids.Key <= lists.Key))
            {
                builder.AddId(ids.Key, (uint)ids.Row);
                moreIds = ids.MoveNext();
            }
            else
            {
                CopyList(index, lists.Row, builder.List);
                if (moreStreams && streams.Key == lists.Key)
                {
                    builder.AddStream(streams.Key, index.Streams[streams.Row].Entry);
                    moreStreams = streams.MoveNext();
                }
                else
                {
                    builder.AddLabel(lists.Key);
                }

                moreLists = lists.MoveNext();
            }

            if (entries % EntriesPerSync == 0)
                builder.SyncSome();
        }
    }

    private static void CopyList(MemoryIndex index, int row, PostingListWriter into)
    {
        ref var list = ref index.Lists[row];
        if (list.Count > PostingRow.InlineMax)
        {
            foreach (var position in index.Arena.List(list.One, list.Count))
                into.Add(position);
            return;
        }

        into.Add(list.One);
        if (list.Count == PostingRow.InlineMax)
            into.Add(list.Other);
    }
}
