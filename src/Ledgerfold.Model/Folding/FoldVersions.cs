using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Ledgerfold.Model.Folding;

/// <summary>
/// Which rows of each projection its readers see, kept in the fold store itself: <c>name@version</c>, and behind a space those they saw
/// before. Where nobody chose: the lowest version that has rows, so that a new one is built unseen; where none has rows, the lowest there
/// is.
/// </summary>
internal sealed class FoldVersions(IFoldStore store)
{
    private const int TriesMax = 10;
    private static readonly FoldName Fold = new("$projections");

    /// <summary>What somebody chose; null where nobody did, or that is lost.</summary>
    public async ValueTask<FoldChoice?> Read(string name, ImmutableArray<FoldName> standing, CancellationToken cancel)
    {
        if (!standing.Contains(Fold))
            return null;
        try
        {
            var row = await store.Get(Fold, RowKeys.EngineTenant, name, cancel);
            return row is null ? null : Parse(name, Encoding.UTF8.GetString(row.Data.Span));
        }
        catch (FoldsDamagedException)
        {
            await store.Drop(Fold, cancel);
            return null;
        }
    }

    /// <summary>What readers see where nobody chose.</summary>
    public static FoldName Unchosen(IEnumerable<FoldName> kept, string name, IEnumerable<FoldName> standing)
    {
        var own = kept.Where(fold => fold.Name == name).OrderBy(static fold => fold.Version).ToArray();
        return own.Where(standing.Contains).Append(own[0]).First();
    }

    /// <summary>Keeps a choice.</summary>
    /// <exception cref="IOException">The store takes no writes now.</exception>
    public async ValueTask Write(string name, FoldChoice choice, CancellationToken cancel)
    {
        for (var tries = 1; ; tries++)
        {
            var position = await store.ReadPosition(Fold, cancel);
            var row = new FoldRow
            {
                Tenant = RowKeys.EngineTenant,
                Key = name,
                Data = Encoding.UTF8.GetBytes(choice.Former is { } former ? $"{choice.Fold} {former}" : $"{choice.Fold}"),
            };
            var batch = new FoldBatch { Fold = Fold, Expected = position, Position = position + 1, Rows = [row] };
            var outcome = await store.Write(batch, cancel);
            if (outcome is FoldOutcome.Written)
                return;
            if (outcome is not FoldOutcome.FoldMoved || tries == TriesMax)
                throw new IOException($"The fold store did not take the choice of {choice.Fold}: {outcome}");
        }
    }

    private static FoldChoice? Parse(string name, string text)
    {
        if (int.TryParse(text, CultureInfo.InvariantCulture, out var version))
            return new FoldChoice(new FoldName(name, version), null); // as it was written before rows could be kept twice
        var folds = text.Split(' ').Select(ParseFold).ToArray();
        return folds is [{ } chosen, ..] ? new FoldChoice(chosen, folds.ElementAtOrDefault(1)) : null;
    }

    private static FoldName? ParseFold(string text)
    {
        var at = text.LastIndexOf('@');
        return at > 0 && int.TryParse(text[(at + 1)..], CultureInfo.InvariantCulture, out var version)
            ? new FoldName(text[..at], version)
            : null;
    }
}
