using Ledgerfold.Model.Commanding;

namespace Ledgerfold.Model.Deciding;

/// <summary>A state, and the event up to which it was computed.</summary>
/// <param name="Value">The state.</param>
/// <param name="Version">The version of that event in its stream; 0 for none.</param>
/// <param name="Position">Its position; 0 for none.</param>
/// <param name="LastId">Its id.</param>
/// <param name="SnapshotVersion">The version that the newest snapshot stands at, as far as known.</param>
internal readonly record struct Kept<TState>(TState Value, long Version, long Position, Guid LastId, long SnapshotVersion)
{
    /// <summary>How long it took to load, as long as that was not worth a snapshot.</summary>
    public TimeSpan Loading { get; init; }
}

/// <summary>
/// States kept in memory, those used least recently given up first. One here may be old, never wrong: a stream only grows, so what was
/// computed up to an event stays right, and an append that rests on it names its version, which the ledger checks. Any thread.
/// </summary>
internal sealed class HotStates(int statesMax)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(object Decider, StreamKey Key), LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _byUse = []; // the least recently used first

    public int Count
    {
        get
        {
            lock (_lock)
                return _entries.Count;
        }
    }

    public bool TryGet<TState>(Decider<TState> decider, StreamKey key, out Kept<TState> kept)
    {
        lock (_lock)
        {
            if (_entries.TryGetValue((decider, key), out var node))
            {
                _byUse.Remove(node);
                _byUse.AddLast(node);
                kept = ((Entry<TState>)node.Value).Kept;
                return true;
            }
        }

        kept = default;
        return false;
    }

    /// <summary>Keeps a state, unless a newer one of the same stream is kept already.</summary>
    public void Put<TState>(Decider<TState> decider, StreamKey key, Kept<TState> kept)
    {
        if (statesMax == 0)
            return;
        lock (_lock)
        {
            if (_entries.TryGetValue((decider, key), out var node))
            {
                if (((Entry<TState>)node.Value).Kept.Version > kept.Version)
                    return;
                _byUse.Remove(node);
            }
            else if (_entries.Count == statesMax)
            {
                _entries.Remove(_byUse.First!.Value.Name);
                _byUse.RemoveFirst();
            }

            _entries[(decider, key)] = _byUse.AddLast(new Entry<TState>((decider, key), kept));
        }
    }

    private abstract record Entry((object Decider, StreamKey Key) Name);

    private sealed record Entry<TState>((object Decider, StreamKey Key) Name, Kept<TState> Kept) : Entry(Name);
}
