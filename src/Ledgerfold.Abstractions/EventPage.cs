using System.Collections.Immutable;

namespace Ledgerfold;

/// <summary>A run of events from a read, and how far the read has looked.</summary>
/// <param name="Events">Those that matched, in the order of the read; may be empty.</param>
/// <param name="ScannedTo">
/// Every match up to here (forward) or down to here (backward) has been delivered: safe to resume after it, never beyond what was looked
/// at.
/// </param>
/// <param name="CaughtUp">Whether this page reached the head as it was, or the other end of what was asked for.</param>
public sealed record EventPage(ImmutableArray<RecordedEvent> Events, long ScannedTo, bool CaughtUp);
