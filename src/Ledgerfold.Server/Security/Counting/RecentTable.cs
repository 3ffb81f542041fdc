namespace Ledgerfold.Server.Security.Counting;

/// <summary>What is known of those who were met last: when it is full, whoever was met longest ago is forgotten. Its owner locks.</summary>
/// <param name="capacity">How many it knows at most.</param>
internal sealed class RecentTable<TKey, TValue>(int capacity)
    where TKey : notnull
{
    private readonly Dictionary<TKey, LinkedListNode<KeyValuePair<TKey, TValue>>> _byKey = [];
    private readonly LinkedList<KeyValuePair<TKey, TValue>> _recent = [];

    /// <summary>How many are known.</summary>
    public int Count => _byKey.Count;

    /// <summary>What is known of one; the default where nothing is.</summary>
    public TValue? Find(TKey key) => _byKey.TryGetValue(key, out var node) ? node.Value.Value : default;

    /// <summary>Knows this of one, whom it met just now.</summary>
    public void Set(TKey key, TValue value)
    {
        Remove(key);
        if (_byKey.Count >= capacity)
            Remove(_recent.Last!.Value.Key);
        _byKey[key] = _recent.AddFirst(new KeyValuePair<TKey, TValue>(key, value));
    }

    /// <summary>Forgets one.</summary>
    public void Remove(TKey key)
    {
        if (_byKey.Remove(key, out var node))
            _recent.Remove(node);
    }
}
