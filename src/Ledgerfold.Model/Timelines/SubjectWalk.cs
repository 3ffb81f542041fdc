using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Ledgerfold.Model.Folding;

namespace Ledgerfold.Model.Timelines;

/// <summary>
/// Goes through the events of a subject one by one and folds them: the one way to any state in time. In the order of recording it begins at
/// the last waypoint before the first moment that matters, and leaves waypoints on its way; in the order of effect each question has an
/// order of its own, so it begins at the beginning. One caller at a time.
/// </summary>
internal sealed class SubjectWalk : IAsyncDisposable
{
    // Where few of the events read are the subject's own, waypoints stand for what was read in vain: so many times further apart.
    private const int VainTimes = 64;

    private readonly Subject _subject;
    private readonly Bound _to;
    private readonly IAsyncEnumerator<OwnEvent> _events;
    private readonly long _era;
    private Waypoint _start;
    private long _read; // since the last waypoint

    private SubjectWalk(Subject subject, Bound from, Bound to, CancellationToken cancel)
    {
        (_subject, _to) = (subject, to);
        _era = subject.Waypoints.Era;
        _start = (to.Effective is null ? FindWaypoint(from, to) : null) ?? new Waypoint(0, 0, subject.Fold.Initial);
        (State, Events, Position) = (_start.State, _start.Events, _start.Position);
        _events = (to.Effective is { } effective ? InOrderOfEffect(effective, cancel) : InOrderOfRecording(cancel))
            .GetAsyncEnumerator(cancel);
    }

    /// <summary>The last event; null before the first.</summary>
    public RecordedEvent? Event { get; private set; }

    /// <summary>The state before the last event.</summary>
    public object? Before { get; private set; }

    /// <summary>The state.</summary>
    public object? State { get; private set; }

    /// <summary>How many events are in it.</summary>
    public long Events { get; private set; }

    /// <summary>Everything up to here was looked at.</summary>
    public long Position { get; private set; }

    /// <summary>What stood in the way; nothing goes on behind it.</summary>
    public (long Position, string Error)? Failure { get; private set; }

    /// <summary>A walk that comes by the first moment, or begins there, and ends at the second.</summary>
    public static SubjectWalk Begin(Subject subject, Bound from, Bound to, CancellationToken cancel) => new(subject, from, to, cancel);

    /// <summary>Goes on by one event of the subject; false at the end, and where something failed.</summary>
    public async ValueTask<bool> Next()
    {
        if (Failure is not null || !await _events.MoveNextAsync())
            return false;
        var (recorded, facts) = _events.Current;
        if (facts.Problem is { } problem)
        {
            Fail(recorded, problem);
            return false;
        }

        var state = State;
        try
        {
            foreach (var fact in facts.Facts)
                state = _subject.Fold.Apply(state, fact, recorded);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            Fail(recorded, FoldError.Say(failure));
            return false;
        }

        (Event, Before, State) = (recorded, State, state);
        Events++;
        Position = Math.Max(Position, recorded.Position);
        if (Events - _start.Events >= _subject.WaypointEvery)
            Keep(recorded.Position);
        return true;
    }

    /// <summary>Goes on to the end.</summary>
    public async ValueTask<TimelineAnswer<object?>> Finish()
    {
        while (await Next())
        {
        }

        return Answer(State);
    }

    /// <summary>What was found, unless something stood in the way.</summary>
    public TimelineAnswer<T> Answer<T>(T value) => Failure is { } failure
        ? new TimelineAnswer<T>.Failed(failure.Position, failure.Error)
        : new TimelineAnswer<T>.Computed(value, Position, Events);

    /// <summary>Ends here.</summary>
    public void Fail(RecordedEvent recorded, string error) => Failure = (recorded.Position, error);

    public ValueTask DisposeAsync() => _events.DisposeAsync();

    private Waypoint? FindWaypoint(Bound from, Bound to) => _subject.Waypoints.Find(
        _subject.Name, Math.Min(from.Position, to.Position), Math.Min(from.Events, to.Events));

    private async IAsyncEnumerable<OwnEvent> InOrderOfRecording([EnumeratorCancellation] CancellationToken cancel)
    {
        if (_start.Position >= _to.Position || _start.Events >= _to.Events)
            yield break;
        var request = new ReadRequest
        {
            Tenant = _subject.Tenant,
            Query = _subject.Fold.QueryOf(_subject.Key),
            After = _start.Position,
            Before = _to.Position == long.MaxValue ? long.MaxValue : _to.Position + 1,
            Limit = _to.Events == long.MaxValue ? null : _to.Events - _start.Events,
        };
        var end = _subject.Progress is null ? 0 : Math.Min(_to.Position, (await _subject.Ledger.ReadRange(cancel)).Head);
        var version = _start.Events;
        await foreach (var page in _subject.Ledger.Read(request, cancel))
        {
            foreach (var recorded in page.Events)
            {
                var facts = _subject.Fold.Read(recorded, _subject.Key, _subject.Codec);
                if (_subject.Fold.IsOfStreams && recorded.Version != ++version)
                    facts = SubjectFacts.Unknown($"something is missing in its stream before version {recorded.Version}");
                if (facts.AreItsOwn)
                    yield return new OwnEvent(recorded, facts);
            }

            Position = page.ScannedTo;
            _read += page.Events.Length;
            if (_read >= (long)VainTimes * _subject.WaypointEvery)
                Keep(Position);
            _subject.Progress?.Report(new TimelineProgress(Position, Math.Max(Position, end)));
        }
    }

    private async IAsyncEnumerable<OwnEvent> InOrderOfEffect(DateTimeOffset until, [EnumeratorCancellation] CancellationToken cancel)
    {
        var known = new List<OwnEvent>();
        await foreach (var own in InOrderOfRecording(cancel))
        {
            if (own.Facts.Problem is not null)
            {
                yield return own;
                yield break;
            }

            if (Bound.TrueSince(own.Recorded) <= until)
                known.Add(own);
        }

        foreach (var own in known.OrderBy(static one => Bound.TrueSince(one.Recorded))) // keeps those of one time as they were
            yield return own;
    }

    private void Keep(long position)
    {
        _read = 0;
        if (_to.Effective is not null)
            return;
        _start = new Waypoint(position, Events, State);
        _subject.Waypoints.Keep(_subject.Name, _start, _era);
    }

    /// <summary>An event of the subject, with what it says.</summary>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct OwnEvent(RecordedEvent Recorded, SubjectFacts Facts);
}
