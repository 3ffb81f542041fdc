using System.Collections.Immutable;

namespace Ledgerfold;

/// <summary>One or more stream writes, an optional condition, optional cursor moves: all of it happens, or nothing.</summary>
public sealed record AppendRequest
{
    /// <summary>Whose events these are.</summary>
    public string Tenant { get; init; } = Tenants.Default;

    /// <summary>What is written to, or only expected of, each stream; a stream is named once.</summary>
    public ImmutableArray<StreamWrite> Writes { get; init; } = [];

    /// <summary>Refuses the append when events that match already stand after a position.</summary>
    public AppendCondition? Condition { get; init; }

    /// <summary>The progress of consumers that this append makes durable together with its events.</summary>
    public ImmutableArray<CursorMove> CursorMoves { get; init; } = [];

    /// <summary>How long the caller waits for the answer; null leaves it to the ledger's options.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>An append of these events to one stream.</summary>
    public static AppendRequest To(string stream, Expectation expect, params ImmutableArray<NewEvent> events) =>
        new() { Writes = [new StreamWrite { Stream = stream, Expect = expect, Events = events }] };
}

/// <summary>What an append does to one stream; without events it only checks.</summary>
public sealed record StreamWrite
{
    /// <summary>The stream, <c>category-id</c>.</summary>
    public required string Stream { get; init; }

    /// <summary>What is expected of the stream before the write.</summary>
    public Expectation Expect { get; init; }

    /// <summary>The events to add, in order; none makes it a check.</summary>
    public ImmutableArray<NewEvent> Events { get; init; } = [];

    /// <summary>Whether the last of the events closes the stream for ever.</summary>
    public bool Close { get; init; }
}

/// <summary>Fails the append if an event that matches stands after a position: a consistency boundary drawn by a query.</summary>
/// <param name="FailIfMatch">What must not have happened.</param>
/// <param name="After">The position the decision was made at; at most the ledger's head.</param>
public sealed record AppendCondition(EventQuery FailIfMatch, long After);

/// <summary>Moves the durable progress of a consumer; its expected value fences a second copy of the same consumer.</summary>
public sealed record CursorMove
{
    /// <summary>The consumer's name.</summary>
    public required string Consumer { get; init; }

    /// <summary>The partition of the consumer's work, from 0.</summary>
    public int Partition { get; init; }

    /// <summary>Where the cursor must stand now; 0 where it never moved.</summary>
    public required long Expected { get; init; }

    /// <summary>Where it stands afterwards; at most the position of the last event that this append leaves in the ledger.</summary>
    public required long Next { get; init; }

    /// <summary>Keys whose events are held back, at most 1,000; they replace those stored before.</summary>
    public ImmutableArray<string> HeldKeys { get; init; } = [];
}
