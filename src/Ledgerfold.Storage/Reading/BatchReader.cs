using System.Runtime.CompilerServices;
using Ledgerfold.Storage.Format;
using Ledgerfold.Storage.Recovery;
using Ledgerfold.Storage.Segments;

namespace Ledgerfold.Storage.Reading;

/// <summary>
/// Reads the batches that hold events or cursor moves, which are those the chain runs through, whole and checked, as they stand in the log:
/// what a replica or a backup asks for.
/// </summary>
internal static class BatchReader
{
    public static async IAsyncEnumerable<RawBatch> Read(Log log, long after, [EnumeratorCancellation] CancellationToken cancel)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(after);
        if (after < log.First - 1)
            throw new LedgerTruncatedException(log.First);
        var head = log.Head;
        var segments = log.Segments.ToArray();
        if (segments.Length > 0 && segments[0].FirstPosition > after + 1 && log.Holes is [var hole, ..])
            throw hole.ToException(after + 1);
        for (var s = 0; s < segments.Length; s++)
        {
            if (s + 1 < segments.Length && segments[s + 1].FirstPosition <= after)
                continue;
            var end = s + 1 < segments.Length ? segments[s + 1].Header.PreviousLength : segments[s].End;
            using var walk = new SegmentWalk(log, segments[s], end);
            while (walk.Next())
            {
                cancel.ThrowIfCancellationRequested();
                var header = walk.Header;
                if (header.FirstPosition + header.Events - 1 > head)
                    yield break;
                if (header.Records > 0 && header.FirstPosition + Math.Max(0, header.Events - 1) > after)
                    yield return new RawBatch(header.FirstPosition, header.Events, walk.Copy());
            }

            if (!walk.IsAtEnd)
                throw new LedgerDamagedException(walk.Reason, segments[s].Name, walk.Offset, walk.Position);
            await Task.CompletedTask;
        }
    }

    /// <summary>The batches of one segment, from its start to its durable end.</summary>
    private sealed class SegmentWalk : IDisposable
    {
        private readonly SegmentFiles.Lease _file;
        private readonly FrameReader _frames;
        private readonly long _end;
        private byte[] _chain;

        public SegmentWalk(Log log, Segment segment, long end)
        {
            _file = log.Files.Borrow(segment.Name);
            _frames = new FrameReader(_file.File, log.StoreId);
            _end = end;
            _chain = segment.Header.PreviousSegment == 0 ? BatchFormat.Genesis(log.StoreId) : segment.Header.PreviousChain;
            Position = segment.FirstPosition;
            Offset = SegmentHeader.Bytes;
        }

        public long Offset { get; private set; }

        public long Position { get; private set; }

        public bool IsAtEnd => Offset >= _end;

        public BatchHeader Header { get; private set; }

        public string Reason => _frames.Reason;

        public bool Next()
        {
            if (Offset >= _end || _frames.Read(Offset, _chain, Position, 0, _end) != FrameKind.Batch)
                return false;
            Header = _frames.Header;
            _chain = BatchHeader.ChainOf(_frames.Batch).ToArray();
            Position += Header.Events;
            Offset += Header.Length;
            return true;
        }

        public ReadOnlyMemory<byte> Copy() => _frames.Batch.ToArray();

        public void Dispose() => _file.Dispose();
    }
}
