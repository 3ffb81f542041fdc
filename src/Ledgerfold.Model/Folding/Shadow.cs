namespace Ledgerfold.Model.Folding;

/// <summary>
/// How the rows of a projection are named that is kept a second time, beside the first: both names belong to the same code.
/// </summary>
internal static class Shadow
{
    private const string Prefix = "$shadow-";

    /// <summary>The other one of the two names.</summary>
    public static FoldName Beside(FoldName fold) =>
        fold with { Name = fold.Name.StartsWith(Prefix, StringComparison.Ordinal) ? NameOf(fold) : Prefix + fold.Name };

    /// <summary>The name of the projection.</summary>
    public static string NameOf(FoldName fold) =>
        fold.Name.StartsWith(Prefix, StringComparison.Ordinal) ? fold.Name[Prefix.Length..] : fold.Name;
}

/// <summary>Which rows of a projection its readers see, and which they saw before.</summary>
internal sealed record FoldChoice(FoldName Fold, FoldName? Former);
