using Ledgerfold.Seams;

namespace Ledgerfold.Storage.Index;

/// <summary>
/// The runs of a ledger. The set that readers see never changes; sealing and merging make a new file first, then a new set, then remove
/// what it replaces, so that a crash between any two steps leaves a usable index and at worst some files that the next opening removes. A
/// file is closed when the last snapshot that holds it is gone.
/// </summary>
internal sealed class IndexSet : IDisposable
{
    private const int ListingsMax = 10;
    private const int SparesMax = 64;

    private readonly IDisk _disk;
    private readonly IndexOptions _options;
    private readonly Guid _storeId;
    private readonly IChance _chance;
    private readonly bool _readOnly;

    // Upkeep (all but Acquire) is done by one thread at a time.
    private readonly Lock _upkeep = new();
    private readonly List<RunMerge> _merges = [];
    private readonly List<IndexProblem> _problems = [];
    private readonly List<RunFile> _opened = [];
    private readonly List<RunFile> _rebuilt = [];
    private readonly HashSet<RunFile> _gone = []; // shown, and their files are removed

    // Any thread, for a moment.
    private readonly Lock _gate = new();
    private readonly Stack<IndexSnapshot> _spares = new();
    private Version _current = new([]);
    private bool _closed;

    private IndexSet(IDisk disk, IndexOptions options, Guid storeId, IChance chance, bool readOnly)
    {
        _disk = disk;
        _options = options;
        _storeId = storeId;
        _chance = chance;
        _readOnly = readOnly;
    }

    /// <summary>The files that are not used, and why.</summary>
    public IReadOnlyList<IndexProblem> Problems => _problems;

    /// <summary>The last position up to which runs follow one another without a gap; 0 without runs.</summary>
    public long SealedThrough => Current.SealedThrough;

    /// <summary>What the runs cover, in order.</summary>
    public IEnumerable<SegmentSummary> Segments => Current.Runs.SelectMany(static run => run.Segments);

    /// <summary>The runs that somebody found damaged, oldest first.</summary>
    public IEnumerable<RunFile> Damaged => Current.Runs.Where(static run => run.IsDamaged);

    private Version Current
    {
        get
        {
            lock (_gate)
                return _current;
        }
    }

    /// <summary>
    /// Opens the runs of a directory. Leftovers and damaged files are removed unless <paramref name="readOnly"/>; runs of other stores
    /// and of newer formats are left alone. Compare with the log by <see cref="Keep"/> before use.
    /// </summary>
    public static IndexSet Open(IDisk disk, IndexOptions options, Guid storeId, IChance chance, bool readOnly = false)
    {
        var set = new IndexSet(disk, options, storeId, chance, readOnly);
        set.OpenListed();
        set.Publish(Resolve(set._opened));
        return set;
    }

    /// <summary>
    /// Drops every run with a segment that does not agree with the log, and those that a larger one makes superfluous; removes their files
    /// unless read-only.
    /// </summary>
    public void Keep(Func<SegmentSummary, bool> agrees)
    {
        lock (_upkeep)
            KeepOpened(agrees);
    }

    /// <summary>
    /// Looks at the directory again, for who only reads it; true when there were changes. Runs behind a segment that has none are left
    /// alone: they would answer before the index in memory of an older one.
    /// </summary>
    public bool Refresh(Func<SegmentSummary, bool> agrees, int firstSegment)
    {
        lock (_upkeep)
        {
            var before = Current.Runs;
            OpenListed();
            KeepOpened(agrees, firstSegment);
            return !before.AsSpan().SequenceEqual(Current.Runs);
        }
    }

