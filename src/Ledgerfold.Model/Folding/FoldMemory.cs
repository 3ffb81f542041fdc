using System.Collections.Immutable;

namespace Ledgerfold.Model.Folding;

/// <summary>
/// The rows of one fold that are in memory: those changed since they were last written, and as many others as may be kept. A row that is
/// not here is read from the store, which therefore never lags behind what was let go of here. One loop; its lanes touch entries only.
/// </summary>
internal sealed class FoldMemory(Projection projection, IFoldStore store, int cachedMax)
{
    private readonly Dictionary<(string Tenant, string Key), FoldEntry> _entries = [];
    private readonly List<FoldEntry> _changed = [];
    private bool _isAll;

    /// <summary>How many rows wait to be written.</summary>
    public int Changed => _changed.Count;

    /// <summary>
    /// Forgets everything, for a fold that begins again where the store stands; <paramref name="isEmpty"/> if that is nowhere.
    /// </summary>
    public void Clear(bool isEmpty)
    {
        _entries.Clear();
        _changed.Clear();
        _isAll = isEmpty;
    }

    public FoldEntry? TryFind(string tenant, string key) => _entries.GetValueOrDefault((tenant, key));

    /// <summary>The entry of a key, from the store if it is not here.</summary>
    public ValueTask<FoldEntry> Find(string tenant, string key, CancellationToken cancel)
    {
        if (_entries.TryGetValue((tenant, key), out var entry))
        {
            entry.Touched = true;
            return new(entry);
        }

        return _isAll ? new(Add(new FoldEntry(tenant, key))) : Load(tenant, key, cancel);
    }

    /// <summary>Notes that a state differs from the one that was written last, since this position.</summary>
    public void NoteChanges(List<FoldEntry> changed)
    {
        _changed.AddRange(changed);
        changed.Clear();
    }

    public void NoteChange(FoldEntry entry, long position)
    {
        if (entry.NoteChange(position))
            _changed.Add(entry);
    }

    /// <summary>Takes all changed entries to be written; what changes from now on belongs to the next batch.</summary>
    public List<FoldEntry> TakeChanged()
    {
        var taken = _changed.FindAll(static entry => !entry.Forgotten);
        _changed.Clear();
        foreach (var entry in taken)
            entry.BeginWriting();
        return taken;
    }

    /// <summary>Puts back what could not be written.</summary>
    public void PutBack(IEnumerable<FoldEntry> entries)
    {
        foreach (var entry in entries.Where(static entry => !entry.Forgotten))
        {
            if (entry.ChangedAt == 0)
                _changed.Add(entry);
            entry.EndWriting(written: false);
        }
    }

    /// <summary>Lets go of a state that can never be written; the store has the one before.</summary>
    public void Forget(FoldEntry entry)
    {
        entry.Forgotten = true;
        _isAll = false;
        _entries.Remove((entry.Tenant, entry.Key));
    }

    /// <summary>Lets go of rows beyond those that may be kept, first of those that were not asked for since the last time.</summary>
    public void Trim()
    {
        if (_entries.Count <= cachedMax)
            return;
        var spare = _entries.Count - (cachedMax * 3 / 4); // some more, so that this is not done again at once
        for (var round = 0; round < 2 && spare > 0; round++)
        {
            foreach (var (key, entry) in _entries)
            {
                if (spare > 0 && entry.ChangedAt == 0 && entry.WritingSince == 0 && !entry.Touched)
                {
                    _entries.Remove(key);
                    spare--;
                    _isAll = false;
                }

                entry.Touched = false;
            }
        }
    }

    private async ValueTask<FoldEntry> Load(string tenant, string key, CancellationToken cancel)
    {
        var row = await store.Get(projection.Fold, tenant, RowKeys.OfState(key), cancel);
        return Add(new FoldEntry(tenant, key) { State = row is null ? null : projection.Decode(row), IsStored = row is not null });
    }

    private FoldEntry Add(FoldEntry entry)
    {
        entry.Touched = true;
        _entries.Add((entry.Tenant, entry.Key), entry);
        return entry;
    }
}

/// <summary>The state under one key, as far as it was folded, and what of it is not written yet.</summary>
internal sealed class FoldEntry(string tenant, string key)
{
    public string Tenant { get; } = tenant;

    public string Key { get; } = key;

    /// <summary>Which of the lanes works on it: the same in every process, so that one seed is one run.</summary>
    public uint Lane { get; } = Spread(key);

    /// <summary>Null where there is no row.</summary>
    public object? State { get; set; }

    /// <summary>Whether the store has a row of it.</summary>
    public bool IsStored { get; set; }

    /// <summary>The first position whose change is in no batch yet; 0 for none, 1 where everything was computed again.</summary>
    public long ChangedAt { get; private set; }

    /// <summary>The same of the batch that is being written.</summary>
    public long WritingSince { get; private set; }

    /// <summary>The first position of all that the store does not have,</summary>
    public long UnwrittenSince => WritingSince == 0 ? ChangedAt : ChangedAt == 0 ? WritingSince : Math.Min(ChangedAt, WritingSince);

    /// <summary>Asked for since the last trim.</summary>
    public bool Touched { get; set; }

    /// <summary>Let go of: whatever still refers to it must not write it.</summary>
    public bool Forgotten { get; set; }

    /// <summary>What went wrong on this page, and where.</summary>
    public (long Position, Exception Error)? Failure { get; set; }

    /// <summary>How many events of this page came behind the failure.</summary>
    public int Behind { get; set; }

    /// <summary>True for the first change since the last batch.</summary>
    public bool NoteChange(long position)
    {
        var isFirst = ChangedAt == 0;
        if (isFirst || position < ChangedAt)
            ChangedAt = position;
        return isFirst;
    }

    public void BeginWriting()
    {
        (WritingSince, ChangedAt) = (ChangedAt, 0);
    }

    public void EndWriting(bool written)
    {
        if (!written)
            ChangedAt = UnwrittenSince;
        WritingSince = 0;
    }

    private static uint Spread(string key)
    {
        var hash = 2166136261u;
        foreach (var character in key)
            hash = (hash ^ character) * 16777619u;
        return hash ^ (hash >> 15);
    }
}
