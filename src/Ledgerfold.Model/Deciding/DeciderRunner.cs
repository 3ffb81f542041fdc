using Ledgerfold.Model.Commanding;

namespace Ledgerfold.Model.Deciding;

/// <summary>
/// Carries out the commands of one decider. Those that wait for the same stream are decided in their order and written as one append;
/// streams do not wait for each other. When others were faster, everything is decided again on what they left.
/// </summary>
internal sealed class DeciderRunner<TState>(CommandEngine engine, StateLoader<TState> states)
{
    public async Task<CommandAnswer> Run(DecidedCommand<TState> command, string id, CancellationToken cancel)
    {
        var pending = command.Pending;
        var key = new StreamKey(pending.Tenant, states.Decider.StreamOf(id));
        if (string.IsNullOrEmpty(id) || !Limits.IsStream(key.Stream))
            return new CommandAnswer.Invalid("stream", "an id of 1 to 500 bytes of UTF-8 without control characters and slashes");
        if (pending.Remembered && await engine.Answers.Find(pending, cancel) is { } stored)
            return stored;
        var waiter = new KeyWaiter(command);
        if (!engine.Turns.TryEnter(key, waiter))
            return new CommandAnswer.Overloaded($"{engine.Options.WaitingMax} commands wait for {key.Stream}");
        using var givenUp = cancel.UnsafeRegister(static (waits, cancelled) => ((KeyWaiter)waits!).GiveUp(cancelled), waiter);
        if (await waiter.Told)
            await Lead(key, waiter);
        return waiter.Take();
    }

    // From here on nobody gives up: what is decided for others as well is not one caller's to cancel.
    private async Task Lead(StreamKey key, KeyWaiter leader)
    {
        List<KeyWaiter> waiters = [leader];
        try
        {
            engine.Turns.TakeAlong(key, waiters, engine.Options.TogetherMax);
            var together = int.MaxValue;
            for (var attempt = 1; waiters.Count > 0; attempt++)
            {
                if (attempt > 1)
                    await PrepareAgain(waiters, attempt);
                if (waiters.Count == 0)
                    break;
                var loaded = await states.Load(key, fresh: attempt > 1, CancellationToken.None);
                if (loaded.Problem is { } problem)
                {
                    Complete(waiters, problem.AsAnswer(key.Stream));
                    break;
                }

                var draft = Draft(key, loaded.Kept, waiters, together);
#if ZOO
                if (Zoo.Bug("model-state-kept-before-the-append"))
                {
                    var head = await engine.Ledger.ReadRange();
                    states.Keep(key, draft.After(new AppendOutcome.Appended(head.Head + 1, head.Head + draft.Count, [], Repeated: false)));
                }
#endif
                if (draft.Count > 0 && !await Settle(key, draft, await engine.Ledger.Append(draft.Request)))
                    (together, attempt) = (1, 0); // one of them is at fault: alone each gets its own answer
                else if (draft.IsAnyAnswered)
                    attempt = 0; // the others begin anew
                waiters.RemoveAll(static one => one.IsAnswered);
            }
        }
        catch (Exception failure)
        {
            foreach (var waiter in waiters.Where(static one => !one.IsAnswered))
                waiter.Fail(failure);
        }
        finally
        {
            engine.Turns.Leave(key);
        }
    }

    /// <summary>Before a further try: waits, and lets go of those that need none.</summary>
    private async Task PrepareAgain(List<KeyWaiter> waiters, int attempt)
    {
        if (attempt > engine.TriesMax)
        {
            Complete(waiters, new CommandAnswer.Conflict(engine.TriesMax));
        }
        else
        {
            await engine.WaitBefore(attempt, CancellationToken.None);
            await AnswerStored(waiters);
        }

        waiters.RemoveAll(static one => one.IsAnswered);
    }

    private async Task AnswerStored(IEnumerable<KeyWaiter> waiters)
    {
        foreach (var waiter in waiters.Where(static one => !one.IsAnswered))
        {
            if (await engine.Answers.Find(CommandOf(waiter).Pending, CancellationToken.None) is { } stored)
                waiter.Complete(stored);
        }
    }

    private BatchDraft<TState> Draft(StreamKey key, Kept<TState> from, List<KeyWaiter> waiters, int together)
    {
        var draft = new BatchDraft<TState>(states.Decider, key, from);
        foreach (var waiter in waiters)
        {
            if (waiter.IsAnswered)
                continue;
            try
            {
                if (draft.Count == together || !draft.TryAdd(waiter, CommandOf(waiter)))
                    break;
            }
            catch (Exception failure)
            {
                waiter.Fail(failure); // its own decision's failure, and nobody else's
            }
        }

        return draft;
    }

    /// <summary>Answers after the append whom it can; false where a rule was broken by one of several.</summary>
    private ValueTask<bool> Settle(StreamKey key, BatchDraft<TState> draft, AppendOutcome outcome)
    {
        if (outcome is not AppendOutcome.Appended { Repeated: false } appended)
            return SettleOther(key, draft, outcome);
        Telemetry.CommandsWrittenTogether.Record(draft.Count);
        draft.Answer(appended);
        states.Keep(key, draft.After(appended));
        return new(true);
    }


    private async ValueTask<bool> SettleOther(StreamKey key, BatchDraft<TState> draft, AppendOutcome outcome)
    {
        var isThere = outcome is AppendOutcome.Appended
            || (outcome is AppendOutcome.Indeterminate && draft.AnyEventId is { } id
                && await engine.IsThere(key.Tenant, id, CancellationToken.None));
        if (isThere)
        {
            await AnswerStored(draft.Waiters);
            return true;
        }

        if (CommandEngine.FinalAnswer(outcome) is not { } answer)
            return true;
        if (draft.Count > 1 && answer is CommandAnswer.Invalid or CommandAnswer.Rejected)
            return false;
        Complete(draft.Waiters, answer);
        return true;
    }

    private static void Complete(IEnumerable<KeyWaiter> waiters, CommandAnswer answer)
    {
        foreach (var waiter in waiters.Where(static one => !one.IsAnswered))
            waiter.Complete(answer);
    }

    private static DecidedCommand<TState> CommandOf(KeyWaiter waiter) => (DecidedCommand<TState>)waiter.Work!;
}
