using System.Collections.Immutable;
using Ledgerfold.Model.Commanding;

namespace Ledgerfold.Model.Deciding;

/// <summary>
/// Commands of one stream, decided in sequence on the state that the one before left, as one append: first the events of the stream, then
/// a record for each command that leaves none. Whatever was decided, also a rejection, rests on the version that the append expects.
/// </summary>
internal sealed class BatchDraft<TState>(Decider<TState> decider, StreamKey key, Kept<TState> before)
{
    // Far below what an append may hold, so that a batch of ordinary commands is never refused for its size.
    private const long BytesMax = Limits.AppendBytesMax / 4;
    private const int EventsMax = Limits.AppendEventsMax / 4;

    private readonly List<NewEvent> _events = [];
    private readonly List<StreamWrite> _records = [];
    private readonly List<Drafted> _drafted = [];
    private TState _state = before.Value;
    private long _bytes;

    public int Count => _drafted.Count;

    public bool IsAnyAnswered => _drafted.Exists(static one => one.Waiter.IsAnswered);

    public IEnumerable<KeyWaiter> Waiters => _drafted.Select(static one => one.Waiter);

    /// <summary>The id of an event of this append; none where it only checks.</summary>
    public Guid? AnyEventId => _events is [var first, ..] ? first.Id : _records is [var record, ..] ? record.Events[0].Id : null;

    public AppendRequest Request => new()
    {
        Tenant = key.Tenant,
        Writes =
        [
            new StreamWrite { Stream = key.Stream, Expect = Expected, Events = [.. _events] },
            .. _records,
        ],
    };

    /// <summary>Decides one more command and adds what follows; false, and nothing added, where that is too much for one append.</summary>
    public bool TryAdd(KeyWaiter waiter, DecidedCommand<TState> command)
    {
        var pending = command.Pending;
        if (FindTwin(pending) is { } twin)
        {
            _drafted.Add(twin with { Waiter = waiter, IsCopy = true, IsAnother = !IsSame(twin.Pending, pending) });
            return true;
        }

        switch (command.DecideOn(_state))
        {
            case Decision.Rejection { Facts.IsDefaultOrEmpty: true } rejected:
                return TryAddRecord(waiter, pending, AnswerRecord.Of(rejected));
            case Decision.Rejection rejected:
                return TryAddEvents(waiter, pending, rejected.Facts, AnswerRecord.Of(rejected));
            case Decision.Events { Facts.IsDefaultOrEmpty: true }:
                return TryAddRecord(waiter, pending, new AnswerRecord(AnswerRecord.Accepted));
            case Decision.Events events:
                return TryAddEvents(waiter, pending, events.Facts);
            default:
                throw new InvalidOperationException($"The decision on {pending.Name} is null.");
        }
    }

    /// <summary>Answers everybody after the append.</summary>
    public void Answer(AppendOutcome.Appended appended)
    {
        foreach (var one in _drafted)
            one.Waiter.Complete(AnswerOf(one, appended));
    }

    /// <summary>The state after the append.</summary>
    public Kept<TState> After(AppendOutcome.Appended appended) => _events.Count == 0
        ? before
        : before with
        {
            Value = _state,
            Version = before.Version + _events.Count,
            Position = appended.First + _events.Count - 1,
            LastId = _events[^1].Id,
        };

    private Expectation Expected
    {
        get
        {
#if ZOO
            if (Zoo.Bug("model-cache-not-checked"))
                return Expectation.Any;
#endif
            return Expectation.Exactly(before.Version);
        }
    }

    private Drafted? FindTwin(PendingCommand pending)
    {
        foreach (var one in _drafted)
        {
            if (one.Pending.FirstEventId == pending.FirstEventId)
                return one;
        }

        return null;
    }

    private static bool IsSame(PendingCommand one, PendingCommand other) =>
        one.Name == other.Name && one.Fingerprint == other.Fingerprint;

    private bool TryAddRecord(KeyWaiter waiter, PendingCommand pending, AnswerRecord record)
    {
        var place = -1;
        var isRemembered = pending.Remembered;
#if ZOO
        isRemembered &= !Zoo.Bug("model-answer-not-stored");
#endif
        if (isRemembered)
        {
            var written = pending.WriteAnswer(record);
            if (!HasRoomFor(1, Limits.SizeOf(written)))
                return false;
            place = _records.Count;
            _records.Add(new StreamWrite { Stream = pending.AnswerStream, Events = [written] });
        }

        _drafted.Add(new Drafted(waiter, pending, record, place, 0));
        return true;
    }

    private bool TryAddEvents(KeyWaiter waiter, PendingCommand pending, ImmutableArray<object> facts, AnswerRecord? rejected = null)
    {
        var state = _state;
        var written = new NewEvent[facts.Length];
        long bytes = 0;
        for (var e = 0; e < written.Length; e++)
        {
            var answer = e == 0 ? new StoredAnswer(pending.Name, pending.Fingerprint, written.Length, Rejected: rejected) : null;
            (written[e], var fact) = pending.Write(facts[e], e, answer);
            bytes += Limits.SizeOf(written[e]);
            state = decider.Apply(state, fact);
        }

        if (!HasRoomFor(written.Length, bytes))
            return false;
        _drafted.Add(new Drafted(waiter, pending, rejected, _events.Count, written.Length));
        _events.AddRange(written);
        _state = state;
        return true;
    }

    private bool HasRoomFor(int events, long bytes)
    {
        if (Count > 0 && (_bytes + bytes > BytesMax || _events.Count + _records.Count + events > EventsMax))
            return false;
        _bytes += bytes;
        return true;
    }

    private CommandAnswer AnswerOf(Drafted one, AppendOutcome.Appended appended)
    {
        if (one.IsAnother)
            return StoredAnswers.OfAnother();
        if (one.Record is null)
        {
            var version = before.Version + one.Place + one.Events;
            return new CommandAnswer.Accepted(
                appended.First + one.Place + one.Events - 1, [new StreamVersion(key.Stream, version)], one.IsCopy);
        }

        return one.Record.Answer == AnswerRecord.Rejected
            ? one.Record.AsRejected(one.IsCopy)
            : new CommandAnswer.Accepted(
                one.Place < 0 ? appended.Last : appended.First + _events.Count + one.Place, [], one.IsCopy);
    }

    /// <summary>A command that was decided.</summary>
    /// <param name="Waiter">Who waits for the answer.</param>
    /// <param name="Pending">The command.</param>
    /// <param name="Record">The answer, where it leaves no events or is turned down.</param>
    /// <param name="Place">Where its first event stands among those of the stream, or its record among the records; -1 without one.</param>
    /// <param name="Events">How many events it leaves.</param>
    private sealed record Drafted(KeyWaiter Waiter, PendingCommand Pending, AnswerRecord? Record, int Place, int Events)
    {
        /// <summary>Whether it came with the id of one before it.</summary>
        public bool IsCopy { get; init; }

        /// <summary>Whether it is another command under that id.</summary>
        public bool IsAnother { get; init; }
    }
}
