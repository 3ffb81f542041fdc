namespace Ledgerfold.Storage.Format;

/// <summary>Why a directory cannot be opened: one place for codes and words.</summary>
internal static class Unavailable
{
    public static LedgerUnavailableException NewerFormat(string what, int format) =>
        new("newer-format", $"The {what} has format {format}, and this program knows up to {BatchFormat.Format}: use a newer one.");

    public static LedgerUnavailableException NotALedger(string location) =>
        new("not-a-ledger", $"There is no ledger in {location}: create one first.");

    public static LedgerUnavailableException NotEmpty(string location) =>
        new("not-empty", $"{location} is not empty: a ledger is created in a directory of its own.");

    public static LedgerUnavailableException Locked(string location) =>
        new("locked", $"Another process writes to the ledger in {location}.");

    public static LedgerUnavailableException Damaged(string what) => new("damaged", what);
}
