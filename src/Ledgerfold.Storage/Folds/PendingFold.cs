using System.Threading.Tasks.Sources;

namespace Ledgerfold.Storage.Folds;

/// <summary>
/// A batch, or the drop of a fold, on its way through the writer, and the caller's wait for it. It is answered exactly once, by the writer
/// or by cancellation, whoever comes first; its buffer is released by the writer alone.
/// </summary>
internal sealed class PendingFold(FoldName fold, FoldBatch? batch, EncodedRows rows, long weight) : IValueTaskSource<FoldOutcome>
{
    private const int Queued = 0;
    private const int Staged = 1;
    private const int Answered = 2;

    // any thread
    private ManualResetValueTaskSourceCore<FoldOutcome> _answer = new() { RunContinuationsAsynchronously = true };
    private int _phase = Queued;
    private CancellationTokenRegistration _cancellation;

    public FoldName Fold { get; } = fold;

    /// <summary>What to write; null to drop the fold.</summary>
    public FoldBatch? Batch { get; } = batch;

    public EncodedRows Rows { get; } = rows;

    /// <summary>What it counts against the queue.</summary>
    public long Weight { get; } = weight;

    public ValueTask<FoldOutcome> Task => new(this, _answer.Version);

    // writer only

    /// <summary>What the writer decided, told once the commit is durable.</summary>
    public FoldOutcome? Decision { get; set; }

    /// <summary>Lets the token end the wait: without a trace while queued, as indeterminate afterwards.</summary>
    public void CancelBy(CancellationToken cancel)
    {
        if (cancel.CanBeCanceled)
            _cancellation = cancel.UnsafeRegister(static (state, token) => ((PendingFold)state!).GiveUp(token), this);
    }

    /// <summary>Takes it into the commit; false when its caller has gone.</summary>
    public bool TryStage() => Interlocked.CompareExchange(ref _phase, Staged, Queued) == Queued;

    /// <summary>Puts it back among those that wait.</summary>
    public void Unstage() => Interlocked.CompareExchange(ref _phase, Queued, Staged);

    public void Answer(FoldOutcome outcome)
    {
        if (Interlocked.Exchange(ref _phase, Answered) == Answered)
            return;
        _cancellation.Dispose();
        _answer.SetResult(outcome);
    }

    public void Fail(Exception failure)
    {
        if (Interlocked.Exchange(ref _phase, Answered) == Answered)
            return;
        _cancellation.Dispose();
        _answer.SetException(failure);
    }

    FoldOutcome IValueTaskSource<FoldOutcome>.GetResult(short token) => _answer.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<FoldOutcome>.GetStatus(short token) => _answer.GetStatus(token);

    void IValueTaskSource<FoldOutcome>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _answer.OnCompleted(continuation, state, token, flags);

    private void GiveUp(CancellationToken token)
    {
        if (Interlocked.CompareExchange(ref _phase, Answered, Queued) == Queued)
            _answer.SetException(new OperationCanceledException(token));
        else if (Interlocked.CompareExchange(ref _phase, Answered, Staged) == Staged)
            _answer.SetResult(new FoldOutcome.Indeterminate("the caller cancelled"));
    }
}
