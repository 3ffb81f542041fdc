using System.Collections.Immutable;

namespace Ledgerfold.Model.Processing;

/// <summary>
/// One input taken up by one instance: what becomes of steps, timers and the instance as a whole, and which code of the process is told.
/// </summary>
internal sealed class Taking(ProcessFold fold, InstanceDraft draft, Input input)
{
    private readonly Reactions _reactions = new(draft, input.Recorded.Tenant, input.Fact is ProcessEvent ? null : input.Recorded);
    private Process _process = fold.Newest;

    public Advance? Run(string key)
    {
        _process = fold.DefinitionOf(draft, _reactions);
        switch (input.Fact)
        {
            case ProcessEvent.StepAnswered answered:
                if (Find(answered.Serial) is not { Status: StepStatus.Open or StepStatus.Overdue or StepStatus.Failed } step)
                    return fold.Missed(key, input, "settled");
                Answer(step, answered.Outcome);
                break;
            case ProcessEvent.TimerFired fired:
                // else it was moved, taken away or is of a former run
                if (draft.Now.Timers.FirstOrDefault(one => one.Serial == fired.Serial) is { } timer)
                    Fire(timer);
                else if (draft.Out.IsEmpty)
                    return null;
                break;
            case ProcessEvent.OperatorActed acted:
                if (!Act(acted))
                    draft.Say(new(ProcessOutputKind.NotApplied, Detail: acted.Reason));
                break;
            default:
                if (!TryReact(key, out var missed))
                    return missed;
                break;
        }

        Settle(_process, draft, _reactions);
        return ProcessFold.Record(draft, input);
    }

    /// <summary>Goes on with taking back, and ends when nothing is left of it.</summary>
    public static void Settle(Process process, InstanceDraft draft, Reactions reactions)
    {
        if (draft.Now.Phase != ProcessPhase.Compensating || !draft.TakeBackNext())
            return;
        if (!draft.Now.Undone)
        {
            draft.Now = draft.Now with { Undone = true };
            draft.LeaveSteps();
            if (process.OnCompensated is { } react)
                Tell(process, draft, react, "", reactions);
        }

        if (draft.TakeBackNext())
            draft.End(ProcessPhase.Compensated);
    }

    private bool TryReact(string key, out Advance? missed)
    {
        missed = null;
        var reaction = _process.Reacting.GetValueOrDefault(input.Fact.GetType());
        if (reaction is not null && !ProcessFold.IsFor(reaction, draft.Now, key, input))
            reaction = null;
        if (reaction is not null && draft.Now.Phase == ProcessPhase.Running)
        {
            var state = reaction.React(_process.ReadState(draft.Now.State!.Value), input.Fact, _reactions);
            draft.Now = draft.Now with { State = _process.WriteState(state) };
            return true;
        }

        var starts = ProcessFold.Keys(_process.Starting.GetValueOrDefault(input.Fact.GetType()), input.Fact, input.Recorded)
            .Contains(key, StringComparer.Ordinal);
        if (reaction is { Unmatched: Unmatched.Record })
            missed = fold.Missed(key, input, "compensating");
        else if (reaction is null && starts)
            missed = fold.Missed(key, input, "started");
        return false;
    }

    private void Answer(ProcessStep step, StepOutcome outcome)
    {
        var isOverdue = step.Status == StepStatus.Overdue;
        if (outcome.Kind == StepOutcomeKind.Failed || (step.Undoes is not null && outcome.Kind == StepOutcomeKind.Unknown))
            Fail(step, outcome, isOverdue);
        else if (step.Undoes is { } undone)
            CloseUndone(step, undone);
        else if (step.LeftOver)
            AnswerLeftOver(step, isOverdue);
        else if (outcome.Kind == StepOutcomeKind.Unknown)
            GiveUp(step, outcome, isOverdue);
        else
            Complete(step, outcome, isOverdue);
    }

