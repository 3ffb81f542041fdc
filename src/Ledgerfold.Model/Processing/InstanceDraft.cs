using System.Collections.Immutable;

namespace Ledgerfold.Model.Processing;

/// <summary>
/// An instance while an input is taken up: the one place where steps begin and close, timers are set, and what was done is taken back.
/// What it comes to is one record.
/// </summary>
internal sealed class InstanceDraft(ProcessInstance before, WorkTypes works, DateTimeOffset at)
{
    // a row shows all of them, and its size has a limit
    private const int UnderWayMax = 1_000;

    private readonly ImmutableArray<ProcessOutput>.Builder _out = ImmutableArray.CreateBuilder<ProcessOutput>();

    public ProcessInstance Now { get; set; } = before;

    public DateTimeOffset At => at;

    public ImmutableArray<ProcessOutput> Out => _out.ToImmutable();

    public void Say(ProcessOutput output) => _out.Add(output);

    public bool IsOpen(string name, string? of) =>
        Now.Steps.Any(step => step.Name == name && (of is null || step.Of == of) && IsToCome(step));

    /// <summary>The newest step of a name that can be taken back by now.</summary>
    public ProcessStep? FindDone(string name, string? of) => Now.Steps.LastOrDefault(step => step.Name == name && step.Of == of
        && step is { Undo: not null, LeftOver: false }
        && (step.Status == StepStatus.Done || step is { Status: StepStatus.Overdue, Work.Settles: false }));

    public void BeginStep(string name, string? of, object work, object? undo, TimeSpan? within)
    {
        if (Now.HasEnded)
            throw new InvalidOperationException($"The step {name} would follow on the end.");
        if (Now.Steps.Any(step => step.Name == name && step.Of == of && IsToCome(step)))
            throw new InvalidOperationException($"The step {name}{(of is null ? "" : $" {of}")} is under way already.");
        if (Now.Steps.Length >= UnderWayMax)
            throw new InvalidOperationException($"An instance has at most {UnderWayMax} steps that are under way or may be taken back.");
        Begin(new ProcessStep
        {
            Serial = 0,
            Name = name,
            Of = of,
            Status = StepStatus.Open,
            Work = works.Write(work),
            Undo = undo is null || Now.Pivoted || Now.Undone ? null : works.Write(undo),
            Within = within,
        });
    }

    /// <summary>Begins a step under a number of its own; what is known of it otherwise is as before.</summary>
    public void Begin(ProcessStep step)
    {
        var begun = step with { Serial = NextSerial(), Status = StepStatus.Open, Problem = null };
        Now = Now with { Steps = Now.Steps.Add(begun) };
        Say(new(begun.Undoes is null ? ProcessOutputKind.StepBegun : ProcessOutputKind.UndoBegun, begun.Serial, begun.Name, begun.Of));
        if (begun.Within is { } within)
            AddTimer($"{begun} in time", at + within, begun.Serial);
    }

    public void Replace(ProcessStep old, ProcessStep by) => Now = Now with { Steps = Now.Steps.Replace(old, by) };

    /// <summary>Takes a step out, with its deadline.</summary>
    public void Close(ProcessStep step)
    {
        Now = Now with { Steps = Now.Steps.Remove(step) };
        Say(new(ProcessOutputKind.StepClosed, step.Serial, step.Name, step.Of));
        EndDeadline(step);
    }

    public void EndDeadline(ProcessStep step)
    {
        if (Now.Timers.FirstOrDefault(timer => timer.Step == step.Serial) is { } deadline)
            EndTimer(deadline);
    }

    public void SetTimer(string name, DateTimeOffset due, CalendarTime? local = null)
    {
        if (Now.Phase != ProcessPhase.Running)
            throw new InvalidOperationException($"The timer {name} would reach nobody: the instance is {Now.Phase} and reacts to nothing.");
        if (FindTimer(name) is { } known)
            MoveTimer(known, due, local);
        else if (Now.Timers.Length < UnderWayMax)
            AddTimer(name, due, step: null, local);
        else
            throw new InvalidOperationException($"An instance has at most {UnderWayMax} timers.");
    }

    /// <summary>A timer that moves gets a new number, so that what fired under the old one is of no effect.</summary>
    public void MoveTimer(ProcessTimer known, DateTimeOffset due, CalendarTime? local = null)
    {
        var moved = known with { Serial = NextSerial(), Due = Times.Cut(due), Local = local };
        Now = Now with { Timers = Now.Timers.Replace(known, moved) };
        Say(new(ProcessOutputKind.TimerMoved, moved.Serial, moved.Name, Spoken(moved)));
    }

    public ProcessTimer? FindTimer(string name) => Now.Timers.FirstOrDefault(timer => timer.Name == name && timer.Step is null);

    public void EndTimer(ProcessTimer timer)
    {
        Now = Now with { Timers = Now.Timers.Remove(timer) };
        Say(new(ProcessOutputKind.TimerEnded, timer.Serial, timer.Name));
    }

