namespace Ledgerfold.Cli;

/// <summary>How the program ends, the same for every verb.</summary>
internal static class ExitCode
{
    public const int Ok = 0;
    public const int Failed = 1;
    public const int Usage = 2;
    public const int NotFound = 3;
    public const int NotAllowed = 4;
    public const int Conflict = 5;
    public const int CheckFailed = 6;
    public const int Unreachable = 7;
    public const int Interrupted = 130;
}
