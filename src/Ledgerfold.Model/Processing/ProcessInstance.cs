using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Ledgerfold.Model.Comparing;

namespace Ledgerfold.Model.Processing;

/// <summary>
/// An instance of a process as it stands after an input: every record of it holds the whole of it, so that it is known from the last one,
/// however long its history is. Immutable.
/// </summary>
public sealed record ProcessInstance
{
    /// <summary>Which process.</summary>
    public required string Process { get; init; }

    /// <summary>Which of its instances.</summary>
    public required string Key { get; init; }

    /// <summary>The version of the definition that it goes by.</summary>
    public required int Version { get; init; }

    /// <summary>How often it has begun under this key.</summary>
    public required int Run { get; init; }

    /// <summary>How many records there are of it.</summary>
    public required long Revision { get; init; }

    /// <summary>Where it is in its life.</summary>
    public required ProcessPhase Phase { get; init; }

    /// <summary>When it began.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When it last changed.</summary>
    public required DateTimeOffset ChangedAt { get; init; }

    /// <summary>Names the conversation it belongs to, that of the event it began with.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>Why it compensates, or was ended.</summary>
    public string? Reason { get; init; }

    /// <summary>What it knows.</summary>
    public JsonElement? State { get; init; }

    /// <summary>The last number given to a step or a timer; none is ever given twice under a key, whichever run it is.</summary>
    public int Serial { get; init; }

    /// <summary>Whether there is no way back any more.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Pivoted { get; init; }

    /// <summary>Whether all that was to be taken back is, and only what follows on that is left.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Undone { get; init; }

    /// <summary>Steps that are under way, and done ones that may have to be taken back, oldest first.</summary>
    public ImmutableArray<ProcessStep> Steps { get; init; } = [];

    /// <summary>Timers that have not fired.</summary>
    public ImmutableArray<ProcessTimer> Timers { get; init; } = [];

    /// <summary>What it is found by beside its key: <c>name:value</c>.</summary>
    public ImmutableArray<string> Associations { get; init; } = [];

    /// <summary>Why it stands still: its own code failed at an input. What comes later waits.</summary>
    public string? Error { get; init; }

    /// <summary>Positions of the inputs that wait, the one that failed first.</summary>
    public ImmutableArray<long> Waiting { get; init; } = [];

    /// <summary>Where the process stood in the ledger when it last let the instance take something up.</summary>
    public long TakenUp { get; init; }

    /// <summary>The position of the input that waited and is taken up next; null where none is.</summary>
    [JsonIgnore]
    public long? Next => Error is null && Waiting is [var next, ..] ? next : null;

    /// <summary>Whether it has come to an end.</summary>
    [JsonIgnore]
    public bool HasEnded => Phase is ProcessPhase.Completed or ProcessPhase.Compensated or ProcessPhase.Terminated;

    /// <summary>Why it cannot go on before somebody acts; null while it can.</summary>
    [JsonIgnore]
    public string? Stuck => Error ?? (Steps.FirstOrDefault(static step => step.Status == StepStatus.Failed) is { } failed
        ? $"{failed} failed: {failed.Problem}"
        : null);
}

/// <summary>One step of an instance: a piece of work that was asked for, and how to take it back.</summary>
public sealed record ProcessStep
{
    /// <summary>Its number under the key of the instance: what its command's id or its activity's key follows from.</summary>
    public required int Serial { get; init; }

    /// <summary>What it is called.</summary>
    public required string Name { get; init; }

    /// <summary>Which of several of that name.</summary>
    public string? Of { get; init; }

    /// <summary>How it stands.</summary>
    public required StepStatus Status { get; init; }

    /// <summary>What is to be done.</summary>
    public Work? Work { get; init; }

    /// <summary>What takes it back.</summary>
    public Work? Undo { get; init; }

    /// <summary>The number of the step that this one takes back.</summary>
    public int? Undoes { get; init; }

    /// <summary>How long it may take from when it is asked for.</summary>
    public TimeSpan? Within { get; init; }

    /// <summary>
    /// Whether nothing follows on its outcome any more: its run has ended. It is settled all the same, and where it was overdue and turns
    /// out to be done, it is taken back.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool LeftOver { get; init; }

    /// <summary>Why it failed.</summary>
    public string? Problem { get; init; }

    /// <inheritdoc />
    public override string ToString() => Of is null ? Name : $"{Name} {Of}";
}

/// <summary>How a step stands.</summary>
public enum StepStatus
{
    /// <summary>It was asked for and not answered.</summary>
    Open,

    /// <summary>It was not answered in time: whether it was done is not known yet.</summary>
    Overdue,

    /// <summary>It is done, and may have to be taken back.</summary>
    Done,

    /// <summary>It is being taken back.</summary>
    Undoing,

    /// <summary>It failed where there is no way but forward; somebody has to act.</summary>
    Failed,
}

/// <summary>A piece of work: a command, or the request of an activity.</summary>
/// <param name="Name">The name of the command or of the activity.</param>
/// <param name="Data">What is asked for, as JSON.</param>
/// <param name="Settles">
/// Whether its outcome will be known sooner or later: a command's always, an activity's where it can be asked.
/// </param>
/// <param name="Activity">Whether it acts on the outside.</param>
public sealed record Work(string Name, JsonElement Data, bool Settles, bool Activity)
{
    /// <inheritdoc />
    public override string ToString() => $"{Name} {FieldChange.Spoken(Data)}";
}

/// <summary>A timer of an instance that has not fired.</summary>
public sealed record ProcessTimer
{
    /// <summary>Its number under the key of the instance.</summary>
    public required int Serial { get; init; }

    /// <summary>What it is called; there is one of that name at a time.</summary>
    public required string Name { get; init; }

    /// <summary>When it fires.</summary>
    public required DateTimeOffset Due { get; init; }

    /// <summary>What was meant, where it was set by the calendar of a place.</summary>
    public CalendarTime? Local { get; init; }

    /// <summary>The number of the step whose deadline it is.</summary>
    public int? Step { get; init; }
}
