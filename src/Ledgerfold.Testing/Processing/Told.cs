using System.Text.Json;
using Ledgerfold.Model.Events;
using Ledgerfold.Model.Processing;

namespace Ledgerfold.Testing.Processing;

/// <summary>
/// What an instance of a process is told beside events: outcomes of steps, timers, what operators do; by name, as a test speaks of them.
/// </summary>
public sealed record Told
{
    private readonly string _what;
    private readonly Func<ProcessInstance, ProcessEvent?> _find;

    private Told(string what, Func<ProcessInstance, ProcessEvent?> find) => (_what, _find) = (what, find);

    /// <summary>Whom it is told; null for the one instance there is.</summary>
    internal string? Key { get; private init; }

    /// <summary>A step is done, with what an activity answered.</summary>
    public static Told Done(string step, object? result = null, string? of = null)
    {
        JsonElement? answer = result is null ? null : JsonSerializer.SerializeToElement(result, result.GetType(), EventJson.Options);
        return Outcome(step, of, new StepOutcome(StepOutcomeKind.Done, Result: answer));
    }

    /// <summary>A step failed for good.</summary>
    public static Told Failed(string step, string code, string? message = null, string? of = null) =>
        Outcome(step, of, new StepOutcome(StepOutcomeKind.Failed, code, message));

    /// <summary>A step was given up, and nobody will ever know what became of it.</summary>
    public static Told Unknown(string step, string? of = null) => Outcome(step, of, new StepOutcome(StepOutcomeKind.Unknown, "UNKNOWN"));

    /// <summary>The time of a step is up.</summary>
    public static Told Overdue(string step, string? of = null) => new($"that {Named(step, of)} is overdue", instance =>
        Step(instance, step, of, StepStatus.Open) is { } open ? Fired(instance, timer => timer.Step == open.Serial) : null);

    /// <summary>A step is taken back.</summary>
    public static Told Undone(string step, string? of = null) => UndoOutcome(step, of, new StepOutcome(StepOutcomeKind.Done));

    /// <summary>A step cannot be taken back.</summary>
    public static Told NotUndone(string step, string code, string? of = null) =>
        UndoOutcome(step, of, new StepOutcome(StepOutcomeKind.Failed, code));

    /// <summary>A timer fires: when it is due, or now where that has passed.</summary>
    public static Told Timer(string timer) =>
        new($"that the timer {timer} fired", instance => Fired(instance, one => one.Name == timer && one.Step is null));

    /// <summary>An operator acts.</summary>
    public static Told Operator(OperatorAction action, string reason) =>
        new($"that an operator acts: {action}", instance => Acted(instance, action, reason));

    /// <summary>An operator begins a failed step, or a failed way back, again.</summary>
    public static Told Retry(string step, string reason, string? of = null) => new($"to try {Named(step, of)} again", instance =>
        Failing(instance, step, of) is { } failed ? Acted(instance, new OperatorAction.RetryStep(failed.Serial), reason) : null);

    /// <summary>An operator saw to a failed or overdue step by hand.</summary>
    public static Told Settle(string step, string reason, string? of = null) => new($"that {Named(step, of)} is settled", instance =>
        Failing(instance, step, of) is { } failed ? Acted(instance, new OperatorAction.SettleStep(failed.Serial), reason) : null);

    /// <summary>It is told the instance under this key.</summary>
    public Told To(string key) => this with { Key = key };

    /// <inheritdoc />
    public override string ToString() => Key is null ? _what : $"{_what} (to {Key})";

    /// <exception cref="InvalidOperationException">The instance waits for nothing of the kind.</exception>
    internal ProcessEvent AsSaidTo(ProcessInstance instance) => _find(instance) ?? throw new InvalidOperationException(
        $"{instance.Process} {instance.Key} cannot be told {_what}. It has the steps {Listed(instance.Steps.Select(Spoken))} "
        + $"and the timers {Listed(instance.Timers.Select(static timer => timer.Name))}.");

    private static Told Outcome(string step, string? of, StepOutcome outcome) =>
        new($"that {Named(step, of)} is {outcome.Kind}", instance => Answered(
            instance,
            Step(instance, step, of, StepStatus.Open, StepStatus.Overdue, StepStatus.Failed),
            outcome));

    private static Told UndoOutcome(string step, string? of, StepOutcome outcome) =>
        new($"that the way back of {Named(step, of)} is {outcome.Kind}", instance =>
        {
            var undo = instance.Steps.LastOrDefault(one => Is(one, step, of) && one is { Undoes: not null, Status: StepStatus.Open });
            return Answered(instance, undo, outcome);
        });

    private static ProcessEvent.StepAnswered? Answered(ProcessInstance instance, ProcessStep? step, StepOutcome outcome) =>
        step is null ? null : new(instance.Process, instance.Key, step.Serial, outcome);

    private static ProcessEvent.OperatorActed Acted(ProcessInstance instance, OperatorAction action, string reason) =>
        new(instance.Process, instance.Key, action, reason);

    private static ProcessEvent.TimerFired? Fired(ProcessInstance instance, Func<ProcessTimer, bool> isIt) =>
        instance.Timers.FirstOrDefault(isIt) is { } timer
            ? new ProcessEvent.TimerFired(instance.Process, instance.Key, timer.Serial, timer.Name, timer.Due)
            : null;

    private static ProcessStep? Step(ProcessInstance instance, string step, string? of, params ReadOnlySpan<StepStatus> statuses)
    {
        foreach (var status in statuses)
        {
            if (instance.Steps.LastOrDefault(one => Is(one, step, of) && one.Undoes is null && one.Status == status) is { } found)
                return found;
        }

        return null;
    }

    private static ProcessStep? Failing(ProcessInstance instance, string step, string? of) =>
        instance.Steps.LastOrDefault(one => Is(one, step, of) && one.Status == StepStatus.Failed)
        ?? Step(instance, step, of, StepStatus.Overdue);

    private static bool Is(ProcessStep step, string name, string? of) => step.Name == name && step.Of == of;

    private static string Named(string step, string? of) => of is null ? step : $"{step} {of}";

    private static string Spoken(ProcessStep step) => $"{step} ({(step.Undoes is null ? "" : "way back, ")}{step.Status})";

    private static string Listed(IEnumerable<string> names) => string.Join(", ", names) is { Length: > 0 } listed ? listed : "none";
}
