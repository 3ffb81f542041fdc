using System.Collections.Immutable;
using Ledgerfold.Model.Processing;

namespace Ledgerfold.Model.Driving;

/// <summary>An instance as it is found: where it is in its life, what is under way, what is due.</summary>
public sealed record InstanceRow
{
    /// <summary>The process.</summary>
    public required string Process { get; init; }

    /// <summary>The key of the instance.</summary>
    public required string Key { get; init; }

    /// <summary>The version of the definition that it goes by.</summary>
    public int Version { get; init; }

    /// <summary>How often it has begun under this key; 0 where there was never one, and inputs for it were missed.</summary>
    public int Run { get; init; }

    /// <summary>Where it is in its life; null where there was never one.</summary>
    public ProcessPhase? Phase { get; init; }

    /// <summary>When it began.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it last changed.</summary>
    public DateTimeOffset ChangedAt { get; init; }

    /// <summary>Names the conversation it belongs to.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>Why it compensates, or was ended.</summary>
    public string? Reason { get; init; }

    /// <summary>Why it cannot go on before somebody acts; null while it can.</summary>
    public string? Stuck { get; init; }

    /// <summary>How many inputs for it were missed, and neither handed in again nor passed over since.</summary>
    public int Missed { get; init; }

    /// <summary>Where the last input that was missed stands in the ledger.</summary>
    public long LastMissed { get; init; }

    /// <summary>Steps whose outcome is not known.</summary>
    public ImmutableArray<StepRow> Steps { get; init; } = [];

    /// <summary>Timers that have not fired.</summary>
    public ImmutableArray<TimerRow> Timers { get; init; } = [];
}

/// <summary>A step whose outcome is not known.</summary>
/// <param name="Serial">Its number.</param>
/// <param name="Name">What it is called.</param>
/// <param name="Of">Which of several of that name.</param>
/// <param name="Lane">The lane in which it is done.</param>
/// <param name="IsUndo">Whether it takes another one back.</param>
/// <param name="IsOverdue">Whether its time is up.</param>
/// <param name="Attempts">How often it was tried in vain.</param>
/// <param name="NextAt">When it is tried next.</param>
/// <param name="Problem">Why the last attempt came to nothing.</param>
/// <param name="Answered">Whether its outcome is recorded, and about to be taken up.</param>
public sealed record StepRow(
    int Serial,
    string Name,
    string? Of,
    string Lane,
    bool IsUndo,
    bool IsOverdue,
    int Attempts,
    DateTimeOffset NextAt,
    string? Problem,
    bool Answered);

/// <summary>A timer that has not fired.</summary>
/// <param name="Serial">Its number.</param>
/// <param name="Name">What it is called.</param>
/// <param name="Due">When it fires.</param>
/// <param name="IsDeadline">Whether it is the time by which a step must be done.</param>
/// <param name="Fired">Whether it has fired, and is about to be taken up.</param>
public sealed record TimerRow(int Serial, string Name, DateTimeOffset Due, bool IsDeadline, bool Fired);