    private void CloseUndone(ProcessStep undo, int undone)
    {
        draft.Close(undo);
        if (Find(undone) is { } step)
            draft.Now = draft.Now with { Steps = draft.Now.Steps.Remove(step) };
    }

    /// <summary>
    /// Its run has ended without it. What was overdue was counted as failed, so it is taken back where it was done, or may have been;
    /// what was left to be done on purpose is not.
    /// </summary>
    private void AnswerLeftOver(ProcessStep step, bool isOverdue)
    {
        if (isOverdue && step.Undo is not null)
            draft.TakeBack(step);
        else
            draft.Close(step);
    }

    private void Complete(ProcessStep step, StepOutcome outcome, bool isOverdue)
    {
#if ZOO
        if (isOverdue && Zoo.Bug("process-late-answer-dropped"))
        {
            draft.Close(step);
            return;
        }
#endif
        var done = step with { Status = StepStatus.Done, Work = null, Within = null, Problem = null };
        if (step.Undo is null)
        {
            draft.Close(step);
        }
        else
        {
            draft.Replace(step, done);
            draft.Say(new(ProcessOutputKind.StepClosed, step.Serial, step.Name, step.Of));
            draft.EndDeadline(step);
        }

        if (draft.Now.Phase != ProcessPhase.Running)
            return;
        var told = new StepDone(step, outcome);
        if (!isOverdue || !React(_process.OnLate, step.Name, told))
        {
            if (!WasToldFailed(step, isOverdue))
                React(_process.OnDone, step.Name, told);
            else if (step.Undo is not null)
                draft.TakeBack(done);
        }

        Finish(step.Name);
    }

    private void Fail(ProcessStep step, StepOutcome outcome, bool isOverdue)
    {
        var problem = outcome.Message is null ? outcome.Code : $"{outcome.Code}: {outcome.Message}";
        if (step.Undoes is not null || (draft.Now.Undone && !step.LeftOver))
        {
            Stick(step, problem);
        }
        else if (step.LeftOver || draft.Now.Phase != ProcessPhase.Running)
        {
            draft.Close(step);
        }
        else if (WasToldFailed(step, isOverdue))
        {
            draft.Close(step);
            Finish(step.Name);
        }
        else
        {
            TellFailed(step, new StepFailure(step.Name, step.Of, outcome.Code ?? "", outcome.Message, IsOverdue: false), problem);
        }
    }

    /// <summary>Nobody will ever know. It may have been done, so it is taken back as if it were.</summary>
    private void GiveUp(ProcessStep step, StepOutcome outcome, bool isOverdue)
    {
        draft.EndDeadline(step);
        var unknown = step with { Status = StepStatus.Overdue, Work = step.Work! with { Settles = false } };
        draft.Replace(step, unknown);
        var failure = new StepFailure(step.Name, step.Of, outcome.Code ?? "", outcome.Message, IsOverdue: true);
        Miss(unknown, WasToldFailed(step, isOverdue), failure);
    }

    private void Fire(ProcessTimer timer)
    {
        draft.EndTimer(timer);
        if (timer.Step is not { } serial)
        {
            if (!React(_process.OnTimer, timer.Name, timer.Name))
                throw new InvalidOperationException($"{_process} does not say what follows on the timer {timer.Name}.");
        }
        else if (Find(serial) is { Status: StepStatus.Open } step)
        {
            var overdue = step with { Status = StepStatus.Overdue };
            draft.Replace(step, overdue);
#if ZOO
            if (Zoo.Bug("process-overdue-taken-for-failed"))
                draft.Close(overdue);
#endif
            Miss(overdue, wasTold: false, new StepFailure(step.Name, step.Of, StepFailure.Overdue, null, IsOverdue: true));
        }
    }

