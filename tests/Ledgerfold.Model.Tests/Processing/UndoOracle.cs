using Ledgerfold.Model.Processing;

namespace Ledgerfold.Model.Tests.Processing;

/// <summary>
/// Follows the records of an instance with a plain list of what was begun, and knows what must be undone: it never looks at how the code
/// decides that.
/// </summary>
internal sealed class UndoOracle(RandomPlan plan)
{
    private readonly List<Begun> _steps = [];
    private readonly Dictionary<int, Begun> _undos = [];
    private ProcessInstance? _now;
    private bool _pivoted;
    private bool _afterwards;
    private int _ends;

    private enum Truth
    {
        Open,
        Overdue,
        Maybe,
        Done,
        Not,
    }

    public void Saw(object fact, ProcessEvent said)
    {
        if (said is not ProcessEvent.ProcessAdvanced advanced)
        {
            if (said is ProcessEvent.ProcessMissed { Why: "settled" } && fact is ProcessEvent.StepAnswered late)
                Assert.DoesNotContain(_steps, step => step.Serial == late.Serial && step.Truth is Truth.Open or Truth.Overdue && !step.Forgotten);
            return;
        }

        if (advanced.Out.Any(static one => one.Kind is ProcessOutputKind.Held or ProcessOutputKind.Waits))
        {
            _now = advanced.Instance;
            return;
        }

        if (advanced.Instance.Run != (_now?.Run ?? 0))
            Restart();
        Hear(fact, advanced.Out);
        _now = advanced.Instance;
        foreach (var output in advanced.Out)
            See(output);
        Assert.True(_now.Serial >= _steps.Select(static step => step.Serial).Concat(_undos.Keys).DefaultIfEmpty().Max());
        Assert.Equal(_now.HasEnded ? 1 : 0, _ends);
    }

    /// <summary>When nothing is under way any more.</summary>
    public void CheckAtTheEnd()
    {
        foreach (var step in _steps)
        {
            Assert.True(step.Undone <= 1, $"{step} was undone {step.Undone} times");
            if (step is { MustBeUndone: true, Forgotten: false })
                Assert.True(step.Undone == 1, $"{step} was never undone");
            if (step.Undone == 1)
                Assert.True(step.Truth is Truth.Done or Truth.Maybe, $"{step} was undone");
        }
    }

    private void Restart()
    {
        foreach (var step in _steps)
            step.IsFormer = true;
        (_pivoted, _afterwards, _ends) = (false, false, 0);
    }

    private void Hear(object fact, IReadOnlyList<ProcessOutput> outputs)
    {
        switch (fact)
        {
            case ProcessEvent.StepAnswered answered:
                Answer(answered.Serial, answered.Outcome.Kind);
                break;
            case ProcessEvent.OperatorActed { Action: OperatorAction.SettleStep(var serial) } when !NotApplied(outputs):
                Answer(serial, StepOutcomeKind.Done);
                break;
            case ProcessEvent.OperatorActed { Action: OperatorAction.RetryStep(var serial) } when !NotApplied(outputs):
                if (_steps.Find(step => step.Serial == serial) is { } retried)
                    retried.Truth = Truth.Not;
                break;
            case ProcessEvent.TimerFired fired when _now!.Timers.FirstOrDefault(timer => timer.Serial == fired.Serial)?.Step is { } serial:
                var overdue = _steps.Single(step => step.Serial == serial);
                overdue.Truth = overdue.Settles ? Truth.Overdue : Truth.Maybe;
                overdue.WasOverdue = true;
                break;
        }
    }

    private void Answer(int serial, StepOutcomeKind kind)
    {
        if (_undos.TryGetValue(serial, out var undone))
        {
            undone.IsBeingUndone = false;
            undone.Undone += kind == StepOutcomeKind.Done ? 1 : 0;
            return;
        }

        var step = _steps.Single(one => one.Serial == serial);
        step.Truth = kind switch { StepOutcomeKind.Done => Truth.Done, StepOutcomeKind.Failed => Truth.Not, _ => Truth.Maybe };
        var wentOn = step.EndedWithout || (_now!.Phase == ProcessPhase.Running && plan.UndoesLate(step.Name));
        if (step is { IsUndoable: true, WasOverdue: true, Truth: Truth.Done } && wentOn)
            step.MustBeUndone = true;
        if (step is { IsUndoable: true, WasOverdue: true, Truth: Truth.Maybe, EndedWithout: true })
            step.MustBeUndone = true;
        if (step.Truth == Truth.Maybe)
            step.WasOverdue = true;
    }

