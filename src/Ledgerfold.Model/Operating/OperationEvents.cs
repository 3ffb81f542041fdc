using System.Text.Json;

namespace Ledgerfold.Model.Operating;

/// <summary>What the platform records of an operation, all of it in its own stream; who did it stands in the event's actor.</summary>
public abstract record OperationEvent
{
    private OperationEvent()
    {
    }

    /// <summary>Somebody asked for it.</summary>
    /// <param name="Kind">What kind of work it is.</param>
    /// <param name="Request">What was asked for.</param>
    /// <param name="Reason">Why.</param>
    /// <param name="Subject">What it works on; of one subject one operation is open.</param>
    public sealed record OperationBegun(string Kind, JsonElement Request, string Reason, string? Subject = null) : OperationEvent;

    /// <summary>An engine took it up: a life of it began, and whoever had it before has lost it.</summary>
    /// <param name="Life">The how many-th life, from 1.</param>
    /// <param name="From">The progress it goes on from; null where it begins at the beginning.</param>
    public sealed record OperationTaken(int Life, OperationProgress? From = null) : OperationEvent;

    /// <summary>It came further.</summary>
    /// <param name="Progress">How far.</param>
    public sealed record OperationAdvanced(OperationProgress Progress) : OperationEvent;

    /// <summary>It came further, and can go on from here after a restart.</summary>
    /// <param name="Progress">How far.</param>
    /// <param name="Checkpoint">What it needs to go on from here.</param>
    public sealed record OperationSaved(OperationProgress Progress, JsonElement Checkpoint) : OperationEvent;

    /// <summary>Somebody wants it to stop.</summary>
    /// <param name="Reason">Why.</param>
    public sealed record OperationCancelAsked(string Reason) : OperationEvent;

    /// <summary>It has ended; nothing follows in its stream.</summary>
    /// <param name="Phase">As what: completed, failed or cancelled.</param>
    /// <param name="Result">What came of it.</param>
    /// <param name="Error">Why it failed, for people.</param>
    public sealed record OperationEnded(OperationPhase Phase, JsonElement? Result = null, string? Error = null) : OperationEvent;
}
