using System.Collections.Immutable;
using Ledgerfold.Model.Timelines;

namespace Ledgerfold.Model.Exploring;

/// <summary>What led to what in one conversation.</summary>
/// <param name="Tenant">Whose it is.</param>
/// <param name="CorrelationId">The conversation.</param>
/// <param name="Nodes">
/// All nodes, each before what it led to: depth first, and in the order of the ledger among those that one thing led to. A list rather than
/// nodes within nodes, because a chain may be deeper than a reader of JSON allows.
/// </param>
/// <param name="Totals">What its events amount to.</param>
/// <param name="Searched">What was looked at.</param>
/// <param name="Next">Where it goes on, as the position to ask behind; null where it is whole.</param>
public sealed record CorrelationTree(
    string Tenant,
    string CorrelationId,
    ImmutableArray<CorrelationNode> Nodes,
    CorrelationTotals Totals,
    Searched Searched,
    long? Next);

/// <summary>One thing that happened in a conversation, or led to one that did.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Parent">The id of what led to it; null for what nothing here led to.</param>
/// <param name="Depth">How many stand above it.</param>
/// <param name="LatencyMillis">
/// The time since the nearest node above it that has one, by the clock of the ledger; null where there is none.
/// </param>
/// <param name="Event">The event, for one that the reader may see.</param>
/// <param name="Command">The name of the command.</param>
public sealed record CorrelationNode(
    string Id, CorrelationNodeKind Kind, string? Parent, int Depth, double? LatencyMillis, EventMark? Event, string? Command);

/// <summary>What stands in a tree of causes.</summary>
public enum CorrelationNodeKind
{
    /// <summary>An event of the conversation.</summary>
    Event,

    /// <summary>A command, known by the events it left; it has no time of its own.</summary>
    Command,

    /// <summary>
    /// What events name as their cause, and is no part of this: an id that nothing here has, or an event from outside, which is shown then.
    /// </summary>
    Ghost,
}

/// <summary>What the events of a tree amount to.</summary>
/// <param name="Events">How many events there are.</param>
/// <param name="First">When the first was recorded.</param>
/// <param name="Last">When the last was recorded.</param>
/// <param name="Streams">Where they stand, in the order in which the streams came in.</param>
public sealed record CorrelationTotals(int Events, DateTimeOffset? First, DateTimeOffset? Last, ImmutableArray<StreamCount> Streams)
{
    /// <summary>The time between the first and the last.</summary>
    public double? DurationMillis => (Last - First)?.TotalMilliseconds;
}

/// <summary>How many of a conversation's events stand in a stream.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Events">How many.</param>
public sealed record StreamCount(string Stream, int Events);
