using System.Threading.Tasks.Sources;
using Ledgerfold.Storage.Index;

namespace Ledgerfold.Storage.Writing;

/// <summary>
/// An append on its way through the writer, and the caller's wait for it. It is answered exactly once, by the writer, by cancellation, or
/// by its deadline, whoever comes first; its draft is given back by the writer alone.
/// </summary>
internal sealed class PendingAppend(AppendRequest request, AppendDraft draft, long weight)
    : IValueTaskSource<AppendOutcome>
{
    private const int Queued = 0;
    private const int Staged = 1;
    private const int Answered = 2;

    // any thread
    private ManualResetValueTaskSourceCore<AppendOutcome> _answer = new() { RunContinuationsAsynchronously = true };
    private int _phase = Queued;
    private CancellationTokenRegistration _cancellation;

    public AppendRequest Request { get; } = request;

    public AppendDraft Draft { get; } = draft;

    public Precheck Precheck => Draft.Precheck;

    public EncodedAppend Encoded => Draft.Encoded;

    /// <summary>What it counts against the queue.</summary>
    public long Weight { get; } = weight;

    public required TimeProvider Clock { get; init; }

    /// <summary>The clock's timestamp when it arrived.</summary>
    public required long Began { get; init; }

    /// <summary>The clock's timestamp after which nobody waits any more.</summary>
    public required long Deadline { get; init; }

    // writer only

    /// <summary>What the writer decided, told once the batch is durable.</summary>
    public AppendOutcome? Decision { get; set; }

    public ValueTask<AppendOutcome> Task => new(this, _answer.Version);

    /// <summary>Lets the token end the wait: without a trace while queued, as indeterminate afterwards.</summary>
    public void CancelBy(CancellationToken cancel)
    {
        if (cancel.CanBeCanceled)
        {
            _cancellation = cancel.UnsafeRegister(
                static (state, token) => ((PendingAppend)state!).GiveUp(new OperationCanceledException(token), "the caller cancelled"),
                this);
        }
    }

    /// <summary>Takes it into the batch; false when its caller has gone.</summary>
    public bool TryStage() => Interlocked.CompareExchange(ref _phase, Staged, Queued) == Queued;

    /// <summary>Answers the caller, if nobody did before.</summary>
    public void Answer(AppendOutcome outcome)
    {
        if (Interlocked.Exchange(ref _phase, Answered) == Answered)
            return;
        _cancellation.Dispose();
        _answer.SetResult(outcome);
    }

    /// <summary>Ends the wait with an exception, if nobody answered before.</summary>
    public void Fail(Exception failure)
    {
        if (Interlocked.Exchange(ref _phase, Answered) == Answered)
            return;
        _cancellation.Dispose();
        _answer.SetException(failure);
    }

    /// <summary>Ends the wait of a caller whose time is up.</summary>
    public void TimeOut()
    {
        _cancellation.Unregister();
        if (Interlocked.CompareExchange(ref _phase, Answered, Queued) == Queued)
            _answer.SetResult(new AppendOutcome.Overloaded("the writer did not come to it in time; nothing was staged"));
        else if (Interlocked.CompareExchange(ref _phase, Answered, Staged) == Staged)
            _answer.SetResult(new AppendOutcome.Indeterminate("the disk did not confirm it in time"));
    }

    /// <summary>Takes the answer: on the caller's thread, which so is the one that measures.</summary>
    AppendOutcome IValueTaskSource<AppendOutcome>.GetResult(short token)
    {
        var outcome = _answer.GetResult(token);
        Telemetry.Note(outcome, Clock, Began);
        return outcome;
    }

    ValueTaskSourceStatus IValueTaskSource<AppendOutcome>.GetStatus(short token) => _answer.GetStatus(token);

    void IValueTaskSource<AppendOutcome>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _answer.OnCompleted(continuation, state, token, flags);

    private void GiveUp(OperationCanceledException cancelled, string reason)
    {
        if (Interlocked.CompareExchange(ref _phase, Answered, Queued) == Queued)
            _answer.SetException(cancelled);
        else if (Interlocked.CompareExchange(ref _phase, Answered, Staged) == Staged)
            _answer.SetResult(new AppendOutcome.Indeterminate(reason));
    }
}
