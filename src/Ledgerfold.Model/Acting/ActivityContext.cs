namespace Ledgerfold.Model.Acting;

/// <summary>For whom an activity acts.</summary>
public sealed record ActivityContext
{
    /// <summary>The same for every attempt at this step, and for no other: whoever is asked tells repetitions by it.</summary>
    public required Guid IdempotencyKey { get; init; }

    /// <summary>Where this takes back a step: the key under which that one was done.</summary>
    public Guid? Undoes { get; init; }

    /// <summary>The how many-th attempt it is, from 1.</summary>
    public required int Attempt { get; init; }

    /// <summary>Whose process it is.</summary>
    public required string Tenant { get; init; }

    /// <summary>The process.</summary>
    public required string Process { get; init; }

    /// <summary>The key of the instance.</summary>
    public required string Key { get; init; }

    /// <summary>The step.</summary>
    public required string Step { get; init; }

    /// <summary>Names the conversation it belongs to.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>The W3C trace parent of the event that led to it.</summary>
    public string? TraceParent { get; init; }
}
