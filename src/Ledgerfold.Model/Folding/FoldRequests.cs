namespace Ledgerfold.Model.Folding;

/// <summary>What others ask of the loop of a fold, until it takes it up between two pages. Any thread.</summary>
internal sealed class FoldRequests(Signal wake)
{
    private readonly Lock _lock = new();
    private readonly Queue<FoldRequest> _waiting = new();
    private bool _isOpen;

    /// <summary>From now on somebody takes them up.</summary>
    public void Open()
    {
        lock (_lock)
            _isOpen = true;
    }

    /// <summary>The answer of the loop; false at once when there is none.</summary>
    public async Task<bool> Ask(FoldRequest request)
    {
        lock (_lock)
        {
            if (!_isOpen)
                return false;
            _waiting.Enqueue(request);
        }

        wake.Set();
        return await request.Answer.Task; // awaited here, so that the asker goes on where its scheduler says
    }

    public FoldRequest? Take()
    {
        lock (_lock)
            return _waiting.TryDequeue(out var request) ? request : null;
    }

    /// <summary>Nobody takes them up any more.</summary>
    public void Close()
    {
        lock (_lock)
            _isOpen = false;
        while (Take() is { } request)
            request.Answer.TrySetResult(false);
    }
}

/// <summary>Asks a fold to try again what it holds; with a position, to leave out the event that stands there first.</summary>
internal sealed record FoldRequest(HeldName Name, long? Position = null, string? Reason = null)
{
    public TaskCompletionSource<bool> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
