namespace Ledgerfold.Storage.Folds;

/// <summary>What stands at a key in one source: a value, or the mark that it was removed and nothing older counts.</summary>
internal readonly ref struct Found(ReadOnlySpan<byte> value, bool isRemoval)
{
    public ReadOnlySpan<byte> Value { get; } = value;

    public bool IsRemoval { get; } = isRemoval;
}
