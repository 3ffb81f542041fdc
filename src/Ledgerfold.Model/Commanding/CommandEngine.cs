using System.Collections.Concurrent;
using Ledgerfold.Model.Deciding;
using Ledgerfold.Model.Events;

namespace Ledgerfold.Model.Commanding;

/// <summary>What all commands of one <see cref="Commands"/> share.</summary>
internal sealed class CommandEngine(ILedger ledger, CommandsOptions options)
{
    private readonly ConcurrentDictionary<object, object> _loaders = [];
    private readonly ConcurrentDictionary<object, object> _runners = [];
    private readonly RetryPolicy _retries = new(options.TriesMax);

    public ILedger Ledger => ledger;

    public CommandsOptions Options => options;

    public int TriesMax => _retries.TriesMax;

    public KeyTurns Turns { get; } = new(options.WaitingMax);

    public StoredAnswers Answers { get; } = new(ledger);

    public HotStates Hot { get; } = new(options.HotStatesMax);

    public SnapshotStore? Snapshots { get; } = options.Folds is { } folds ? new SnapshotStore(folds, ledger) : null;

    public StateLoader<TState> LoaderOf<TState>(Decider<TState> decider, EventCodec codec) =>
        (StateLoader<TState>)_loaders.GetOrAdd(
            decider, _ => new StateLoader<TState>(decider, codec, ledger, Hot, Snapshots, options.Clock));

    public DeciderRunner<TState> RunnerOf<TState>(Decider<TState> decider, EventCodec codec) =>
        (DeciderRunner<TState>)_runners.GetOrAdd(decider, _ => new DeciderRunner<TState>(this, LoaderOf(decider, codec)));

    /// <summary>Waits before a try; the first is 1.</summary>
    public async ValueTask WaitBefore(int attempt, CancellationToken cancel)
    {
        Telemetry.CommandRetries.Add(1);
        var wait = RetryPolicy.WaitBefore(attempt, options.Chance);
        if (wait > TimeSpan.Zero)
            await Task.Delay(wait, options.Clock, cancel);
    }

    /// <summary>Whether an append in doubt stands in the ledger after all; where that cannot be found out, it stays in doubt.</summary>
    public async ValueTask<bool> IsThere(string tenant, Guid id, CancellationToken cancel)
    {
        try
        {
            return await Ledger.ReadById(tenant, id, cancel) is not null;
        }
        catch (Exception failure) when (failure is IOException or ObjectDisposedException or LedgerDamagedException)
        {
            return false;
        }
    }

    /// <summary>The answer that an outcome means for a command alone; null where it is to be decided again.</summary>
    public static CommandAnswer? FinalAnswer(AppendOutcome outcome) => outcome switch
    {
        AppendOutcome.WrongVersion or AppendOutcome.ConditionFailed => null,
        // Somebody used an id of the command: a copy of it was faster, or the stored answer will tell.
        AppendOutcome.IdConflict or AppendOutcome.MixedRepeat or AppendOutcome.Erased => null,
        AppendOutcome.StreamClosed closed => new CommandAnswer.Rejected(
            "STREAM_CLOSED", null, $"{closed.Stream} takes no more events.", Repeated: false),
        AppendOutcome.Refused refused => new CommandAnswer.Invalid(refused.Field, refused.Rule),
        AppendOutcome.ReadOnly readOnly => new CommandAnswer.ReadOnly(readOnly.Reason),
        AppendOutcome.Overloaded overloaded => new CommandAnswer.Overloaded(overloaded.Reason),
        AppendOutcome.Indeterminate doubt => new CommandAnswer.Indeterminate(doubt.Reason),
        _ => throw new InvalidOperationException($"The ledger answered a command's append with {outcome.Code}."),
    };
}