    /// <summary>From here on there is only forward: what takes back is forgotten.</summary>
    public void Pivot()
    {
        if (Now.Pivoted)
            return;
        if (Now.Phase != ProcessPhase.Running)
            throw new InvalidOperationException($"There is no pivot any more: the instance is {Now.Phase}.");
        Say(new(ProcessOutputKind.Pivoted));
        var kept = Now.Steps
            .Where(static step => step.Status != StepStatus.Done)
            .Select(static step => step.LeftOver ? step : step with { Undo = null });
        Now = Now with { Pivoted = true, Steps = [.. kept] };
    }

    public void Compensate(string reason)
    {
        if (Now.Phase != ProcessPhase.Running)
            return;
        if (Now.Pivoted)
            throw new InvalidOperationException("There is no way back behind the pivot.");
        Now = Now with { Phase = ProcessPhase.Compensating, Reason = reason };
        foreach (var timer in Now.Timers.Where(static timer => timer.Step is null))
            EndTimer(timer);
        Say(new(ProcessOutputKind.CompensationBegun, Detail: reason));
    }

    /// <summary>
    /// Takes back the newest step that is not taken back yet, one at a time. A step whose outcome is to come is waited for, because it may
    /// have to be taken back first; one that is overdue is not, and is taken back when it turns out to be done after all. True once nothing
    /// is left to take back, be it late.
    /// </summary>
    public bool TakeBackNext()
    {
        var steps = Now.Steps.RemoveAll(static step => step.LeftOver);
        if (steps.Any(static step => step.Undoes is not null || step.Status == StepStatus.Failed))
            return false;
#if ZOO
        if (Zoo.Bug("process-undo-oldest-first"))
            steps = [.. steps.Reverse()];
        if (Zoo.Bug("process-compensation-skipped"))
            steps = steps.RemoveAll(step => step.Status == StepStatus.Done && step == Now.Steps[0]);
#endif
        for (var s = steps.Length - 1; s >= 0; s--)
        {
            var step = steps[s];
            if (step.Status == StepStatus.Open)
                return false;
            if (step.Undo is null || (step is { Status: StepStatus.Overdue, Work.Settles: true }))
                continue;
            TakeBack(step);
            return false;
        }

        return !steps.Any(static step => step is { Status: StepStatus.Overdue, Work.Settles: true });
    }

    /// <summary>Takes one step back.</summary>
    public void TakeBack(ProcessStep step)
    {
        Replace(step, step with { Status = StepStatus.Undoing });
        Begin(new ProcessStep
        {
            Serial = 0,
            Name = step.Name,
            Of = step.Of,
            Status = StepStatus.Open,
            Work = step.Undo,
            Undoes = step.Serial,
            LeftOver = step.LeftOver,
        });
    }

    /// <summary>Nothing follows any more on what the steps so far come to, but that they are settled.</summary>
    public void LeaveSteps() => Now = Now with { Steps = [.. Now.Steps.Select(static step => step with { LeftOver = true })] };

    /// <summary>
    /// The end. Timers are no more; a step whose outcome is to come stays until it is settled, be it in a later run, so that one that is
    /// overdue is taken back when it turns out to be done; of one that nobody will ever know of, that may be so, and it is taken back now.
    /// Where an operator ends it, only what former runs left stays.
    /// </summary>
    public void End(ProcessPhase phase, string? reason = null)
    {
        if (phase == ProcessPhase.Completed)
        {
            foreach (var step in Now.Steps.Where(static step => step is { Status: StepStatus.Overdue, Undo: not null, LeftOver: false }))
            {
                if (!step.Work!.Settles)
                    TakeBack(step);
            }
        }

        foreach (var timer in Now.Timers)
            EndTimer(timer);
        var kept = Now.Steps.Where(step => phase == ProcessPhase.Terminated
            ? step.LeftOver
            : step.Undoes is not null || step.Status is not (StepStatus.Done or StepStatus.Failed));
        Now = Now with { Phase = phase, Reason = reason ?? Now.Reason, Steps = [.. kept], Associations = [] };
        LeaveSteps();
        Say(new(ProcessOutputKind.Ended, Detail: reason));
    }

    /// <summary>
    /// Whether it is under way in this run. One that failed where there is only forward is, because somebody will see to it; one that
    /// nobody will ever know of is not.
    /// </summary>
    private static bool IsToCome(ProcessStep step) => step is { Undoes: null, LeftOver: false }
        && (step.Status is StepStatus.Open or StepStatus.Failed || step is { Status: StepStatus.Overdue, Work.Settles: true });

    private void AddTimer(string name, DateTimeOffset due, int? step, CalendarTime? local = null)
    {
        var timer = new ProcessTimer { Serial = NextSerial(), Name = name, Due = Times.Cut(due), Local = local, Step = step };
        Now = Now with { Timers = Now.Timers.Add(timer) };
        Say(new(ProcessOutputKind.TimerSet, timer.Serial, name, Spoken(timer)));
    }

    private static string Spoken(ProcessTimer timer) => timer.Local is null
        ? Times.ToText(timer.Due)
        : $"{Times.ToText(timer.Due)} ({timer.Local})";

    private int NextSerial()
    {
        Now = Now with { Serial = Now.Serial + 1 };
        return Now.Serial;
    }
}
