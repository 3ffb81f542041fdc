using System.Text;

namespace Ledgerfold.Testing.Conformance.Folds;

/// <summary>Batches and rows in words: equal words, equal things.</summary>
internal static class FoldsSpoken
{
    private const int DataShown = 24;

    public static string Of(FoldBatch batch) =>
        $"write {batch.Fold} {batch.Expected} > {batch.Position}: {string.Join("; ", batch.Rows.Select(Of))}"
        + $"; without {string.Join(", ", batch.Removed.Select(key => $"{key.Tenant}/{key.Key}"))}";

    public static string Of(FoldRow? row)
    {
        if (row is null)
            return "none";
        var data = row.Data.Length <= DataShown
            ? Encoding.UTF8.GetString(row.Data.Span)
            : $"{Encoding.UTF8.GetString(row.Data.Span[..DataShown])}… {row.Data.Length} {Hash(row.Data.Span):x}";
        var entries = row.Indexes.Select(entry => $"{entry.Index}={entry.Value}{(entry.Unique ? "!" : "")}");
        return $"{row.Tenant}/{row.Key} '{data}' {string.Join(' ', entries)}";
    }

    public static string Of(IEnumerable<FoldPage> pages) =>
        string.Join(" | ", pages.Select(page => $"@{page.Position} {string.Join("; ", page.Rows.Select(Of))}"));

    private static ulong Hash(ReadOnlySpan<byte> bytes)
    {
        var hash = 14695981039346656037;
        foreach (var one in bytes)
            hash = (hash ^ one) * 1099511628211;
        return hash;
    }
}
