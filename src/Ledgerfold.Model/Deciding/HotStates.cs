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
    private readonly Dictionary<Name, LinkedListNode<Entry>> _entries = [];
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
            if (_entries.TryGetValue(new Name(decider, key), out var node))
            {
                Touch(node);
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
        var name = new Name(decider, key);
        lock (_lock)
        {
            if (_entries.TryGetValue(name, out var node))
            {
                var entry = (Entry<TState>)node.Value;
                if (entry.Kept.Version > kept.Version)
                    return;
                entry.Kept = kept;
                Touch(node);
                return;
            }

            if (_entries.Count == statesMax)
            {
                _entries.Remove(_byUse.First!.Value.Name);
                _byUse.RemoveFirst();
            }

            _entries.Add(name, _byUse.AddLast(new Entry<TState>(name) { Kept = kept }));
        }
    }

    private void Touch(LinkedListNode<Entry> node)
    {
        if (node.Next is null)
            return;
        _byUse.Remove(node);
        _byUse.AddLast(node);
    }

    /// <summary>The state of a stream by one decider.</summary>
    private readonly record struct Name(object Decider, StreamKey Key)
    {
        public bool Equals(Name other) => ReferenceEquals(Decider, other.Decider) && Key == other.Key;

        public override int GetHashCode() => Key.GetHashCode();
    }

    private abstract class Entry(Name name)
    {
        public Name Name { get; } = name;
    }

    private sealed class Entry<TState>(Name name) : Entry(name)
    {
        public Kept<TState> Kept { get; set; }
    }
}
