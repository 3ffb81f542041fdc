using Ledgerfold.Model.Commanding;
using Ledgerfold.Model.Processing;
using Ledgerfold.Simulation.Bank;

namespace Ledgerfold.Simulation.Wires;

/// <summary>
/// The steps of all instances, by what is recorded: each is answered once and truly, what is taken back was done, once, one after the other
/// and the newest first, and nothing that was done is left when an instance has taken back all.
/// </summary>
internal sealed class StepOracle(BankWorld bank, WorkTypes works, ClearingHouse house)
{
    private static readonly TimeSpan LongTime = TimeSpan.FromSeconds(1);

    private readonly Dictionary<(string Key, int Serial), Step> _steps = [];
    private readonly Dictionary<long, Step> _answered = []; // by the position of the answer
    private readonly Dictionary<string, ProcessPhase> _phases = new(StringComparer.Ordinal);
    private readonly HashSet<string> _crashedIn = new(StringComparer.Ordinal); // compensating when a process ended
    private readonly HashSet<int> _begun = [];
    private readonly HashSet<int> _ended = [];
    private readonly Dictionary<string, int> _requestOf = new(StringComparer.Ordinal);

    /// <summary>Whether it has been known for long that its time is up; a clock that was set says nothing of that.</summary>
    public bool IsLongOverdue(Guid id) => !bank.Wires!.Plan.ClockJumps
        && _steps.Values.FirstOrDefault(step => step.Id == id) is { OverdueSince: { } since } && bank.Clock.Elapsed - since > LongTime;

    /// <summary>A process of the bank has ended.</summary>
    public void Crash() => _crashedIn.UnionWith(_phases.Where(static one => one.Value == ProcessPhase.Compensating).Select(static one => one.Key));

    /// <summary>An event of the bank: runs of one wire never meet.</summary>
    public void Add(object fact)
    {
        switch (fact)
        {
            case BankEvent.WireTaken taken when _begun.Add(taken.Request):
                if (_requestOf.TryGetValue(taken.Wire, out var before) && !_ended.Contains(before))
                    throw new OracleException("one run", $"{taken} while {before} is not over");
                if (_requestOf.ContainsKey(taken.Wire) && !bank.Wires!.Plan.StartsAgain)
                    throw new OracleException("one run", $"{taken} is a second run");
                _requestOf[taken.Wire] = taken.Request;
                break;
            case BankEvent.WireSettled settled when !_ended.Add(settled.Request):
                throw new OracleException("one run", $"{settled} ended before");
            case BankEvent.WireFailed failed when !_ended.Add(failed.Request):
                throw new OracleException("one run", $"{failed} ended before");
        }
    }

    public void Add(RecordedEvent recorded, ProcessEvent.ProcessAdvanced advanced)
    {
        var instance = advanced.Instance;
        if (_answered.TryGetValue(advanced.In.Position, out var answered))
            TakeUp(answered);
        foreach (var output in advanced.Out)
        {
            switch (output.Kind)
            {
                case ProcessOutputKind.StepBegun or ProcessOutputKind.UndoBegun:
                    Begin(recorded, instance, output);
                    break;
                case ProcessOutputKind.CompensationBegun:
                    bank.Marks.Hit($"wires: compensates, {output.Detail}");
                    break;
                case ProcessOutputKind.Pivoted:
                    foreach (var step in Of(instance.Key))
                        step.Stands = false;
                    break;
                case ProcessOutputKind.Ended when instance.Phase == ProcessPhase.Compensated:
                    if (Of(instance.Key).FirstOrDefault(static step => step.Stands) is { } left)
                        throw new OracleException("compensations", $"{instance.Key} has ended, and {left.Said} is not taken back");
                    bank.Marks.Hit("wires: compensated");
                    bank.Marks.Hit("wires: compensated after a crash", _crashedIn.Contains(instance.Key));
                    break;
                case ProcessOutputKind.Ended when instance.Phase == ProcessPhase.Completed:
                    foreach (var step in Of(instance.Key).Where(static step => step.Undone is null && !step.IsOverdue))
                        step.Stands = false;
                    bank.Marks.Hit("wires: completed");
                    break;
                case ProcessOutputKind.Held:
                    throw new OracleException("code", $"{instance.Key} is held: {output.Detail}");
            }
        }

        foreach (var overdue in instance.Steps.Where(static step => step.Status == StepStatus.Overdue))
        {
            var step = _steps[(instance.Key, overdue.Serial)];
            bank.Marks.Hit("wires: a step was overdue", !step.IsOverdue);
            step.OverdueSince ??= bank.Clock.Elapsed;
        }

        _phases[instance.Key] = instance.Phase;
        if (instance.HasEnded)
            _crashedIn.Remove(instance.Key);
    }

