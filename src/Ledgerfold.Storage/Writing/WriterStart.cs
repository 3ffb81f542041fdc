using Ledgerfold.Storage.Segments;

namespace Ledgerfold.Storage.Writing;

/// <summary>What recovery hands to the writer: a log whose end is known, durable, and this writer's alone.</summary>
/// <param name="Log">The log.</param>
/// <param name="Claim">The epoch claimed.</param>
/// <param name="Segment">The file to append to.</param>
/// <param name="Chain">The chain hash at its end.</param>
/// <param name="Cursors">Where every cursor stands.</param>
/// <param name="LastRecordedAt">The recorded time of the last batch.</param>
internal sealed record WriterStart(
    Log Log, EpochClaim Claim, SegmentAppender Segment, byte[] Chain, CursorTable Cursors, long LastRecordedAt);
