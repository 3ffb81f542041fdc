using System.Text.Json;

namespace Ledgerfold.Model.Operating;

/// <summary>An operation as it stands: a fold of the events in its stream, and of nothing else.</summary>
public sealed record OperationState
{
    private static readonly TimeSpan LongestForecast = TimeSpan.FromDays(3650);

    /// <summary>Its id.</summary>
    public required Guid Id { get; init; }

    /// <summary>Whose it is.</summary>
    public required string Tenant { get; init; }

    /// <summary>What kind of work it is.</summary>
    public required string Kind { get; init; }

    /// <summary>What it works on; of one subject one operation is open.</summary>
    public string? Subject { get; init; }

    /// <summary>What was asked for; null once that was erased.</summary>
    public JsonElement? Request { get; init; }

    /// <summary>Who asked for it.</summary>
    public string? Actor { get; init; }

    /// <summary>Why.</summary>
    public string Reason { get; init; } = "";

    /// <summary>When it was asked for.</summary>
    public required DateTimeOffset BegunAt { get; init; }

    /// <summary>Where it is in its life.</summary>
    public OperationPhase Phase { get; init; }

    /// <summary>How often an engine took it up: once, and once more behind each restart.</summary>
    public int Lives { get; init; }

    /// <summary>When it was taken up last.</summary>
    public DateTimeOffset? TakenAt { get; init; }

    /// <summary>How far it is, as it was recorded last.</summary>
    public OperationProgress? Progress { get; init; }

    /// <summary>When that was.</summary>
    public DateTimeOffset? ProgressAt { get; init; }

    /// <summary>What it goes on from after a restart; null where it begins at the beginning.</summary>
    public JsonElement? Checkpoint { get; init; }

    /// <summary>Who wants it to stop, and why.</summary>
    public OperationCancel? Cancel { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>What came of it.</summary>
    public JsonElement? Result { get; init; }

    /// <summary>Why it failed, for people.</summary>
    public string? Error { get; init; }

    /// <summary>
    /// Why it does not go on, as the engine sees it that was asked; null where it goes on, or has ended. Not part of the fold.
    /// </summary>
    public string? Waits { get; init; }

    /// <summary>The position at which it was asked for: newer operations have higher ones.</summary>
    public required long Position { get; init; }

    /// <summary>The version of its stream.</summary>
    public required long Version { get; init; }

    /// <summary>Whether nothing more will happen to it.</summary>
    public bool HasEnded => Phase is OperationPhase.Completed or OperationPhase.Failed or OperationPhase.Cancelled;

    /// <summary>
    /// When it will be done if it goes on as it did since it was taken up last; null where nobody can tell. What former lives did says
    /// nothing of this one, and the time between them was nobody's work.
    /// </summary>
    public DateTimeOffset? ExpectedAt
    {
        get
        {
            if (Phase != OperationPhase.Running || TakenAt is not { } taken || ProgressAt is not { } at)
                return null;
            if (Progress is not { Of: { } of, Done: var done } || done <= (LifeFrom?.Done ?? 0) || at <= taken)
                return null;
            var ticks = (at - taken).Ticks * (Math.Max(0, of - done) / (double)(done - (LifeFrom?.Done ?? 0)));
            return ticks < LongestForecast.Ticks ? at + TimeSpan.FromTicks((long)ticks) : null;
        }
    }

    internal string? TraceParent { get; init; }

    /// <summary>The progress at the checkpoint that this life went on from.</summary>
    internal OperationProgress? LifeFrom { get; init; }

    /// <summary>The progress at the last checkpoint.</summary>
    internal OperationProgress? SavedProgress { get; init; }

    /// <summary>The state behind one more event of its stream; null before the first.</summary>
    /// <exception cref="InvalidDataException">This code cannot read the event.</exception>
    public static OperationState? Apply(OperationState? before, RecordedEvent recorded)
    {
        ArgumentNullException.ThrowIfNull(recorded);
        if (before is null)
            return recorded.Type == nameof(OperationEvent.OperationBegun) ? Begin(recorded) : null;
        var state = before with { Version = recorded.Version };
        return recorded.Erased ? state.ApplyErased(recorded) : state.Apply(OperationRecords.Read(recorded), recorded);
    }

    private static OperationState Begin(RecordedEvent recorded)
    {
        var said = recorded.Erased ? null : (OperationEvent.OperationBegun)OperationRecords.Read(recorded);
        return new OperationState
        {
            Id = OperationRecords.IdOf(recorded.Stream),
            Tenant = recorded.Tenant,
            Kind = OperationRecords.KindOf(recorded) ?? said?.Kind ?? "",
            Subject = OperationRecords.SubjectOf(recorded),
            Request = said?.Request,
            Actor = recorded.Actor,
            Reason = said?.Reason ?? "",
            BegunAt = recorded.RecordedAt,
            TraceParent = recorded.TraceParent,
            Position = recorded.Position,
            Version = recorded.Version,
        };
    }

    private OperationState Apply(OperationEvent said, RecordedEvent recorded) => said switch
    {
        OperationEvent.OperationTaken taken => this with
        {
            Phase = OperationPhase.Running,
            Lives = taken.Life,
            TakenAt = recorded.RecordedAt,
            LifeFrom = taken.From,
        },
        OperationEvent.OperationAdvanced advanced => this with { Progress = advanced.Progress, ProgressAt = recorded.RecordedAt },
        OperationEvent.OperationSaved saved => this with
        {
            Progress = saved.Progress,
            ProgressAt = recorded.RecordedAt,
            Checkpoint = saved.Checkpoint,
            SavedProgress = saved.Progress,
        },
        OperationEvent.OperationCancelAsked asked =>
            this with { Cancel = Cancel ?? new OperationCancel(recorded.Actor, asked.Reason, recorded.RecordedAt) },
        OperationEvent.OperationEnded ended =>
            this with { Phase = ended.Phase, EndedAt = recorded.RecordedAt, Result = ended.Result, Error = ended.Error },
        _ => this,
    };

    /// <summary>What was said is gone; that it was said stands.</summary>
    private OperationState ApplyErased(RecordedEvent recorded) => recorded.Type switch
    {
        nameof(OperationEvent.OperationTaken) =>
            this with { Phase = OperationPhase.Running, Lives = Lives + 1, TakenAt = recorded.RecordedAt, LifeFrom = null },
        nameof(OperationEvent.OperationAdvanced) => this with { Progress = null, ProgressAt = null },
        nameof(OperationEvent.OperationSaved) =>
            this with { Progress = null, ProgressAt = null, Checkpoint = null, SavedProgress = null },
        nameof(OperationEvent.OperationCancelAsked) =>
            this with { Cancel = Cancel ?? new OperationCancel(recorded.Actor, "", recorded.RecordedAt) },
        nameof(OperationEvent.OperationEnded) => this with { Phase = OperationRecords.OutcomeOf(recorded), EndedAt = recorded.RecordedAt },
        _ => this,
    };
}

/// <summary>Somebody's wish that an operation stop.</summary>
/// <param name="Actor">Whose.</param>
/// <param name="Reason">Why.</param>
/// <param name="At">Since when.</param>
public sealed record OperationCancel(string? Actor, string Reason, DateTimeOffset At);
