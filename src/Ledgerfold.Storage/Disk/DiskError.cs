using System.Runtime.InteropServices;
using Ledgerfold.Seams;

namespace Ledgerfold.Storage.Disk;

/// <summary>What a failed system call means to the engine.</summary>
internal static class DiskError
{
    public const int NoEntry = 2;
    public const int Interrupted = 4;
    public const int WouldBlock = 11;
    public const int AccessDenied = 13;
    public const int EntryExists = 17;
    public const int NotDirectory = 20;
    public const int NoSpace = 28;
    public const int OverQuota = 122;

    public static int Last => Marshal.GetLastPInvokeError();

    public static bool WasInterrupted => Last == Interrupted;

    /// <summary>The exception for a call that failed, where running out of space is an answer and not a broken disk.</summary>
    public static IOException From(int error, string call, string what) =>
        error is NoSpace or OverQuota ? new DiskFullException(Describe(error, call, what)) : Broken(error, call, what);

    /// <summary>The exception for a call after which the disk cannot be trusted, whatever the reason.</summary>
    public static IOException Broken(int error, string call, string what) => new(Describe(error, call, what), error);

    private static string Describe(int error, string call, string what) =>
        $"{call} of {what} failed: {Marshal.GetPInvokeErrorMessage(error)} (errno {error})";
}