    public void Check(ProcessEvent.StepTried tried)
    {
        if (!_steps.TryGetValue((tried.Key, tried.Serial), out var step))
            throw new OracleException("steps", $"nobody asked for {tried}");
        if (tried.Attempt != ++step.Attempts)
            throw new OracleException("steps", $"{tried} follows on attempt {step.Attempts - 1}");
    }

    public void Check(RecordedEvent recorded, ProcessEvent.StepAnswered answered)
    {
        if (!_steps.TryGetValue((answered.Key, answered.Serial), out var step))
            throw new OracleException("steps", $"nobody asked for {answered}");
        if (step.Outcome is not null)
            throw new OracleException("steps", $"{answered} is answered {step.Outcome} already");
        step.Outcome = answered.Outcome;
        _answered.Add(recorded.Position, step);
        bank.Marks.Hit("wires: an outcome came when the step was overdue", step.IsOverdue);
        bank.Marks.Hit("wires: an outcome came when the instance had ended", _phases[answered.Key] is ProcessPhase.Completed);
        if (!(step.Command is { } command ? IsTrue(command, answered.Outcome) : IsTrue(step, answered.Outcome)))
            throw new OracleException("steps", $"{step.Said} is answered {answered.Outcome}, and that is not true");
    }

    public void CheckEnd()
    {
        foreach (var step in _steps.Values)
        {
            if (step.Outcome is null && !IsPresumed(step))
                throw new OracleException("steps", $"{step.Said} was never answered");
            if (step.Command is null && step.Outcome?.Kind == StepOutcomeKind.Failed && house.Effects.ContainsKey(step.Id))
                throw new OracleException("steps", $"{step.Said} was answered {step.Outcome}, and it is done");
        }

        var unasked = house.Effects.Keys.Except(_steps.Values.Select(static step => step.Id)).ToArray();
        if (unasked.Length > 0)
            throw new OracleException("clearing", $"nobody asked for {house.Effects[unasked[0]].Wire} under the key {unasked[0]}");
    }

    /// <summary>The instance knows of it from here on.</summary>
    private static void TakeUp(Step step)
    {
        step.IsTakenUp = true;
        if (step.Outcome!.Kind == StepOutcomeKind.Failed)
            return;
        step.Stands = step.HasUndo;
        if (step.Undoes is { } undone)
            undone.Stands = false;
    }

    /// <summary>Nobody can ever say what became of it, so it is taken back as if it were done.</summary>
    private bool IsPresumed(Step step) => step.Command is null && !bank.Wires!.Plan.CanAsk;

    private IEnumerable<Step> Of(string key) => _steps.Where(one => one.Key.Key == key).Select(static one => one.Value);

