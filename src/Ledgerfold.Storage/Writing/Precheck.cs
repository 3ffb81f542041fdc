using Ledgerfold.Storage.Index;
using Ledgerfold.Storage.Segments;

namespace Ledgerfold.Storage.Writing;

/// <summary>
/// What a caller's thread looked up in the sealed part of the ledger, so that the writer has only to look at what came after it: a position
/// up to which everything was seen, and what was found there.
/// </summary>
internal sealed class Precheck
{
    private IndexKey[] _streamKeys = [];
    private StreamEntry[] _streams = [];
    private IndexKey[] _ids = [];
    private long[] _knownIds = [];
    private int _writes;

    /// <summary>Everything up to here was looked at.</summary>
    public long SealedThrough { get; private set; }

    /// <summary>The keys of the streams written or checked, in the order of the writes.</summary>
    public ReadOnlySpan<IndexKey> StreamKeys => _streamKeys.AsSpan(0, _writes);

    /// <summary>Where those streams stood.</summary>
    public ReadOnlySpan<StreamEntry> Streams => _streams.AsSpan(0, _writes);

    /// <summary>The condition's query in keys, if there is a condition.</summary>
    public CompiledQuery? Condition { get; private set; }

    /// <summary>A position that fails the condition; 0 where none was found.</summary>
    public long ConditionMatch { get; private set; }

    /// <summary>Whether any of the events' ids was found.</summary>
    public bool AnyIdKnown { get; private set; }

    /// <summary>Where the id of the n-th event was found; 0 where it was not.</summary>
    public long KnownId(int index) => AnyIdKnown ? _knownIds[index] : 0;

    /// <summary>Looks everything up that the request asks of the sealed part, in place of what was found before. Any thread.</summary>
    public void Run(AppendRequest request, EncodedAppend encoded, Log log)
    {
        using var sealedPart = log.Index.Acquire();
        SealedThrough = sealedPart.SealedThrough;
        FindStreams(request, encoded, log, sealedPart);
        FindIds(sealedPart, encoded);
        Condition = request.Condition is { } given ? CompiledQuery.Compile(log.Hasher, request.Tenant, given.FailIfMatch) : null;
        var match = 0L;
        if (Condition is not null && request.Condition!.After < SealedThrough)
            sealedPart.TryFindMatchAfter(Condition, request.Condition.After, out match);
        ConditionMatch = match;
    }

    private void FindStreams(AppendRequest request, EncodedAppend encoded, Log log, IndexSnapshot sealedPart)
    {
        _writes = request.Writes.Length;
        if (_streams.Length < _writes)
        {
            _streamKeys = new IndexKey[_writes];
            _streams = new StreamEntry[_writes];
        }

        var records = encoded.Records;
        for (var e = 0; e < encoded.EventCount; e++)
            _streamKeys[records[e].Write] = records[e].Stream;
        for (var w = 0; w < _writes; w++)
        {
            if (request.Writes[w].Events.Length == 0)
                _streamKeys[w] = log.Hasher.OfStream(request.Tenant, request.Writes[w].Stream);
            sealedPart.TryFindStream(_streamKeys[w], out _streams[w]);
        }
    }

    private void FindIds(IndexSnapshot sealedPart, EncodedAppend encoded)
    {
        AnyIdKnown = false;
        if (encoded.EventCount == 0 || SealedThrough == 0)
            return;
        if (_ids.Length < encoded.EventCount)
        {
            _ids = new IndexKey[encoded.EventCount];
            _knownIds = new long[encoded.EventCount];
        }

        for (var e = 0; e < encoded.EventCount; e++)
            _ids[e] = encoded.Records[e].Id;
        AnyIdKnown = sealedPart.FindIds(_ids.AsSpan(0, encoded.EventCount), _knownIds) > 0;
    }
}
