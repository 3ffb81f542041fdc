using System.Collections.Immutable;
using System.Text.Json;
using Ledgerfold.Model.Comparing;
using Ledgerfold.Model.Timelines;

namespace Ledgerfold.Model.Exploring;

/// <summary>The state of a stream at a moment.</summary>
/// <param name="Tenant">Whose it is.</param>
/// <param name="Stream">The stream.</param>
/// <param name="Fold">The decider, by its category.</param>
/// <param name="Version">How many events of the stream it rests on.</param>
/// <param name="Position">Everything up to here was looked at.</param>
/// <param name="State">The state; null where there is none.</param>
public sealed record StateView(string Tenant, string Stream, string Fold, long Version, long Position, JsonElement? State);

/// <summary>How the state of a stream differs at two moments.</summary>
/// <param name="Tenant">Whose it is.</param>
/// <param name="Stream">The stream.</param>
/// <param name="Fold">The decider, by its category.</param>
/// <param name="From">How many events the one rests on.</param>
/// <param name="To">How many events the other rests on.</param>
/// <param name="Changes">The fields that differ.</param>
public sealed record DifferenceView(
    string Tenant, string Stream, string Fold, long From, long To, ImmutableArray<FieldChange> Changes);

/// <summary>Where each field of a stream's state comes from.</summary>
/// <param name="Tenant">Whose it is.</param>
/// <param name="Stream">The stream.</param>
/// <param name="Fold">The decider, by its category.</param>
/// <param name="Version">How many events of the stream the state rests on.</param>
/// <param name="Fields">The fields, each with the event that set it last.</param>
public sealed record BlameView(string Tenant, string Stream, string Fold, long Version, ImmutableArray<FieldBlame> Fields);
