using System.Globalization;
using System.Text;

namespace Ledgerfold.Model.Folding;

/// <summary>
/// Which version of each projection its readers see, kept in the fold store itself. Where nobody chose: the lowest version that has rows,
/// so that a new one is built unseen; where none has rows, the lowest there is.
/// </summary>
internal sealed class FoldVersions(IFoldStore store)
{
    private const int TriesMax = 10;
    private static readonly FoldName Fold = new("$projections");

    /// <summary>The active version among these.</summary>
    public async ValueTask<int> Read(string name, IReadOnlyCollection<int> versions, CancellationToken cancel)
    {
        if (versions.Count == 1)
            return versions.First();
        var row = await store.Get(Fold, RowKeys.EngineTenant, name, cancel);
        if (row is not null && int.TryParse(Encoding.UTF8.GetString(row.Data.Span), CultureInfo.InvariantCulture, out var chosen)
            && versions.Contains(chosen))
            return chosen;
        var standing = (await store.List(cancel)).Where(fold => fold.Name == name).Select(static fold => fold.Version).ToHashSet();
        return versions.Where(standing.Contains).DefaultIfEmpty(versions.Min()).Min();
    }

    /// <summary>Chooses a version.</summary>
    /// <exception cref="IOException">The store takes no writes now.</exception>
    public async ValueTask Write(string name, int version, CancellationToken cancel)
    {
        for (var tries = 1; ; tries++)
        {
            var position = await store.ReadPosition(Fold, cancel);
            var row = new FoldRow
            {
                Tenant = RowKeys.EngineTenant,
                Key = name,
                Data = Encoding.UTF8.GetBytes(version.ToString(CultureInfo.InvariantCulture)),
            };
            var batch = new FoldBatch { Fold = Fold, Expected = position, Position = position + 1, Rows = [row] };
            var outcome = await store.Write(batch, cancel);
            if (outcome is FoldOutcome.Written)
                return;
            if (outcome is not FoldOutcome.FoldMoved || tries == TriesMax)
                throw new IOException($"The fold store did not take the choice of {name} version {version}: {outcome}");
        }
    }
}
