using System.Collections.Immutable;
using Ledgerfold.Model.Commanding;

namespace Ledgerfold.Model.Deciding;

/// <summary>What a handler did, as one append: every stream it loaded is expected where it stood, also those it adds nothing to.</summary>
internal sealed class HandlerDraft
{
    private readonly PendingCommand _pending;
    private readonly HandlerContext _context;
    private readonly ImmutableArray<LoadedStream> _written;
    private readonly ImmutableArray<StreamVersion> _versions;

    public HandlerDraft(PendingCommand pending, HandlerContext context)
    {
        _pending = pending;
        _context = context;
        _written = [.. context.Streams.Where(stream => context.Rejection is null && stream.Said.Count > 0)];
        _versions = [.. _written.Select(static one => new StreamVersion(one.Key.Stream, one.Version + one.Said.Count))];
        Request = new AppendRequest
        {
            Tenant = pending.Tenant,
            Writes = [.. _written.IsEmpty ? WriteRecord() : WriteEvents(), .. Checks()],
            Condition = context.Condition,
        };
#if ZOO
        if (Zoo.Bug("model-condition-dropped"))
            Request = Request with { Condition = null };
#endif
    }

    public AppendRequest Request { get; }

    public bool HasEvents => Request.Writes.Any(static write => !write.Events.IsEmpty);

    /// <summary>After the append: the answer; the states that were computed on the way are kept.</summary>
    public CommandAnswer Answer(AppendOutcome.Appended appended)
    {
        var position = appended.First;
        for (var s = 0; s < _written.Length; s++)
        {
            _written[s].Keep(position, Request.Writes[s].Events[^1].Id);
            position += _written[s].Said.Count;
        }

        return _context.Rejection is { } rejected
            ? new CommandAnswer.Rejected(rejected.Code, rejected.Field, rejected.Message, Repeated: false)
            : new CommandAnswer.Accepted(appended.Last, _versions, Repeated: false);
    }

    private IEnumerable<StreamWrite> WriteEvents()
    {
        var streams = _versions.Length == 1 ? null : _versions.Select(static one => new AnsweredStream(one.Stream, one.Version));
        var answer = new StoredAnswer(
            _pending.Name, _pending.Fingerprint, _written.Sum(static one => one.Said.Count), streams?.ToArray());
        var index = 0;
        foreach (var stream in _written)
        {
            var events = ImmutableArray.CreateBuilder<NewEvent>(stream.Said.Count);
            foreach (var said in stream.Said)
            {
                events.Add(_pending.Write(said, index, index == 0 ? answer : null).Event);
                index++;
            }

            yield return new StreamWrite
            {
                Stream = stream.Key.Stream,
                Expect = Expectation.Exactly(stream.Version),
                Events = events.ToImmutable(),
            };
        }
    }

    private IEnumerable<StreamWrite> WriteRecord()
    {
        if (!_pending.Remembered)
            yield break;
        var record = _context.Rejection is { } rejected
            ? AnswerRecord.Of(rejected)
            : new AnswerRecord(AnswerRecord.Accepted);
        yield return new StreamWrite { Stream = _pending.AnswerStream, Events = [_pending.WriteAnswer(record)] };
    }

    private IEnumerable<StreamWrite> Checks()
    {
#if ZOO
        if (Zoo.Bug("model-checked-stream-not-expected"))
            return [];
#endif
        return _context.Streams
            .Except(_written)
            .Select(static stream => new StreamWrite { Stream = stream.Key.Stream, Expect = Expectation.Exactly(stream.Version) });
    }
}
