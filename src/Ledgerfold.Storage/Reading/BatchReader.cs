using System.Runtime.CompilerServices;
using Ledgerfold.Storage.Format;
using Ledgerfold.Storage.Recovery;
using Ledgerfold.Storage.Segments;

namespace Ledgerfold.Storage.Reading;

/// <summary>Reads the batches that hold events, whole and checked, as they stand in the log: what a replica or a backup asks for.</summary>
internal static class BatchReader
{
    public static async IAsyncEnumerable<RawBatch> Read(Log log, long after, [EnumeratorCancellation] CancellationToken cancel)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(after);
        if (after < log.First - 1)
            throw new LedgerTruncatedException(log.First);
        var head = log.Head;
        for (var position = after + 1; position <= head;)
        {
            var segment = log.SegmentOf(position);
            using var walk = new SegmentWalk(log, segment);
            while (walk.Next())
            {
                cancel.ThrowIfCancellationRequested();
                if (walk.Header.Events == 0 || walk.Header.FirstPosition + walk.Header.Events <= position)
                    continue;
                if (walk.Header.FirstPosition > head)
                    yield break;
                position = walk.Header.FirstPosition + walk.Header.Events;
                yield return new RawBatch(walk.Header.FirstPosition, walk.Header.Events, walk.Copy());
            }

            if (position <= segment.LastPosition)
                throw new LedgerDamagedException(walk.Reason, segment.Name, walk.Offset, position);
            position = Math.Max(position, segment.LastPosition + 1);
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
        private long _position;

        public SegmentWalk(Log log, Segment segment)
        {
            _file = log.Files.Borrow(segment.Name);
            _frames = new FrameReader(_file.File, log.StoreId);
            _end = segment.End;
            _chain = segment.Header.PreviousSegment == 0 ? BatchFormat.Genesis(log.StoreId) : segment.Header.PreviousChain;
            _position = segment.FirstPosition;
            Offset = SegmentHeader.Bytes;
        }

        public long Offset { get; private set; }

        public BatchHeader Header { get; private set; }

        public string Reason => _frames.Reason;

        public bool Next()
        {
            if (Offset >= _end || _frames.Read(Offset, _chain, _position, 0, _end) != FrameKind.Batch)
                return false;
            Header = _frames.Header;
            _chain = BatchHeader.ChainOf(_frames.Batch).ToArray();
            _position += Header.Events;
            Offset += Header.Length;
            return true;
        }

        public ReadOnlyMemory<byte> Copy() => _frames.Batch.ToArray();

        public void Dispose() => _file.Dispose();
    }
}
