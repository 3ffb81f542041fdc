namespace Ledgerfold.Storage.Folds;

/// <summary>
/// Walks entries in the order of their keys, upward or downward. What it shows stays valid until it moves. One thread.
/// </summary>
internal abstract class EntryCursor
{
    public abstract ReadOnlySpan<byte> Key { get; }

    public abstract bool IsRemoval { get; }

    /// <summary>The value, read in full; empty for a removal.</summary>
    public abstract ReadOnlySpan<byte> Value { get; }

    /// <summary>
    /// Upward: goes to the first key that is not below the bound. Downward: to the last one below it. False if there is none.
    /// </summary>
    public abstract bool Seek(ReadOnlySpan<byte> bound);

    /// <summary>Goes on to the next key in its direction; false at the end.</summary>
    public abstract bool MoveNext();
}