    /// <summary>The outcome of a step did not come.</summary>
    private void Miss(ProcessStep step, bool wasTold, StepFailure failure)
    {
        var problem = failure.Code == StepFailure.Overdue ? "its time is up" : failure.Code;
        if (draft.Now.Phase == ProcessPhase.Running && !wasTold)
            TellFailed(step, failure, problem);
        else if (draft.Now.Phase == ProcessPhase.Running)
            Finish(step.Name);
        else if (draft.Now.Undone && !step.LeftOver && !step.Work!.Settles)
            Stick(step, problem);
    }

    private void TellFailed(ProcessStep step, StepFailure failure, string? problem)
    {
        if (_process.OnFailed.ContainsKey(step.Name))
        {
            if (!failure.IsOverdue)
                draft.Close(step);
            React(_process.OnFailed, step.Name, failure);
            Finish(step.Name);
        }
        else if (!draft.Now.Pivoted)
        {
            if (!failure.IsOverdue)
                draft.Close(step);
            draft.Compensate($"{step}: {problem}");
        }
        else if (!failure.IsOverdue || !step.Work!.Settles)
        {
            Stick(step, problem);
        }
    }

    /// <summary>There is no way but forward: somebody has to act.</summary>
    private void Stick(ProcessStep step, string? problem)
    {
        draft.EndDeadline(step);
        draft.Replace(step, step with { Status = StepStatus.Failed, Problem = problem });
    }

    /// <summary>
    /// Whether the process has been told of an overdue step that it failed. Where it does not ask to be told, it goes on waiting for
    /// the outcome, because it would be taking back already if that were possible.
    /// </summary>
    private bool WasToldFailed(ProcessStep step, bool isOverdue) => isOverdue && _process.OnFailed.ContainsKey(step.Name);

    private bool Act(ProcessEvent.OperatorActed acted)
    {
        switch (acted.Action)
        {
            case OperatorAction.RetryStep(var serial) when Find(serial) is { Status: StepStatus.Failed } failed:
                draft.Now = draft.Now with { Steps = draft.Now.Steps.Remove(failed) };
                draft.Begin(failed);
                return true;
            case OperatorAction.SettleStep(var serial) when Find(serial) is { Status: StepStatus.Failed or StepStatus.Overdue } step:
                Answer(step, new StepOutcome(StepOutcomeKind.Done));
                return true;
            case OperatorAction.FireTimer(var name) when draft.FindTimer(name) is { } timer:
                Fire(timer);
                return true;
            case OperatorAction.MoveTimer(var name, var due) when draft.FindTimer(name) is { } timer:
                draft.MoveTimer(timer, due);
                return true;
            case OperatorAction.CancelTimer(var name) when draft.FindTimer(name) is { } timer:
                draft.EndTimer(timer);
                return true;
            case OperatorAction.Compensate when draft.Now is { Phase: ProcessPhase.Running, Pivoted: false, State: not null }:
                draft.Compensate(acted.Reason);
                return true;
            default:
                return false;
        }
    }

    private void Finish(string step)
    {
        foreach (var finished in _process.OnFinished)
        {
            var isOver = finished.Steps.Contains(step, StringComparer.Ordinal)
                && !finished.Steps.Any(name => draft.IsOpen(name, of: null));
            if (isOver && draft.Now.Phase == ProcessPhase.Running)
                Tell(_process, draft, finished.React, step, _reactions);
        }
    }

    private bool React<TInput>(ImmutableDictionary<string, React<TInput>> reactions, string name, TInput told)
    {
        if (!reactions.TryGetValue(name, out var react))
            return false;
        Tell(_process, draft, react, told, _reactions);
        return true;
    }

    private static void Tell<TInput>(Process process, InstanceDraft draft, React<TInput> react, TInput told, Reactions reactions)
    {
        // the reaction changes the draft, so the draft is looked at only behind it
        var state = process.WriteState(react(process.ReadState(draft.Now.State!.Value), told, reactions));
        draft.Now = draft.Now with { State = state };
    }

    private ProcessStep? Find(int serial) => draft.Now.Steps.FirstOrDefault(step => step.Serial == serial);
}
