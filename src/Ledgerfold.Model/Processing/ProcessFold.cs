using System.Collections.Immutable;
using System.Text.Json;

namespace Ledgerfold.Model.Processing;

/// <summary>
/// What an input makes of an instance: pure, so that a history taken up again comes to the same. Nothing is done here; what is wanted
/// stands in the record.
/// </summary>
internal sealed class ProcessFold
{
    private readonly ImmutableSortedDictionary<int, Process> _versions;
    private readonly WorkTypes _works;

    public ProcessFold(IEnumerable<Process> versions, WorkTypes works)
    {
        _versions = versions.ToImmutableSortedDictionary(static one => one.Version, static one => one);
        _works = works;
    }

    public Process Newest => _versions[_versions.Keys.Max()];

    public IEnumerable<Process> Versions => _versions.Values;

    /// <summary>Under which keys a fact may find an instance, or begin one.</summary>
    public IEnumerable<string> KeysOf(object fact, RecordedEvent recorded) => _versions.Values
        .SelectMany(one => Keys(one.Starting.GetValueOrDefault(fact.GetType()), fact, recorded)
            .Concat(Keys(one.Reacting.GetValueOrDefault(fact.GetType()), fact, recorded)))
        .Distinct(StringComparer.Ordinal);

    /// <summary>By which associations a fact may find instances.</summary>
    public IEnumerable<string> AssociationsOf(object fact) => _versions.Values
        .Select(one => one.Reacting.GetValueOrDefault(fact.GetType())?.Association?.Invoke(fact))
        .OfType<string>()
        .Distinct(StringComparer.Ordinal);

    /// <summary>What becomes of an event that no association finds an instance for.</summary>
    public Unmatched UnmatchedOf(object fact) => Newest.Reacting.GetValueOrDefault(fact.GetType())?.Unmatched ?? Unmatched.PassOver;

    /// <summary>Takes an input up; null where it leaves nothing to be recorded.</summary>
    public Advance? Take(ProcessInstance? before, string key, Input input)
    {
        if (before is null && input.Fact is ProcessEvent)
            return Missed(key, input, "unknown");
        if (before?.Error is not null && input.Fact is not ProcessEvent.OperatorActed { Action: OperatorAction.Release or OperatorAction.Terminate })
            return Wait(before, input);
        if (before is null or { State: null } || (before.HasEnded && input.Fact is not ProcessEvent))
            return Begin(before, key, input);
        var draft = new InstanceDraft(before, _works, input.At);
        try
        {
            return new Taking(this, draft, input).Run(key);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            return Hold(before, input, failure);
        }
    }

    /// <summary>The definition that an instance goes by, after it has taken over what it can.</summary>
    private Process DefinitionOf(InstanceDraft draft, Reactions reactions)
    {
        while (!draft.Now.HasEnded && NewerOf(draft.Now.Version) is { } newer)
        {
            var state = newer.Migrations[draft.Now.Version](draft.Now.State!.Value, reactions);
            draft.Say(new(ProcessOutputKind.Migrated, Detail: $"{draft.Now.Version} to {newer.Version}"));
            draft.Now = draft.Now with { Version = newer.Version, State = newer.WriteState(state) };
        }

        return _versions.GetValueOrDefault(draft.Now.Version)
            ?? (draft.Now.HasEnded ? Newest : null)
            ?? throw new InvalidOperationException($"There is no version {draft.Now.Version} of {draft.Now.Process} any more.");
    }

    private Process? NewerOf(int version) => _versions.Values.FirstOrDefault(one => one.Migrations.ContainsKey(version));

