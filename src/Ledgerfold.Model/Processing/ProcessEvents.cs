using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Ledgerfold.Model.Processing;

/// <summary>
/// What the platform records of processes, all of an instance in its own stream: what reached it, what it made of that, and every attempt.
/// </summary>
public abstract record ProcessEvent
{
    private ProcessEvent()
    {
    }

    /// <summary>An input was taken up: how the instance stands after it, and what it brought about.</summary>
    /// <param name="Instance">The instance after it.</param>
    /// <param name="In">What was taken up.</param>
    /// <param name="Out">What it brought about, in order.</param>
    public sealed record ProcessAdvanced(ProcessInstance Instance, ProcessInput In, ImmutableArray<ProcessOutput> Out) : ProcessEvent;

    /// <summary>An input that no instance could take; an operator may hand it in again.</summary>
    /// <param name="Process">The process it was for.</param>
    /// <param name="Key">The key it was for; null where the event cannot be read.</param>
    /// <param name="In">What was missed.</param>
    /// <param name="Why">Why nobody could take it, for programs: <c>unknown</c>, <c>ended</c>, <c>compensating</c>, <c>started</c>,
    /// <c>settled</c>, <c>unreadable</c>, <c>too-many</c>.</param>
    /// <param name="Message">The particulars, for people.</param>
    public sealed record ProcessMissed(
        string Process,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Key,
        ProcessInput In,
        string Why,
        string? Message = null) : ProcessEvent;

    /// <summary>An attempt at a step came to nothing; another follows.</summary>
    /// <param name="Process">The process.</param>
    /// <param name="Key">The key of its instance.</param>
    /// <param name="Serial">The step's number.</param>
    /// <param name="Attempt">The how many-th attempt, from 1.</param>
    /// <param name="Problem">Why, for people.</param>
    /// <param name="NextAt">When it is tried, or asked about, again.</param>
    public sealed record StepTried(
        string Process, string Key, int Serial, int Attempt, string Problem, DateTimeOffset NextAt) : ProcessEvent;

    /// <summary>A step has its outcome.</summary>
    /// <param name="Process">The process.</param>
    /// <param name="Key">The key of its instance.</param>
    /// <param name="Serial">The step's number.</param>
    /// <param name="Outcome">What became of it.</param>
    public sealed record StepAnswered(string Process, string Key, int Serial, StepOutcome Outcome) : ProcessEvent;

    /// <summary>A timer's time has come.</summary>
    /// <param name="Process">The process.</param>
    /// <param name="Key">The key of its instance.</param>
    /// <param name="Serial">The timer's number.</param>
    /// <param name="Name">What it is called.</param>
    /// <param name="Due">When it was due.</param>
    public sealed record TimerFired(string Process, string Key, int Serial, string Name, DateTimeOffset Due) : ProcessEvent;

    /// <summary>An operator stepped in.</summary>
    /// <param name="Process">The process.</param>
    /// <param name="Key">The key of its instance; empty where it is about the process as a whole.</param>
    /// <param name="Action">What was asked for.</param>
    /// <param name="Reason">Why.</param>
    public sealed record OperatorActed(string Process, string Key, OperatorAction Action, string Reason) : ProcessEvent;
}

/// <summary>What reached a process.</summary>
/// <param name="Position">Where it stands in the ledger.</param>
/// <param name="Type">What it is: the name of an event.</param>
public sealed record ProcessInput(long Position, string Type);

/// <summary>What an input brought about.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Serial">The number of the step or timer; 0 where it is neither.</param>
/// <param name="Name">The name of the step or timer.</param>
/// <param name="Detail">The particulars: which of several steps, when a timer is due, why it compensates.</param>
public sealed record ProcessOutput(ProcessOutputKind Kind, int Serial = 0, string? Name = null, string? Detail = null)
{
    /// <inheritdoc />
    public override string ToString() => string.Join(' ', new[] { $"{Kind}", Name, Detail }.Where(static part => part is not null));
}

/// <summary>The kinds of what an input can bring about.</summary>
public enum ProcessOutputKind
{
    /// <summary>A step was asked for.</summary>
    StepBegun,

    /// <summary>A step is taken back.</summary>
    UndoBegun,

    /// <summary>A step is settled.</summary>
    StepClosed,

    /// <summary>A timer was set.</summary>
    TimerSet,

    /// <summary>A timer was moved.</summary>
    TimerMoved,

    /// <summary>A timer is no more.</summary>
    TimerEnded,

    /// <summary>The instance is found by a value from here on.</summary>
    Associated,

    /// <summary>There is no way back from here.</summary>
    Pivoted,

    /// <summary>What was done is taken back from here on.</summary>
    CompensationBegun,

    /// <summary>The instance has come to an end.</summary>
    Ended,

    /// <summary>The instance goes by another version of the definition.</summary>
    Migrated,

    /// <summary>Its own code failed, and it waits for somebody to act.</summary>
    Held,

    /// <summary>The input waits behind one at which the code failed.</summary>
    Waits,

    /// <summary>The input waited and waits no more; the instance made nothing of it.</summary>
    NoLongerWaits,

    /// <summary>What an operator asked for does not apply any more.</summary>
    NotApplied,
}

/// <summary>What became of a step.</summary>
/// <param name="Kind">Whether it is done.</param>
/// <param name="Code">Why it failed, for programs.</param>
/// <param name="Message">Why it failed, for people.</param>
/// <param name="Result">What an activity answered.</param>
/// <param name="Token">The position at which everything a command did can be read.</param>
public sealed record StepOutcome(
    StepOutcomeKind Kind, string? Code = null, string? Message = null, JsonElement? Result = null, long? Token = null);

/// <summary>Whether a step is done.</summary>
public enum StepOutcomeKind
{
    /// <summary>It is done.</summary>
    Done,

    /// <summary>It is not done, and will not be.</summary>
    Failed,

    /// <summary>Nobody will ever know: it was given up, and there is no way to ask.</summary>
    Unknown,
}
