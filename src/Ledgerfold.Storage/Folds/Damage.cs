namespace Ledgerfold.Storage.Folds;

/// <summary>Why a fold store cannot be read or opened: one place for codes and words.</summary>
internal static class Damage
{
    private const string Remedy = "drop what it holds, or reset the store, and compute it again from the ledger";

    public static FoldsDamagedException Of(string file, string what) => new($"{file} {what}: {Remedy}.");

    public static FoldsDamagedException Condemned(FoldName fold, string why) =>
        new($"{fold} takes no batch until it is dropped, because entries of it are lost: {why}");

    public static LedgerUnavailableException NewerFormat(string file, int format) =>
        new("newer-format", $"{file} has format {format}, and this program knows up to 1: use a newer one, or reset the fold store.");

    public static LedgerUnavailableException Locked(string location) =>
        new("locked", $"Another process writes to the fold store in {location}.");

    public static LedgerUnavailableException NotEmpty(string location) =>
        new("not-empty", $"{location} holds something else: a fold store lives in a directory of its own.");
}
