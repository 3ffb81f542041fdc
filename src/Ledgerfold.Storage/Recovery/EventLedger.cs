using Ledgerfold.Storage.Format;
using Ledgerfold.Storage.Index;

namespace Ledgerfold.Storage.Recovery;

/// <summary>What verification remembers of the events it has seen: where each stream stands.</summary>
internal sealed class EventLedger(KeyHasher hasher)
{
    private readonly Dictionary<IndexKey, StreamHead> _streams = [];
    private bool _hasGaps;

    public KeyHasher Hasher => hasher;

    public long Streams => _streams.Count;

    /// <summary>Where a stream stands after the events seen so far.</summary>
    public StreamHead this[in IndexKey stream] => _streams.GetValueOrDefault(stream);

    /// <summary>After damage versions may jump ahead; they still never go back.</summary>
    public void Forget() => _hasGaps = true;

    /// <summary>Takes the next event, and answers what is wrong with its place in its stream.</summary>
    public string? Add(in RecordView record)
    {
        var names = record.Names;
        var key = hasher.OfStream(names.Tenant, names.Stream);
        var before = _streams.GetValueOrDefault(key);
        _streams[key] = new StreamHead(record.Version, record.ClosesStream);
        if (before.Closed)
            return "the event follows one that closed its stream";
        if (record.Version == before.Version + 1 || (_hasGaps && record.Version > before.Version))
            return null;
        return $"the event has version {record.Version} of its stream, after {before.Version}";
    }
}
