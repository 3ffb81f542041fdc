using System.Collections.Immutable;
using Ledgerfold.Model.Comparing;

namespace Ledgerfold.Model.Timelines;

/// <summary>What one event made of a state.</summary>
/// <param name="Event">The event.</param>
/// <param name="Before">The state before it.</param>
/// <param name="After">The state after it.</param>
/// <param name="Changes">The fields in which they differ; none where the event said nothing to this state.</param>
/// <typeparam name="TState">The state.</typeparam>
public sealed record Step<TState>(RecordedEvent Event, TState? Before, TState? After, ImmutableArray<FieldChange> Changes);
