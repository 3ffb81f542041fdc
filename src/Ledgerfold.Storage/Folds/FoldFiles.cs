using Ledgerfold.Seams;

namespace Ledgerfold.Storage.Folds;

/// <summary>Which entries of a directory belong to a fold store.</summary>
internal static class FoldFiles
{
    private const int NonceDigits = 16;

    public static bool IsOurs(string name) =>
        IsClaim(name) || FoldClaim.IsTemporary(name) || FoldManifest.TryParseName(name, out _)
        || IsNamed(name, "table-") || IsNamed(name, "log-");

    public static bool IsClaim(string name) => FoldClaim.TryParseName(name, out _);

    /// <summary>Deletes them all.</summary>
    public static void DeleteAll(IDisk disk)
    {
        foreach (var name in disk.List().Where(IsOurs).Order())
            disk.Delete(name);
        disk.SyncDirectory();
    }

    private static bool IsNamed(string name, string prefix) =>
        name.Length == prefix.Length + NonceDigits
        && name.StartsWith(prefix, StringComparison.Ordinal)
        && name.AsSpan(prefix.Length).IndexOfAnyExceptInRange('0', 'f') < 0;
}
