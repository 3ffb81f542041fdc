namespace Ledgerfold.Testing.Disk;

/// <summary>
/// The names of a directory twice: as processes see them, and as they would be found after a power cut. Between the two stand the changes
/// since the last sync, each of which may be durable already, or get lost, alone; a rename does so as a whole.
/// </summary>
internal sealed class DirectoryEntries
{
    private readonly Dictionary<string, Inode> _cached;
    private readonly Dictionary<string, Inode> _durable;
    private readonly List<Change> _changes;

    public DirectoryEntries()
        : this([], [], [])
    {
    }

    private DirectoryEntries(Dictionary<string, Inode> cached, Dictionary<string, Inode> durable, List<Change> changes)
    {
        _cached = cached;
        _durable = durable;
        _changes = changes;
    }

    public IReadOnlyDictionary<string, Inode> Cached => _cached;

    public bool HasUnsyncedChanges => _changes.Count > 0;

    /// <summary>What would certainly be found after a power cut now.</summary>
    public IReadOnlyDictionary<string, Inode> Durable => AfterChanges(change => change.IsDurable);

    /// <summary>Every file that a name leads to, or may lead to after a power cut.</summary>
    public HashSet<Inode> Reachable() => [.. _cached.Values, .. _durable.Values, .. _changes.Select(change => change.Inode)];

    public void Link(string name, Inode inode) => Apply(new Change(null, name, inode));

    /// <summary>Moves a name, and answers the file that lost its own by it.</summary>
    public Inode? Rename(string from, string to)
    {
        var replaced = _cached.GetValueOrDefault(to);
        if (from == to)
            return null;
        Apply(new Change(from, to, _cached[from]));
        return replaced;
    }

    /// <summary>Removes a name, and answers the file that lost it.</summary>
    public Inode? Unlink(string name)
    {
        if (!_cached.TryGetValue(name, out var inode))
            return null;
        Apply(new Change(name, null, inode));
        return inode;
    }

    public void Sync()
    {
        foreach (var change in _changes)
            change.ApplyTo(_durable);
        _changes.Clear();
    }

    /// <summary>Makes one of the changes durable, whatever came before it.</summary>
    public void WriteBack(SeededRandom random)
    {
        var chosen = random.Below(_changes.Count);
        _changes[chosen] = _changes[chosen] with { IsDurable = true };
    }

    /// <summary>Keeps what is durable and, of the other changes, each with this probability.</summary>
    public void CutPower(SeededRandom random, double share)
    {
        var kept = AfterChanges(change => change.IsDurable || random.Chance(share));
        _changes.Clear();
        Replace(_durable, kept);
        Replace(_cached, kept);
    }

    /// <summary>Puts a file in the place of whatever has the name, cached and durable at once, as a hand from outside does.</summary>
    public void ForceLink(string name, Inode inode) => Apply(new Change(null, name, inode) { IsDurable = true });

    /// <summary>Removes a name, cached and durable at once, as a hand from outside does.</summary>
    public void ForceUnlink(string name) => Apply(new Change(name, null, _cached[name]) { IsDurable = true });

    public DirectoryEntries Copy(Func<Inode, Inode> copied)
    {
        var changes = _changes.ConvertAll(change => change with { Inode = copied(change.Inode) });
        return new DirectoryEntries(Copied(_cached), Copied(_durable), changes);

        Dictionary<string, Inode> Copied(Dictionary<string, Inode> entries) =>
            entries.ToDictionary(entry => entry.Key, entry => copied(entry.Value));
    }

    private static void Replace(Dictionary<string, Inode> entries, Dictionary<string, Inode> by)
    {
        entries.Clear();
        foreach (var (name, inode) in by)
            entries[name] = inode;
    }

    private void Apply(Change change)
    {
        change.ApplyTo(_cached);
        _changes.Add(change);
    }

    private Dictionary<string, Inode> AfterChanges(Func<Change, bool> counts)
    {
        var entries = new Dictionary<string, Inode>(_durable);
        foreach (var change in _changes)
        {
            if (counts(change))
                change.ApplyTo(entries);
        }

        return entries;
    }

    /// <summary>A name that came (no <see cref="From"/>), moved, or went (no <see cref="To"/>).</summary>
    private readonly record struct Change(string? From, string? To, Inode Inode)
    {
        public bool IsDurable { get; init; }

        public void ApplyTo(Dictionary<string, Inode> entries)
        {
            if (From is not null)
                entries.Remove(From);
            if (To is null)
                return;
            // Where an earlier rename of the same file was lost, it stands under a name that this one does not know: a file has one name.
            var inode = Inode;
            if (entries.ContainsValue(inode))
                entries.Remove(entries.First(entry => entry.Value == inode).Key);
            entries[To] = inode;
        }
    }
}
