namespace Ledgerfold.Storage.Index;

/// <summary>
/// A set of positions walked in one direction. Its coordinates always ascend: a position when walking forward, the negative of one when
/// walking backward; so everything that combines sets is written once. One thread.
/// </summary>
internal abstract class PositionCursor
{
    /// <summary>Where <see cref="Current"/> stands after the last position.</summary>
    public const long End = long.MaxValue;

    /// <summary>The coordinate that the last <see cref="Seek"/> found.</summary>
    public long Current { get; protected set; } = long.MinValue;

    /// <summary>How many positions there are at most.</summary>
    public abstract long Count { get; }

    /// <summary>Goes to the first coordinate that is at least this one, never back.</summary>
    public abstract void Seek(long coordinate);
}

/// <summary>What a query can be asked of: a run, or the index of a segment in memory.</summary>
internal interface IPostingSource
{
    /// <summary>The positions of a key, or null when there are none.</summary>
    PositionCursor? Open(in IndexKey key, bool backward);

    /// <summary>How many positions a key has.</summary>
    long CountOf(in IndexKey key);
}

/// <summary>Ascending numbers in memory, as positions counted from <paramref name="first"/>.</summary>
internal sealed class ListCursor(uint[] items, int start, int count, long first, bool backward) : PositionCursor
{
    private int _at;

    public override long Count => count;

    public override void Seek(long coordinate)
    {
        if (Current >= coordinate)
            return;
        var step = 1;
        while (_at < count && CoordinateOf(_at) < coordinate)
        {
            _at += step;
            step *= 2;
        }

        var low = Math.Max(0, _at - (step / 2)); // the gallop's last step began here, before the coordinate sought
        var high = Math.Min(_at, count);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (CoordinateOf(middle) < coordinate)
                low = middle + 1;
            else
                high = middle;
        }

        _at = low;
        Current = _at < count ? CoordinateOf(_at) : End;
    }

    private long CoordinateOf(int index) =>
        backward ? -(first + items[start + count - 1 - index]) : first + items[start + index];
}

/// <summary>The positions that are in any of the sets, each once.</summary>
internal sealed class UnionCursor(PositionCursor[] sets) : PositionCursor
{
    public override long Count => sets.Sum(static set => set.Count);

    public override void Seek(long coordinate)
    {
        if (Current >= coordinate)
            return;
        var nearest = End;
        foreach (var set in sets)
        {
            if (set.Current < coordinate)
                set.Seek(coordinate);
            nearest = Math.Min(nearest, set.Current);
        }

        Current = nearest;
    }
}

/// <summary>The positions that are in all of the sets and not in the excluded one; the shorter sets lead, the longer ones gallop.</summary>
internal sealed class IntersectionCursor : PositionCursor
{
    private readonly PositionCursor[] _sets;
    private readonly PositionCursor? _excluded;

    public IntersectionCursor(PositionCursor[] sets, PositionCursor? excluded)
    {
        _sets = sets;
        _excluded = excluded;
        Array.Sort(_sets, static (one, other) => one.Count.CompareTo(other.Count));
    }

    public override long Count => _sets[0].Count;

    public override void Seek(long coordinate)
    {
        if (Current >= coordinate)
            return;
        while (coordinate != End)
        {
            var next = SeekAll(coordinate);
            if (next == coordinate)
            {
                _excluded?.Seek(coordinate);
                if (_excluded?.Current != coordinate)
                    break;
                next++;
            }

            coordinate = next;
        }

        Current = coordinate;
    }

    // The coordinate itself when all sets hold it, else one before which they have nothing in common.
    private long SeekAll(long coordinate)
    {
        foreach (var set in _sets)
        {
            set.Seek(coordinate);
            if (set.Current != coordinate)
                return set.Current;
        }

        return coordinate;
    }
}
