using System.Buffers.Binary;
using Ledgerfold.Storage.Index;

namespace Ledgerfold.Storage.Folds;

/// <summary>
/// Decides what waits, one after the other, and puts the entries of what is taken into one frame. It reads only what is published, so a
/// fold with indexes is changed once in a commit: what its next batch must see is not there before. Writer only.
/// </summary>
internal sealed class CommitPlan(CommitBuffer buffer, IReadOnlyDictionary<uint, string> condemned)
{
    private readonly HashSet<FoldName> _settled = [];
    private readonly byte[] _page = new byte[RunFormat.PageBytes];
    private FoldState _state = null!;
#if ZOO
    private readonly List<(byte[] Key, byte[] Value)> _late = [];
#endif

    /// <summary>The folds as they stand after what was taken.</summary>
    public FoldDirectory Folds { get; private set; } = FoldDirectory.Empty;

    public void Begin(FoldState state)
    {
        _state = state;
        Folds = state.Folds;
        _settled.Clear();
        buffer.Clear();
#if ZOO
        foreach (var (key, value) in _late)
            buffer.Put(key, value);
        _late.Clear();
#endif
    }

    /// <summary>Decides one; false when it must wait for the next commit.</summary>
    /// <exception cref="IOException">What it replaces cannot be read; nothing of it was taken.</exception>
    /// <exception cref="FoldsDamagedException">Entries of the fold are lost; nothing of it was taken.</exception>
    public bool TryDecide(PendingFold pending)
    {
        if (_settled.Contains(pending.Fold))
            return false;
        var before = (buffer.Length, Folds);
        try
        {
            return pending.Batch is { } batch ? TryDecide(pending, batch) : DecideDrop(pending);
        }
        catch
        {
            buffer.CutTo(before.Length);
            Folds = before.Folds;
            throw;
        }
    }

    private bool DecideDrop(PendingFold pending)
    {
        pending.Decision = new FoldOutcome.Written();
        if (Folds.Find(pending.Fold) is null)
            return true;
#if ZOO
        if (!Zoo.Bug("fold-dropped-fold-returns"))
#endif
        buffer.Remove(FoldKeys.OfFold(pending.Fold));
        Folds = Folds.Without(pending.Fold);
        _settled.Add(pending.Fold);
        return true;
    }

    private bool TryDecide(PendingFold pending, FoldBatch batch)
    {
        var stands = Folds.Find(batch.Fold);
        if (stands is not null && condemned.TryGetValue(stands.Number, out var why))
            throw Damage.Condemned(batch.Fold, why);
        var hasIndexes = pending.Rows.HasIndexes || stands is { HasIndexes: true };
        if (hasIndexes && stands is not null && !ReferenceEquals(stands, _state.Folds.Find(batch.Fold)))
            return false;
        if ((stands?.Position ?? 0) != batch.Expected)
        {
            pending.Decision = new FoldOutcome.FoldMoved(stands?.Position ?? 0);
            return true;
        }

        pending.Decision = new FoldOutcome.Written();
        if (batch.Position == 0)
            return true;
        var entry = new FoldEntry(
            stands?.Number ?? Folds.Next,
            batch.Position,
            hasIndexes,
            (UniqueValues)Math.Max((int)pending.Rows.Unique, (int)(stands?.Unique ?? UniqueValues.None)));
        if (hasIndexes)
        {
            var indexes = new IndexChanges(_state, entry, isNew: stands is null, batch, _page);
            if (indexes.FindConflict() is { } conflict)
            {
                pending.Decision = conflict;
                return true;
            }

            indexes.AddTo(buffer);
            _settled.Add(batch.Fold);
        }

        if (stands is null)
        {
            var next = new byte[sizeof(uint)];
            BinaryPrimitives.WriteUInt32LittleEndian(next, entry.Number + 1);
            buffer.Put([FoldKeys.NextNumber], next);
        }

#if ZOO
        if (Zoo.Bug("fold-position-apart-from-rows"))
            _late.Add((FoldKeys.OfFold(batch.Fold), FoldKeys.CatalogueValue(entry)));
        else
#endif
        buffer.Put(FoldKeys.OfFold(batch.Fold), FoldKeys.CatalogueValue(entry));
        buffer.Add(pending.Rows, entry.Number);
        Folds = Folds.With(batch.Fold, entry);
        return true;
    }
}
