using Ledgerfold.Cli.Terminal;

namespace Ledgerfold.Cli;

/// <summary>The verb cannot go on, for a reason that is told to the user as it stands.</summary>
internal sealed class VerbFailedException(int exitCode, string message) : Exception(message)
{
    public int ExitCode { get; } = exitCode;
}

/// <summary>
/// What an exception means for the user: a message and an exit code. What is not named here is a bug, and shows its trace.
/// </summary>
internal static class Failure
{
    private const int PermissionDenied = 13; // EACCES

    public static int? ExitCodeOf(Exception failure) => failure switch
    {
        VerbFailedException failed => failed.ExitCode,
        LedgerUnavailableException unavailable => ExitCodeOf(unavailable.Code),
        LedgerDamagedException => ExitCode.CheckFailed,
        LedgerTruncatedException => ExitCode.NotFound,
        DirectoryNotFoundException => ExitCode.NotFound,
        OperationCanceledException => ExitCode.Interrupted,
        OutputClosedException => ExitCode.Ok,
        UnauthorizedAccessException or IOException { HResult: PermissionDenied } => ExitCode.NotAllowed,
        IOException => ExitCode.Failed,
        _ => null,
    };

    public static string? MessageOf(Exception failure) => failure switch
    {
        LedgerUnavailableException unavailable => $"{unavailable.Code}: {unavailable.Message}",
        LedgerDamagedException => $"damaged: {failure.Message}",
        LedgerTruncatedException => $"truncated: {failure.Message}",
        DirectoryNotFoundException => $"not-a-ledger: {failure.Message}",
        OperationCanceledException or OutputClosedException => null, // whoever did it knows
        _ => failure.Message,
    };

    private static int ExitCodeOf(string code) => code switch
    {
        "not-a-ledger" => ExitCode.NotFound,
        "locked" or "not-empty" => ExitCode.Conflict,
        "damaged" => ExitCode.CheckFailed,
        _ => ExitCode.Failed,
    };
}
