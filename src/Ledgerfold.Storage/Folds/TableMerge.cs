using System.Collections.Immutable;
using Ledgerfold.Seams;

namespace Ledgerfold.Storage.Folds;

/// <summary>
/// Writes adjacent tables again as one, a piece at a time. Removals go when nothing older is left that they could hide; what belongs to a
/// dropped fold always goes, readable or not. One thread.
/// </summary>
internal sealed class TableMerge : IDisposable
{
    private readonly EntryCursor _cursor;
    private readonly TableWriter _writer;
    private readonly FoldDirectory _folds;
    private readonly Func<uint, bool> _isDropped;
    private readonly bool _withRemovals;
    private bool _any;
    private bool _isFirst = true;

    public TableMerge(
        IDisk disk, ulong nonce, Guid storeId, ImmutableArray<FoldTable> inputs, bool withRemovals, FoldDirectory folds)
    {
        Inputs = inputs;
        _withRemovals = withRemovals;
        _folds = folds;
        _isDropped = folds.Dropped();
        _cursor = new MergedCursor([.. inputs.Select(table => new TableScan(table, MayLose))], backward: false);
        _writer = new TableWriter(disk, nonce, storeId);
    }

    /// <summary>What is merged, newest first.</summary>
    public ImmutableArray<FoldTable> Inputs { get; }

    /// <summary>The table that could not be read, with what is lost in it; null where it was not for a table.</summary>
    public FoldTable? FailedAt { get; private set; }

    public ulong Nonce => _writer.Nonce;

    /// <summary>How many entries the merged table has.</summary>
    public long Entries => _writer.Entries;

    /// <summary>Goes on by about so many bytes; false when everything is written.</summary>
    public bool Step(long bytes)
    {
        if (_isFirst)
            _any = _cursor.Seek([]);
        _isFirst = false;
        for (var until = _writer.BytesWritten + bytes; _any && _writer.BytesWritten < until; _any = _cursor.MoveNext())
        {
            if (_isDropped(FoldKeys.NumberOf(_cursor.Key)) || (_cursor.IsRemoval && !_withRemovals))
                continue;
#if ZOO
            if (_writer.Entries % 40 == 39 && Zoo.Bug("fold-merge-drops-a-live-row"))
            {
                _any = _cursor.MoveNext();
                if (!_any)
                    break;
            }
#endif
            _writer.Add(_cursor.Key, _cursor.Value, _cursor.IsRemoval);
        }

        return _any;
    }

    /// <summary>Ends the file and makes it durable.</summary>
    public void Finish() => _writer.Finish();

    public void Dispose() => _writer.Dispose();

    private bool MayLose(FoldTable table, ReadOnlySpan<byte> from, ReadOnlySpan<byte> to, IOException failure)
    {
        var lost = _folds.Between(from, to, table.Census.Select(one => one.Fold));
        if (lost.Count == 0)
            return true;
        table.Lost.UnionWith(lost);
        FailedAt = table;
        return false;
    }
}