    private Advance? Begin(ProcessInstance? before, string key, Input input)
    {
        var starting = Newest.Starting.GetValueOrDefault(input.Fact.GetType());
        if (!Keys(starting, input.Fact, input.Recorded).Contains(key, StringComparer.Ordinal))
            starting = null;
        if (starting is null || (before?.State is not null && !Newest.StartsAgain))
            return Unclaimed(before, key, input);
        var fresh = new ProcessInstance
        {
            Process = Newest.Name,
            Key = key,
            Version = Newest.Version,
            Run = (before?.Run ?? 0) + (before is { State: null } ? 0 : 1),
            Revision = before?.Revision ?? 0,
            Serial = before?.Serial ?? 0,
            Phase = ProcessPhase.Running,
            StartedAt = input.At,
            ChangedAt = input.At,
            CorrelationId = input.Recorded.CorrelationId,
            // what an earlier run left to be settled is settled here
            Steps = before?.Steps ?? [],
        };
        var draft = new InstanceDraft(fresh, _works, input.At);
        try
        {
            var state = starting.React(null, input.Fact, new Reactions(draft, input.Recorded.Tenant, input.Recorded));
            draft.Now = draft.Now with { State = Newest.WriteState(state) };
            Taking.Settle(Newest, draft, new Reactions(draft, input.Recorded.Tenant, input.Recorded));
            return Record(draft, input);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            return Hold(fresh, input, failure);
        }
    }

    private Advance? Unclaimed(ProcessInstance? before, string key, Input input)
    {
        var unmatched = Newest.Reacting.GetValueOrDefault(input.Fact.GetType()) is { } reacting && IsFor(reacting, before, key, input)
            ? reacting.Unmatched
            : Newest.Starting.ContainsKey(input.Fact.GetType()) ? Unmatched.Record : Unmatched.PassOver;
        return unmatched == Unmatched.PassOver ? null : Missed(key, input, before is null ? "unknown" : "ended");
    }

    private static bool IsFor(EventReaction reaction, ProcessInstance? instance, string key, Input input) => reaction.Association is { } associated
        ? associated(input.Fact) is { } value && instance?.Associations.Contains(value, StringComparer.Ordinal) == true
        : Keys(reaction, input.Fact, input.Recorded).Contains(key, StringComparer.Ordinal);

    private static IEnumerable<string> Keys(EventReaction? reaction, object fact, RecordedEvent recorded) =>
        reaction?.Keys?.Invoke(fact, recorded) ?? [];

    private static Advance Record(InstanceDraft draft, Input input)
    {
        var after = draft.Now with { Revision = draft.Now.Revision + 1, ChangedAt = input.At };
        return new Advance(after, new ProcessEvent.ProcessAdvanced(after, input.AsInput, draft.Out));
    }

    private Advance Missed(string key, Input input, string why, string? message = null) =>
        new(null, new ProcessEvent.ProcessMissed(Newest.Name, key, input.AsInput, why, message));

    private static Advance Wait(ProcessInstance before, Input input)
    {
        var after = before with { Waiting = before.Waiting.Add(input.Recorded.Position), Revision = before.Revision + 1 };
        return new(after, new ProcessEvent.ProcessAdvanced(after, input.AsInput, [new(ProcessOutputKind.Waits)]));
    }

    /// <summary>The code failed: the instance stands as before, and the input waits until somebody acts.</summary>
    internal static Advance Hold(ProcessInstance before, Input input, Exception failure)
    {
        var error = $"{failure.GetType().Name}: {failure.Message}";
        var after = before with
        {
            Error = error.Length <= ErrorLengthMax ? error : error[..ErrorLengthMax],
            Waiting = before.Waiting.Add(input.Recorded.Position),
            Revision = before.Revision + 1,
            ChangedAt = input.At,
        };
        return new(after, new ProcessEvent.ProcessAdvanced(after, input.AsInput, [new(ProcessOutputKind.Held, Detail: after.Error)]));
    }

    private const int ErrorLengthMax = 1_000;

    /// <summary>One input taken up by one instance that runs.</summary>
    private sealed class Taking(ProcessFold fold, InstanceDraft draft, Input input)
    {
        private readonly Reactions _reactions = new(draft, input.Recorded.Tenant, input.Recorded);
        private Process _process = fold.Newest;