    /// <summary>Takes the set as it is; dispose the snapshot soon. Any thread.</summary>
    public IndexSnapshot Acquire()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            _current.Leases++;
            var snapshot = _spares.TryPop(out var spare) ? spare : new IndexSnapshot();
            snapshot.Hold(this, _current);
            return snapshot;
        }
    }

    /// <summary>Writes the run of a segment that takes no more events, and shows it; the index in memory may be read meanwhile.</summary>
    public void Add(MemoryIndex index, SegmentSummary summary, ReadOnlyMemory<byte> tail)
    {
        lock (_upkeep)
        {
            var run = Write(new SealedSegment(index, summary, tail));
            _opened.Add(run);
            Publish([.. Current.Runs.Append(run).OrderBy(static one => one.Name.FirstSegment)]);
        }
    }

    /// <summary>
    /// Writes the run of a segment of a damaged run, and keeps it hidden until <see cref="Replace"/>; until then what is sound of the
    /// damaged one stays readable.
    /// </summary>
    public void Rebuild(SealedSegment segment)
    {
        lock (_upkeep)
        {
            var run = Write(segment);
            _rebuilt.Add(run);
            _opened.Add(run);
        }
    }

    /// <summary>Puts the rebuilt runs in the place of the damaged one.</summary>
    public void Replace(RunFile damaged)
    {
        lock (_upkeep)
        {
            foreach (var merge in _merges.FindAll(merge => merge.Inputs.Contains(damaged)))
                Abandon(merge);
            Publish([.. Current.Runs.Where(run => run != damaged).Concat(_rebuilt).OrderBy(static one => one.Name.FirstSegment)]);
            _rebuilt.Clear();
            Remove([damaged]);
        }
    }

    /// <summary>Removes what was rebuilt so far: the rest cannot be.</summary>
    public void ForgetRebuilt()
    {
        lock (_upkeep)
        {
            CloseHidden(_rebuilt);
            Remove(_rebuilt);
            _rebuilt.Clear();
        }
    }

    /// <summary>
    /// Does a little of the merging that is to be done, small runs first; false when there is nothing. What it throws leaves the set as
    /// it was, and the merge begins anew with the next step.
    /// </summary>
    public bool MergeStep()
    {
        lock (_upkeep)
        {
            if (_readOnly)
                return false;
            while (MergePlan.Next(Current.Runs, IsMerging, _options.FanOut) is { } inputs)
                StartMerge(inputs);
            if (_merges.MinBy(static merge => merge.Count) is not { } merge)
                return false;
            try
            {
                if (merge.Step())
                    return true;
                Complete(merge);
                return true;
            }
            catch
            {
                Abandon(merge);
                throw;
            }
        }
    }

    public void Dispose()
    {
        lock (_upkeep)
        {
            foreach (var merge in _merges.ToArray())
                Abandon(merge);
            CloseHidden(_opened);
            lock (_gate)
                _closed = true;
            Publish([]);
            _opened.Clear();
        }
    }

    internal void Release(Version version, IndexSnapshot? spare = null)
    {
        List<RunFile>? unheld = null;
        lock (_gate)
        {
            if (spare is not null && _spares.Count < SparesMax)
                _spares.Push(spare);
            if (--version.Leases > 0)
                return;
            foreach (var run in version.Runs)
            {
                if (--run.Holders == 0)
                    (unheld ??= []).Add(run);
            }
        }

        foreach (var run in unheld ?? [])
            run.Dispose();
    }

    private void OpenListed()
    {
        for (var listing = 1; !TryOpenListed(); listing++)
        {
            if (listing == ListingsMax)
                throw new IOException($"the index in {_disk.Location} keeps changing");
        }
    }

    // False when a file went away after it was listed: another process merged it, and the listing is old.
    private bool TryOpenListed()
    {
        _problems.Clear();
        var listed = _disk.List().Order(StringComparer.Ordinal).ToArray();
        var gone = _opened.FindAll(run => Array.BinarySearch(listed, run.FileName, StringComparer.Ordinal) < 0);
        _gone.UnionWith(gone.Intersect(Current.Runs));
        CloseHidden(gone);
        _opened.RemoveAll(run => gone.Contains(run) && !_gone.Contains(run));
        foreach (var entry in listed)
        {
            if (RunName.IsTemporary(entry) && !_readOnly)
                _disk.Delete(entry);
            if (!RunName.TryParse(entry, out var name) || _opened.Exists(run => run.Name == name))
                continue;
            if (!TryOpen(name))
                return false;
        }

        return true;
    }

    private bool TryOpen(RunName name)
    {
        RunFile? run;
        IndexProblem? problem;
        try
        {
            run = RunFile.Open(_disk, name, _storeId, out problem);
        }
        catch (FileNotFoundException) when (_readOnly)
        {
            return false;
        }

        if (run is not null)
            _opened.Add(run);
        if (problem is not null)
            _problems.Add(problem);
        if (problem is { Kind: IndexProblemKind.Damaged } && !_readOnly)
            _disk.Delete(problem.File);
        return true;
    }

    private void KeepOpened(Func<SegmentSummary, bool> agrees, int? firstSegment = null)
    {
        var kept = WithThoseServingOn(_opened.FindAll(run => run.Segments.All(agrees)));
        if (firstSegment is { } first)
            kept = UpToFirstGap(kept, first);
        var dropped = _opened.Except(kept).ToArray();
        foreach (var merge in _merges.FindAll(merge => merge.Inputs.Any(dropped.Contains)))
            Abandon(merge);
        CloseHidden(dropped);
        Publish(kept);
        Remove(dropped);
    }

    private static RunFile[] UpToFirstGap(RunFile[] runs, int firstSegment)
    {
        var count = 0;
        for (var next = firstSegment; count < runs.Length && runs[count].Name.FirstSegment == next; count++)
            next = runs[count].Name.LastSegment + 1;
        return runs[..count];
    }

    // What another process removed, to merge or to rebuild it, serves on until all of it has come back: its file is open still.
    private RunFile[] WithThoseServingOn(List<RunFile> runs)
    {
        var kept = Resolve(runs.FindAll(run => !_gone.Contains(run)));
        var covered = kept.SelectMany(static run => run.Segments).Select(static one => one.Segment).ToHashSet();
        var serving = runs.FindAll(run => _gone.Contains(run) && !run.Segments.All(one => covered.Contains(one.Segment)));
        return serving.Count == 0
            ? kept
            : [.. kept
                .Where(run => !serving.Exists(one => one.Name.Overlaps(run.Name)))
                .Concat(serving)
                .OrderBy(static run => run.Name.FirstSegment)];
    }

    // Runs that were opened but never shown are held by nobody who would close them.
    private void CloseHidden(IEnumerable<RunFile> runs)
    {
        foreach (var run in runs.Except(Current.Runs))
            run.Dispose();
    }

    // Larger runs win; what overlaps them was merged into them, or is older than they are.
    private static RunFile[] Resolve(List<RunFile> runs)
    {
        var kept = new List<RunFile>();
        var largestFirst = runs
            .OrderByDescending(static one => one.Name.Segments)
            .ThenBy(static one => one.FileName, StringComparer.Ordinal);
        foreach (var run in largestFirst)
        {
            if (!kept.Exists(other => other.Name.Overlaps(run.Name)))
                kept.Add(run);
        }

        return [.. kept.OrderBy(static run => run.Name.FirstSegment)];
    }

    private RunFile Write(SealedSegment segment)
    {
        if (_readOnly)
            throw new InvalidOperationException("the index was opened to be read only");
        var (index, summary, tail) = segment;
        index.Seal();
        if (index.FirstPosition != summary.FirstPosition || index.Count != summary.Count)
            throw new ArgumentException($"the index holds {index.FirstPosition}–{index.LastPosition}, not the segment", nameof(segment));
        var name = new RunName(summary.Segment, summary.Segment, Nonce());
        var keys = (long)index.Ids.Count + index.Lists.Count;
        using (var builder = new RunBuilder(_disk, name, _storeId, (index.FirstPosition, index.Count), keys, _options))
        {
            RunSealer.Write(index, builder);
            builder.Finish([summary], [tail]);
        }

        return OpenNew(name);
    }

    private RunFile OpenNew(RunName name) =>
        RunFile.Open(_disk, name, _storeId, out _) ?? throw new IOException($"{name} is not what was just written to it");

    private ulong Nonce()
    {
        Span<byte> bytes = stackalloc byte[8];
        _chance.Fill(bytes);
        return BitConverter.ToUInt64(bytes);
    }

    private bool IsMerging(RunFile run) => _merges.Exists(merge => merge.Inputs.Contains(run));

    private void StartMerge(RunFile[] inputs)
    {
        _merges.Add(new RunMerge(_disk, inputs, Nonce(), _storeId, _options));
        lock (_gate)
        {
            foreach (var input in inputs)
                input.Holders++;
        }
    }

    private void Complete(RunMerge merge)
    {
        var merged = OpenNew(merge.Name);
        _opened.Add(merged);
        Publish([.. Current.Runs.Except(merge.Inputs).Append(merged).OrderBy(static run => run.Name.FirstSegment)]);
        EndMerge(merge);
        Remove(merge.Inputs);
    }

    private void Abandon(RunMerge merge)
    {
        if (!_merges.Contains(merge))
            return;
        EndMerge(merge);
        merge.Dispose();
    }

    private void EndMerge(RunMerge merge)
    {
        _merges.Remove(merge);
        var inputs = new Version([.. merge.Inputs]) { Leases = 1 };
        Release(inputs);
    }

    private void Remove(IEnumerable<RunFile> runs)
    {
        foreach (var run in runs)
        {
            _opened.Remove(run);
            _gone.Remove(run);
            if (!_readOnly)
                _disk.Delete(run.FileName);
        }
    }

    private void Publish(RunFile[] runs)
    {
        var left = _options.FilterBytesMax;
        for (var r = runs.Length - 1; r >= 0; r--)
        {
            var keep = runs[r].FilterBytes <= left;
            runs[r].KeepFilter(keep);
            left -= keep ? runs[r].FilterBytes : 0;
        }

        Version before;
        lock (_gate)
        {
            before = _current;
            _current = new Version(runs) { Leases = 1 };
            foreach (var run in runs)
                run.Holders++;
        }

        Release(before);
    }

    /// <summary>
    /// Runs that were shown together; <see cref="Leases"/> is guarded by the gate and counts the set itself while they are.
    /// </summary>
    internal sealed class Version(RunFile[] runs)
    {
        public static Version None { get; } = new([]);

        public RunFile[] Runs { get; } = runs;

        public int Leases { get; set; } = 1;

        /// <summary>What was looked up in these runs lately.</summary>
        public KnownStreams Streams { get; } = new(runs.Sum(static run => run.Keys));

        public long SealedThrough { get; } = LastWithoutGap(runs);

        private static long LastWithoutGap(RunFile[] runs)
        {
            var last = runs.Length == 0 ? 0 : runs[0].LastPosition;
            for (var r = 1; r < runs.Length && runs[r].FirstPosition == last + 1; r++)
                last = runs[r].LastPosition;
            return last;
        }
    }
}

/// <summary>A segment whose run is to be written.</summary>
/// <param name="Index">Everything in it.</param>
/// <param name="Summary">What the log says about it.</param>
/// <param name="Tail">What its caller keeps with it.</param>
internal readonly record struct SealedSegment(MemoryIndex Index, SegmentSummary Summary, ReadOnlyMemory<byte> Tail);