    private void See(ProcessOutput output)
    {
        switch (output.Kind)
        {
            case ProcessOutputKind.StepBegun:
                var begun = _now!.Steps.FirstOrDefault(step => step.Serial == output.Serial);
                _steps.Add(new Begun(output.Serial, output.Name!)
                {
                    IsUndoable = plan.HasUndo(output.Name!) && !_pivoted && !_afterwards,
                    Settles = begun?.Work?.Settles ?? true,
                });
                _afterwards |= output.Name == RandomPlan.Last;
                break;
            case ProcessOutputKind.UndoBegun:
                BeginUndo(output.Serial);
                break;
            case ProcessOutputKind.Pivoted:
                _pivoted = true;
                foreach (var step in _steps.Where(static step => !step.IsFormer))
                    step.IsUndoable = false;
                break;
            case ProcessOutputKind.Ended:
                End();
                break;
        }
    }

    private void BeginUndo(int serial)
    {
        var undo = _now!.Steps.Single(step => step.Serial == serial);
        var step = _steps.Single(one => one.Serial == undo.Undoes);
        Assert.True(step.IsUndoable || step.UndoBegun, $"{step} is not to be undone");
        Assert.True(step.Truth is Truth.Done or Truth.Maybe, $"{step} is undone, but {step.Truth}");
        Assert.True(step is { Undone: 0, IsBeingUndone: false }, $"{step} is undone again");
        var isRetry = step.UndoBegun;
        (step.UndoBegun, step.IsBeingUndone) = (true, true);
        _undos.Add(serial, step);
        if (_now.Phase != ProcessPhase.Compensating || step.IsFormer || isRetry)
            return;
        var others = _steps.Where(one => one != step && !one.IsFormer).ToArray();
        Assert.DoesNotContain(others, static one => one.IsBeingUndone);
        Assert.DoesNotContain(others, one => one.Serial > step.Serial && one.Truth == Truth.Open);
        Assert.DoesNotContain(
            others, one => one.Serial > step.Serial && one is { IsUndoable: true, UndoBegun: false, Truth: Truth.Done or Truth.Maybe });
    }

    private void End()
    {
        _ends++;
        foreach (var step in _steps.Where(static step => !step.IsFormer))
        {
            if (_now!.Phase == ProcessPhase.Terminated)
            {
                step.Forgotten = true;
                continue;
            }

            step.EndedWithout |= step.Truth is Truth.Open or Truth.Overdue or Truth.Maybe;
            if (_now.Phase != ProcessPhase.Compensated)
                continue;
            Assert.NotEqual(Truth.Open, step.Truth);
            step.MustBeUndone |= step.IsUndoable && step.Truth is Truth.Done or Truth.Maybe;
            Assert.True(!step.MustBeUndone || step.Undone == 1, $"{step} is {step.Truth} and not undone at the end");
        }
    }

    private static bool NotApplied(IReadOnlyList<ProcessOutput> outputs) =>
        outputs.Any(static one => one.Kind is ProcessOutputKind.NotApplied);

    private sealed class Begun(int serial, string name)
    {
        public int Serial { get; } = serial;

        public string Name { get; } = name;

        public Truth Truth { get; set; }

        public bool IsUndoable { get; set; }

        public bool Settles { get; init; }

        public bool WasOverdue { get; set; }

        public bool UndoBegun { get; set; }

        public bool IsBeingUndone { get; set; }

        public int Undone { get; set; }

        public bool MustBeUndone { get; set; }

        /// <summary>Its run ended, and its outcome was still to come.</summary>
        public bool EndedWithout { get; set; }

        public bool IsFormer { get; set; }

        /// <summary>An operator ended its run.</summary>
        public bool Forgotten { get; set; }

        public override string ToString() => $"{Name}#{Serial}";
    }
}