        public Advance? Run(string key)
        {
            _process = fold.DefinitionOf(draft, _reactions);
            switch (input.Fact)
            {
                case ProcessEvent.StepAnswered answered:
                    if (Find(answered.Serial) is not { Status: StepStatus.Open or StepStatus.Overdue } step)
                        return fold.Missed(key, input, "settled");
                    Answer(step, answered.Outcome);
                    break;
                case ProcessEvent.TimerFired fired:
                    if (draft.Now.Timers.FirstOrDefault(one => one.Serial == fired.Serial) is not { } timer)
                        return null; // it was moved, taken away or is of a former run
                    Fire(timer);
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
            var waited = input.Fact is ProcessEvent.OperatorActed { Action: OperatorAction.Release } ? draft.Again : [];
            return Record(draft, input) with { Again = waited };
        }

        /// <summary>Goes on with taking back, and ends when nothing is left of it.</summary>
        public static void Settle(Process process, InstanceDraft draft, Reactions reactions)
        {
            if (draft.Now.Phase != ProcessPhase.Compensating || !draft.TakeBackNext())
                return;
            if (!draft.Now.Undone)
            {
                draft.Now = draft.Now with { Undone = true };
                if (process.OnCompensated is { } react)
                    Next(process, draft, react, "", reactions);
            }

            if (draft.TakeBackNext())
                draft.End(ProcessPhase.Compensated);
        }

        private bool TryReact(string key, out Advance? missed)
        {
            missed = null;
            var reaction = _process.Reacting.GetValueOrDefault(input.Fact.GetType());
            if (reaction is not null && !IsFor(reaction, draft.Now, key, input))
                reaction = null;
            if (reaction is not null && draft.Now.Phase == ProcessPhase.Running)
            {
                var state = reaction.React(_process.ReadState(draft.Now.State!.Value), input.Fact, _reactions);
                draft.Now = draft.Now with { State = _process.WriteState(state) };
                return true;
            }

            var starts = Keys(_process.Starting.GetValueOrDefault(input.Fact.GetType()), input.Fact, input.Recorded)
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
            if (outcome.Kind == StepOutcomeKind.Unknown)
                GiveUp(step, outcome, isOverdue);
            else if (outcome.Kind == StepOutcomeKind.Failed)
                Fail(step, outcome, isOverdue);
            else if (step.Undoes is { } undone)
                CloseUndone(step, undone);
            else if (draft.Now.HasEnded)
                AnswerLate(step, isOverdue);
            else
                Complete(step, outcome, isOverdue);
        }

        private void CloseUndone(ProcessStep undo, int undone)
        {
            draft.Close(undo);
            if (Find(undone) is { } step)
                draft.Now = draft.Now with { Steps = draft.Now.Steps.Remove(step) };
        }

        /// <summary>The instance has ended: what it went on without is taken back, and nothing else follows.</summary>
        private void AnswerLate(ProcessStep step, bool isOverdue)
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
            var done = step with { Status = StepStatus.Done, Work = null, Within = null };
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
            if (!isOverdue)
                React(_process.OnDone, step.Name, told);
            else if (!React(_process.OnLate, step.Name, told) && step.Undo is not null)
                draft.TakeBack(done);
            Finish(step.Name);
        }

        private void Fail(ProcessStep step, StepOutcome outcome, bool isOverdue)
        {
            var problem = outcome.Message is null ? outcome.Code : $"{outcome.Code}: {outcome.Message}";
            if (step.Undoes is not null || (draft.Now.Undone && !draft.Now.HasEnded))
            {
                draft.EndDeadline(step);
                if (Find(step.Serial) is { } failed)
                    draft.Replace(failed, failed with { Status = StepStatus.Failed, Problem = problem });
                return;
            }

            if (isOverdue || draft.Now.Phase != ProcessPhase.Running)
            {
                draft.Close(step);
                if (draft.Now.Phase == ProcessPhase.Running)
                    Finish(step.Name);
                return;
            }

            TellFailed(step, new StepFailure(step.Name, step.Of, outcome.Code ?? "", outcome.Message, IsOverdue: false), problem);
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
            else if (!failure.IsOverdue || Find(step.Serial) is { Work.Settles: false })
            {
                var failed = Find(step.Serial)!;
                draft.EndDeadline(failed);
                draft.Replace(failed, failed with { Status = StepStatus.Failed, Problem = problem });
            }
        }

