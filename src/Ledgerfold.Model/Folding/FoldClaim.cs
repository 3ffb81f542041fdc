using System.Collections.Immutable;
using Ledgerfold.Seams;

namespace Ledgerfold.Model.Folding;

/// <summary>
/// Makes sure that only one copy of a fold writes. The position alone fences a copy off only when it moves, and rows change also while it
/// stands still: when a held key is released. So every batch carries a row of its writer's own under a value that must be unique; who
/// begins takes the row of the one before away, and that one's next batch is refused.
/// </summary>
internal sealed class FoldClaim(FoldName fold, IFoldStore store)
{
    private const int TriesMax = 10;
    private const string Index = "owner";
    private const string Value = "1";
    private const string Prefix = "o:";

    private bool _isTaken;

    /// <summary>What goes into every batch.</summary>
    public FoldRow Row { get; private set; } = RowOf("");

    /// <summary>Takes the fold over, and answers where it stands. One that stands nowhere is taken by its first batch.</summary>
    /// <exception cref="FoldStoreBusyException">The store takes no writes now.</exception>
    public async ValueTask<long> Take(IChance chance, CancellationToken cancel)
    {
        _isTaken = false;
        var name = new byte[16];
        chance.Fill(name);
        Row = RowOf(Convert.ToHexStringLower(name));
        for (var tries = 1; ; tries++)
        {
            var position = await store.ReadPosition(fold, cancel);
            if (position == 0)
            {
                _isTaken = true;
                return 0;
            }

            var batch = new FoldBatch
            {
                Fold = fold,
                Expected = position,
                Position = position,
                Rows = [Row],
                Removed = await ReadFormer(cancel),
            };
            var outcome = await store.Write(batch, cancel);
            if (outcome is FoldOutcome.Written)
            {
                _isTaken = true;
                return position;
            }

            if (outcome is not (FoldOutcome.FoldMoved or FoldOutcome.NotUnique) || tries == TriesMax)
                throw new FoldStoreBusyException($"The fold cannot be taken over: {outcome}");
        }
    }

    /// <summary>
    /// Whether nobody has taken it over since, as far as that can be read; who is about to take it over himself may do with it as he likes.
    /// </summary>
    public async ValueTask<bool> IsMine(CancellationToken cancel)
    {
        try
        {
            return !_isTaken || (await ReadFormer(cancel)).All(former => former.Key == Row.Key);
        }
        catch (FoldsDamagedException)
        {
            return true;
        }
    }

    /// <summary>Whether a batch was refused because another copy has taken over.</summary>
    public bool IsLost(FoldOutcome outcome) =>
        outcome is FoldOutcome.NotUnique taken && taken.Tenant == RowKeys.EngineTenant && taken.Key == Row.Key;

    private async ValueTask<ImmutableArray<FoldKey>> ReadFormer(CancellationToken cancel)
    {
        var request = new FoldRead { Fold = fold, Tenant = RowKeys.EngineTenant, Index = Index };
        return [.. (await store.Read(request, cancel)).Rows.Select(static row => new FoldKey(row.Tenant, row.Key))];
    }

    private static FoldRow RowOf(string name) => new()
    {
        Tenant = RowKeys.EngineTenant,
        Key = Prefix + name,
        Data = "{}"u8.ToArray(),
#if ZOO
        Indexes = Zoo.Bug("model-checkpoint-without-fence") ? [] : [new FoldIndexEntry(Index, Value, Unique: true)],
#else
        Indexes = [new FoldIndexEntry(Index, Value, Unique: true)],
#endif
    };
}