    private void Begin(RecordedEvent recorded, ProcessInstance instance, ProcessOutput output)
    {
        var id = ProcessRecords.IdOfStep(recorded.Tenant, instance.Process, instance.Key, output.Serial);
        var said = instance.Steps.FirstOrDefault(step => step.Serial == output.Serial)
            ?? throw new OracleException("steps", $"{instance.Key} begins the step {output.Serial}, and nothing is left of it");
        var undone = said.Undoes is { } serial ? Undone(instance, serial) : null;
        var step = new Step
        {
            Id = id,
            Serial = output.Serial,
            Said = $"{instance.Key} {output.Serial} {said}{(undone is null ? "" : $" taking back {undone.Serial}")}",
            HasUndo = said.Undo is not null,
            Undoes = undone,
            Command = said.Work!.Activity ? null : CommandOf(said, id),
        };
        if (!_steps.TryAdd((instance.Key, output.Serial), step))
            throw new OracleException("steps", $"{instance.Key} gives the number {output.Serial} to a step again");
        if (undone is not null)
            undone.Undone = step;
        if (step.Command is { } command)
            bank.History.Asked(command);

        SentCommand CommandOf(ProcessStep asked, Guid command) => new(
            works.ReadCommand(asked.Work!)!,
            new CommandOrigin { Id = command, Caller = $"process:{instance.Process}", CorrelationId = instance.CorrelationId },
            recorded.Position - 1,
            $"{instance.Key} step {output.Serial}");
    }

    /// <summary>A step that is about to be taken back.</summary>
    private Step Undone(ProcessInstance instance, int serial)
    {
        var step = _steps[(instance.Key, serial)];
        if (step.Undone is not null)
            throw new OracleException("compensations", $"{step.Said} is taken back twice");
        if (!IsPresumed(step) && (!step.IsTakenUp || step.Outcome!.Kind == StepOutcomeKind.Failed))
            throw new OracleException("compensations", $"{step.Said} is taken back, and its outcome is {step.Outcome?.ToString() ?? "not known"}");
        if (Of(instance.Key).FirstOrDefault(static one => one is { Undoes: not null, IsTakenUp: false }) is { } other && instance.Phase == ProcessPhase.Compensating)
            throw new OracleException("compensations", $"{step.Said} is taken back while {other.Said} is under way");
        var newer = Of(instance.Key).FirstOrDefault(one => one.Serial > serial && one is { Stands: true, Undone: null, IsOverdue: false });
        if (newer is not null && instance.Phase == ProcessPhase.Compensating && !step.IsOverdue)
            throw new OracleException("compensations", $"{step.Said} is taken back before {newer.Said}");
        return step;
    }

    private bool IsTrue(SentCommand command, StepOutcome outcome)
    {
        if (bank.History.EffectOf(command) is not { } effect)
            return false;
        return outcome.Kind switch
        {
            StepOutcomeKind.Done => effect.Outcome.Code is null && effect.Last == outcome.Token,
            StepOutcomeKind.Failed => effect.Outcome.Code == outcome.Code,
            _ => false,
        };
    }

    private bool IsTrue(Step step, StepOutcome outcome) => outcome switch
    {
        { Kind: StepOutcomeKind.Done } => house.Effects.ContainsKey(step.Id),
        { Kind: StepOutcomeKind.Failed } => !house.Effects.ContainsKey(step.Id),
        _ => !bank.Wires!.Plan.CanAsk,
    };

    private sealed class Step
    {
        public required Guid Id { get; init; }

        public required int Serial { get; init; }

        public required string Said { get; init; }

        public required bool HasUndo { get; init; }

        /// <summary>The step that this one takes back.</summary>
        public required Step? Undoes { get; init; }

        /// <summary>What it sends; null for an activity.</summary>
        public required SentCommand? Command { get; init; }

        public StepOutcome? Outcome { get; set; }

        /// <summary>Whether the instance knows the outcome.</summary>
        public bool IsTakenUp { get; set; }

        public int Attempts { get; set; }

        /// <summary>The step that takes this one back.</summary>
        public Step? Undone { get; set; }

        /// <summary>Whether it is done and has to be taken back where the instance is.</summary>
        public bool Stands { get; set; }

        /// <summary>Since when it is known that its time is up.</summary>
        public TimeSpan? OverdueSince { get; set; }

        public bool IsOverdue => OverdueSince is not null;
    }
}