        /// <summary>Nobody will ever know. It may have been done, so it is taken back as if it were.</summary>
        private void GiveUp(ProcessStep step, StepOutcome outcome, bool isOverdue)
        {
            if (step.Undoes is not null)
            {
                Fail(step, outcome, isOverdue);
                return;
            }

            draft.EndDeadline(step);
            var unknown = step with { Status = StepStatus.Overdue, Work = step.Work! with { Settles = false }, Within = null };
            draft.Replace(step, unknown);
            if (draft.Now.HasEnded)
                AnswerLate(unknown, isOverdue: true);
            else if (!isOverdue && draft.Now.Phase == ProcessPhase.Running)
                TellFailed(unknown, new StepFailure(step.Name, step.Of, outcome.Code ?? "", outcome.Message, IsOverdue: true), outcome.Code);
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
                var overdue = step with { Status = StepStatus.Overdue, Within = null };
                draft.Replace(step, overdue);
                if (draft.Now.Phase == ProcessPhase.Running)
                    TellFailed(overdue, new StepFailure(step.Name, step.Of, StepFailure.Overdue, null, IsOverdue: true), "its time is up");
            }
        }

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
                case OperatorAction.Compensate when draft.Now is { Phase: ProcessPhase.Running, Pivoted: false }:
                    draft.Compensate(acted.Reason);
                    return true;
                case OperatorAction.Terminate when !draft.Now.HasEnded:
                    draft.End(ProcessPhase.Terminated, acted.Reason);
                    draft.Now = draft.Now with { Error = null, Waiting = [] };
                    return true;
                case OperatorAction.Release when draft.Now.Error is not null:
                    draft.Again = draft.Now.Waiting;
                    draft.Now = draft.Now with { Error = null, Waiting = [] };
                    return true;
                default:
                    return false;
            }
        }

        private void Finish(string step)
        {
            foreach (var finished in _process.OnFinished)
            {
                var isOver = finished.Steps.Contains(step, StringComparer.Ordinal) && !finished.Steps.Any(name => draft.IsOpen(name, of: null));
                if (isOver && draft.Now.Phase == ProcessPhase.Running)
                    Next(_process, draft, finished.React, step, _reactions);
            }
        }

        private bool React<TInput>(ImmutableDictionary<string, React<TInput>> reactions, string name, TInput told)
        {
            if (!reactions.TryGetValue(name, out var react))
                return false;
            Next(_process, draft, react, told, _reactions);
            return true;
        }

        private static void Next<TInput>(Process process, InstanceDraft draft, React<TInput> react, TInput told, Reactions reactions)
        {
            // what reacting does to the draft comes before the state is put into it
            var state = process.WriteState(react(process.ReadState(draft.Now.State!.Value), told, reactions));
            draft.Now = draft.Now with { State = state };
        }

        private ProcessStep? Find(int serial) => draft.Now.Steps.FirstOrDefault(step => step.Serial == serial);
    }
}

/// <summary>An event on its way into an instance.</summary>
/// <param name="Recorded">As it stands in the ledger.</param>
/// <param name="Fact">What it says.</param>
/// <param name="At">When it is taken up: when it was recorded, or when somebody let it be taken up again.</param>
internal sealed record Input(RecordedEvent Recorded, object Fact, DateTimeOffset At)
{
    public ProcessInput AsInput => new(Recorded.Position, Recorded.Type);
}

/// <summary>What an input came to.</summary>
/// <param name="After">The instance after it; null where it was not changed.</param>
/// <param name="Event">What is recorded.</param>
internal sealed record Advance(ProcessInstance? After, ProcessEvent Event)
{
    /// <summary>Inputs to be taken up again, at these positions.</summary>
    public ImmutableArray<long> Again { get; init; } = [];
}
