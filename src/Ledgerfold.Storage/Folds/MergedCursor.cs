namespace Ledgerfold.Storage.Folds;

/// <summary>Walks several sources as one: of equal keys the entry of the newest source counts, removals are shown as such.</summary>
internal sealed class MergedCursor(EntryCursor[] newestFirst, bool backward) : EntryCursor
{
    private readonly bool[] _alive = new bool[newestFirst.Length];
    private int _current = -1;

    public override ReadOnlySpan<byte> Key => newestFirst[_current].Key;

    public override bool IsRemoval => newestFirst[_current].IsRemoval;

    public override ReadOnlySpan<byte> Value => newestFirst[_current].Value;

    public override bool Seek(ReadOnlySpan<byte> bound)
    {
        for (var s = 0; s < newestFirst.Length; s++)
            _alive[s] = newestFirst[s].Seek(bound);
        return Choose();
    }

    public override bool MoveNext()
    {
        var key = Key;
        for (var s = 0; s < newestFirst.Length; s++)
        {
            if (s != _current && _alive[s] && newestFirst[s].Key.SequenceEqual(key))
                _alive[s] = newestFirst[s].MoveNext();
        }

        _alive[_current] = newestFirst[_current].MoveNext();
        return Choose();
    }

    private bool Choose()
    {
        _current = -1;
        for (var s = 0; s < newestFirst.Length; s++)
        {
            if (!_alive[s])
                continue;
            if (_current < 0)
            {
                _current = s;
                continue;
            }

            var order = newestFirst[s].Key.SequenceCompareTo(newestFirst[_current].Key);
            if (backward ? order > 0 : order < 0)
                _current = s;
        }

        return _current >= 0;
    }
}
