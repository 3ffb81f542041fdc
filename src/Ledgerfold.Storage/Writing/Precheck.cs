using System.Buffers;
using Ledgerfold.Storage.Index;
using Ledgerfold.Storage.Segments;

namespace Ledgerfold.Storage.Writing;

/// <summary>
/// What a caller's thread looked up in the sealed part of the ledger, so that the writer has only to look at what came after it: a position
/// up to which everything was seen, and what was found there.
/// </summary>
internal sealed class Precheck
{
    private long[]? _knownIds;

    /// <summary>Everything up to here was looked at.</summary>
    public long SealedThrough { get; private init; }

    /// <summary>The keys of the streams written or checked, in the order of the writes.</summary>
    public required IndexKey[] StreamKeys { get; init; }

    /// <summary>Where those streams stood.</summary>
    public required StreamEntry[] Streams { get; init; }

    /// <summary>The condition's query in keys, if there is a condition.</summary>
    public CompiledQuery? Condition { get; private init; }

    /// <summary>A position that fails the condition; 0 where none was found.</summary>
    public long ConditionMatch { get; private init; }

    /// <summary>Whether any of the events' ids was found.</summary>
    public bool AnyIdKnown => _knownIds is not null;

    /// <summary>Where the id of the n-th event was found; 0 where it was not.</summary>
    public long KnownId(int index) => _knownIds is null ? 0 : _knownIds[index];

    /// <summary>Looks everything up that the request asks of the sealed part. Any thread.</summary>
    public static Precheck Run(AppendRequest request, EncodedAppend encoded, Log log)
    {
        using var sealedPart = log.Index.Acquire();
        var keys = new IndexKey[request.Writes.Length];
        var streams = new StreamEntry[keys.Length];
        var records = encoded.Records;
        for (var e = 0; e < encoded.EventCount; e++)
            keys[records[e].Write] = records[e].Stream;

        for (var w = 0; w < keys.Length; w++)
        {
            if (request.Writes[w].Events.Length == 0)
                keys[w] = log.Hasher.OfStream(request.Tenant, request.Writes[w].Stream);
            sealedPart.TryFindStream(keys[w], out streams[w]);
        }

        var condition = request.Condition is { } given ? CompiledQuery.Compile(log.Hasher, request.Tenant, given.FailIfMatch) : null;
        var match = 0L;
        if (condition is not null && request.Condition!.After < sealedPart.SealedThrough)
            sealedPart.TryFindMatchAfter(condition, request.Condition.After, out match);
        return new Precheck
        {
            SealedThrough = sealedPart.SealedThrough,
            StreamKeys = keys,
            Streams = streams,
            Condition = condition,
            ConditionMatch = match,
            _knownIds = FindIds(sealedPart, encoded),
        };
    }

    private static long[]? FindIds(IndexSnapshot sealedPart, EncodedAppend encoded)
    {
        if (encoded.EventCount == 0 || sealedPart.SealedThrough == 0)
            return null;
        var ids = ArrayPool<IndexKey>.Shared.Rent(encoded.EventCount);
        var found = ArrayPool<long>.Shared.Rent(encoded.EventCount);
        for (var e = 0; e < encoded.EventCount; e++)
            ids[e] = encoded.Records[e].Id;
        var known = sealedPart.FindIds(ids.AsSpan(0, encoded.EventCount), found) > 0 ? found.AsSpan(0, encoded.EventCount).ToArray() : null;
        ArrayPool<IndexKey>.Shared.Return(ids);
        ArrayPool<long>.Shared.Return(found);
        return known;
    }
}
