namespace Ledgerfold.Model.Folding;

/// <summary>Something that went wrong with a fold as a whole.</summary>
/// <param name="Message">What.</param>
/// <param name="At">When.</param>
public sealed record FoldError(string Message, DateTimeOffset At)
{
    private const int LengthMax = 2_000; // a message goes into a row, and nobody reads further

    internal static string Say(Exception failure)
    {
        var text = $"{failure.GetType().Name}: {failure.Message}";
        return text.Length <= LengthMax ? text : text[..LengthMax] + "…";
    }
}

/// <summary>Another copy of the fold writes it: this one must not go on.</summary>
internal sealed class FoldMovedException(long? position)
    : Exception(
        $"Another copy of this fold {(position is null ? "took it over" : $"brought it to position {position}")}; this one stopped.")
{
    /// <summary>Where the other copy brought it, if that is how it showed.</summary>
    public long? Position { get; } = position;
}

/// <summary>The fold itself is broken; to try again would change nothing.</summary>
internal sealed class FoldBrokenException(string message) : Exception(message);

/// <summary>The fold store takes no writes now, or cannot say whether it took one.</summary>
internal sealed class FoldStoreBusyException(string message) : Exception(message);
