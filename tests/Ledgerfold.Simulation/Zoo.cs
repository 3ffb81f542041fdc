namespace Ledgerfold;

/// <summary>
/// The switch of the deliberate bugs, which stand in the sources of the engine and the model behind <c>#if ZOO</c>: at most one at a
/// time, for the runs of one thread.
/// </summary>
internal static class Zoo
{
    [ThreadStatic]
    private static string? s_released;

    /// <summary>Whether this bug is on the loose.</summary>
    public static bool Bug(string name) => s_released is not null && s_released == name;

    /// <summary>Lets a bug loose on this thread, or none.</summary>
    public static void Release(string? name) => s_released = name;
}
