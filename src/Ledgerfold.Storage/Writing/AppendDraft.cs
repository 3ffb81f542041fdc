namespace Ledgerfold.Storage.Writing;

/// <summary>
/// An append as far as its caller's thread takes it: its records as bytes, and what the sealed part of the ledger says of it. Drafts are
/// used again with their arrays, because an append of one event would otherwise spend more on memory than on its bytes.
/// </summary>
internal sealed class AppendDraft
{
    public EncodedAppend Encoded { get; } = new();

    public Precheck Precheck { get; } = new();
}

/// <summary>
/// The drafts that nobody works on: small ones for most appends, and a few that grew large. One per engine; any thread.
/// </summary>
internal sealed class AppendDrafts
{
    private const long SmallBytes = 16 * 1024;
    private const long KeptBytesMax = 4 * 1024 * 1024;
    private const int SmallMax = 256;
    private const int LargeMax = 8;

    private readonly Lock _lock = new();

    // under the lock
    private readonly Stack<AppendDraft> _small = new(SmallMax);
    private readonly Stack<AppendDraft> _large = new(LargeMax);

    /// <summary>A draft to fill with an append of so many bytes.</summary>
    public AppendDraft Take(long bytesMax)
    {
        lock (_lock)
            return (bytesMax <= SmallBytes ? _small : _large).TryPop(out var draft) ? draft : new AppendDraft();
    }

    /// <summary>Takes a draft back whose append is answered, or was never queued.</summary>
    public void Return(AppendDraft draft)
    {
        lock (_lock)
            Keep(draft);
    }

    /// <summary>Takes the drafts of a batch back.</summary>
    public void Return(List<PendingAppend> answered)
    {
        lock (_lock)
        {
            foreach (var pending in answered)
                Keep(pending.Draft);
        }
    }

    private void Keep(AppendDraft draft)
    {
        var bytes = draft.Encoded.Capacity;
        var (kept, max) = bytes <= SmallBytes ? (_small, SmallMax) : (_large, LargeMax);
        if (bytes <= KeptBytesMax && kept.Count < max)
            kept.Push(draft);
    }
}
