namespace Ledgerfold.Storage.Index;

/// <summary>
/// The positions that match a query, over the runs of a snapshot and the indexes in memory: one source after the other, lazily and in
/// little memory. The caller keeps the snapshot. One thread.
/// </summary>
internal sealed class PositionSource
{
    private const int FirstWindow = 64;
    private const int LargestWindow = 8_192;

    private readonly CompiledQuery _query;
    private readonly bool _backward;
    private readonly List<Source> _sources = [];
    private int _next;

    // Inside a run.
    private PositionCursor? _cursor;
    private long _end;

    // Inside an index in memory: what was copied of it, and where to go on.
    private long[] _window = [];
    private int _windowCount;
    private int _windowAt;
    private bool _windowIsLast = true;

    /// <param name="query">What to look for.</param>
    /// <param name="snapshot">The runs.</param>
    /// <param name="memory">The indexes of segments without a run; what a run covers too is left to the run.</param>
    /// <param name="after">Only positions above this one.</param>
    /// <param name="before">Only positions below this one; at most the durable head and one.</param>
    /// <param name="backward">Newest first.</param>
    public PositionSource(
        CompiledQuery query, IndexSnapshot snapshot, ReadOnlySpan<MemoryIndex> memory, long after, long before, bool backward)
    {
        _query = query;
        _backward = backward;
        foreach (var run in snapshot.Runs)
            AddSource(run, null, run.FirstPosition, run.LastPosition, after, before);
        for (var m = 0; m < memory.Length; m++)
        {
            // A batch that was written again stands in two segments for those who saw it in the first one: the later one counts.
            var last = m + 1 < memory.Length ? Math.Min(memory[m].LastPosition, memory[m + 1].FirstPosition - 1) : memory[m].LastPosition;
            if (snapshot.SegmentOf(memory[m].FirstPosition) is null)
                AddSource(null, memory[m], memory[m].FirstPosition, last, after, before);
        }

        _sources.Sort(static (one, other) => one.First.CompareTo(other.First));
        if (backward)
            _sources.Reverse();
    }

    /// <summary>
    /// How many positions match at most, by the lengths of the lists: enough to tell whether a plain scan would be cheaper. Reads a page or
    /// two per key and run.
    /// </summary>
    public long EstimatedMatches
    {
        get
        {
            var sum = 0.0;
            foreach (var source in _sources)
            {
                var matches = source.Run is null ? source.Memory!.Estimate(_query) : _query.EstimateIn(source.Run);
                sum += Math.Min(1.0, (double)(source.Last - source.First + 1) / source.Count) * matches;
            }

            return (long)Math.Ceiling(sum);
        }
    }

    /// <summary>The next position in the order of the walk; false at the end.</summary>
    public bool TryNext(out long position)
    {
        while (true)
        {
            if (TryNextInRun(out position) || TryNextInMemory(out position))
                return true;
            if (_next == _sources.Count)
                return false;
            Enter(_sources[_next++]);
        }
    }

    private void AddSource(RunFile? run, MemoryIndex? memory, long first, long last, long after, long before)
    {
        var low = Math.Max(first, after + 1);
        var high = Math.Min(last, before - 1);
        if (low <= high)
            _sources.Add(new Source(run, memory, low, high, last - first + 1));
    }

    private void Enter(Source source)
    {
        if (source.Run is null)
        {
            (_windowCount, _windowAt, _windowIsLast) = (0, 0, false);
            return;
        }

        _cursor = _query.Open(source.Run, _backward);
        _end = _backward ? -source.First : source.Last;
        _cursor?.Seek(_backward ? -source.Last : source.First);
    }

    private bool TryNextInRun(out long position)
    {
        position = 0;
        if (_cursor is null)
            return false;
        if (_cursor.Current > _end)
        {
            _cursor = null;
            return false;
        }

        position = Math.Abs(_cursor.Current);
        _cursor.Seek(_cursor.Current + 1);
        return true;
    }

    private bool TryNextInMemory(out long position)
    {
        position = 0;
        if (_windowAt == _windowCount)
        {
            if (_windowIsLast)
                return false;
            FillWindow(_sources[_next - 1]);
            if (_windowCount == 0)
                return false;
        }

        position = _window[_windowAt++];
        return true;
    }

    // Small at first, because many readers want few.
    private void FillWindow(Source source)
    {
        var from = _windowCount == 0 ? (source.First - 1, source.Last + 1)
            : _backward ? (source.First - 1, _window[_windowCount - 1])
            : (_window[_windowCount - 1], source.Last + 1);
        if (_window.Length < LargestWindow)
            _window = new long[Math.Clamp(_window.Length * 4, FirstWindow, LargestWindow)];
        _windowCount = source.Memory!.Match(_query, from.Item1, from.Item2, _backward, _window);
        _windowAt = 0;
        _windowIsLast = _windowCount < _window.Length;
    }

    private sealed record Source(RunFile? Run, MemoryIndex? Memory, long First, long Last, long Count);
}
