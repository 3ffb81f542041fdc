using Ledgerfold.Testing;

namespace Ledgerfold.Simulation;

/// <summary>
/// What must stand in the ledger: the model, fed with what was acknowledged and with what recovery showed of the appends in doubt. These
/// were asked in an order, and the engine takes them in that order, so that the truth after a crash is the model with the first few of
/// them.
/// </summary>
internal sealed class Expected(TimeProvider clock)
{
    private const string Name = "model";

    private readonly List<AppendRequest> _history = [];
    private readonly List<DateTimeOffset> _recordedAt = [];
    private InMemoryLedger _model = new(clock);

    /// <summary>What stands in it for certain, by position.</summary>
    public List<RecordedEvent> Recorded { get; } = [];

    /// <summary>Appends that may have happened or not, in the order they were asked.</summary>
    public List<AppendRequest> Doubts { get; } = [];

    /// <summary>Events beyond what is certain that somebody was shown: from then on they must stand.</summary>
    public SortedDictionary<long, RecordedEvent> Shown { get; } = [];

    /// <summary>The head before the last batch: what is vouched for at least.</summary>
    public long HeadBeforeLastBatch { get; set; }

    public long Head => Recorded.Count;

    public StreamHead HeadOf(string tenant, string stream) => Now(_model.ReadStreamHead(tenant, stream));

    public Cursor CursorOf(string tenant, string consumer, int partition) => Now(_model.ReadCursor(tenant, consumer, partition));

    public RecordedEvent? ById(string tenant, Guid id) => Now(_model.ReadById(tenant, id));

    /// <summary>The last position at or before a time, as far as recorded times were seen; null where that does not tell.</summary>
    public long? PositionAt(DateTimeOffset time) =>
        _recordedAt.Count == Recorded.Count ? _recordedAt.FindLastIndex(one => one <= time) + 1 : null;

    /// <summary>A recorded time that was seen, or the epoch.</summary>
    public DateTimeOffset SomeTime(SeededRandom random) =>
        _recordedAt.Count == 0 ? DateTimeOffset.UnixEpoch : _recordedAt[random.Below(_recordedAt.Count)].AddMicroseconds(random.Below(2));

    public AppendOutcome Apply(AppendRequest request)
    {
        var outcome = Now(_model.Append(request));
        if (outcome is AppendOutcome.Appended { Repeated: false } appended)
        {
            _history.Add(request);
            if (appended.First > 0)
                TakeFrom(appended.First);
        }

        return outcome;
    }

    /// <summary>The events of a query among the first so many positions, as a read must answer.</summary>
    public List<RecordedEvent> Matching(ReadRequest request, string? tenant, long head)
    {
        var found = new List<RecordedEvent>();
        for (var p = request.After; p < Math.Min(head, request.Before - 1); p++)
        {
            var one = Recorded[(int)p];
            if ((tenant is null || one.Tenant == tenant) && request.Query.Matches(one))
                found.Add(one);
        }

        if (request.Backward)
            found.Reverse();
        if (request.Limit is { } limit && limit < found.Count)
            found.RemoveRange((int)limit, found.Count - (int)limit);
        return found;
    }

    /// <summary>Checks an event that somebody was shown: that it stands there, and that its recorded time is what it was.</summary>
    public void CheckShown(RecordedEvent got, string who)
    {
        var index = (int)got.Position - 1;
        if (index >= Recorded.Count || !Events.Same(Recorded[index], got))
        {
            var expected = index < Recorded.Count ? Recorded[index] : null;
            throw new OracleException(Name, $"{who} shows {Events.Say(got)}, expected {Events.Say(expected)}");
        }

        CheckTime(got, who);
    }

    /// <summary>Remembers an event beyond what is certain that was shown; it must be of an append in doubt.</summary>
    public void Show(RecordedEvent got, IEnumerable<AppendRequest> pending, string who)
    {
        if (!Doubts.Concat(pending).Any(request => request.Tenant == got.Tenant && Events.Of(request).Any(item => item.Id == got.Id)))
            throw new OracleException(Name, $"{who} shows {Events.Say(got)}, which nobody appended");
        Shown[got.Position] = got;
    }

    /// <summary>
    /// Takes the first of the appends in doubt for certain, until head and cursors are where a ledger that goes on serving has them.
    /// </summary>
    public void CatchUp(long head, Func<string, string, int, Cursor> cursorOf)
    {
        while (Doubts.Count > 0 && (Head < head || !CursorsAgree(cursorOf)))
        {
            Apply(Doubts[0]);
            Doubts.RemoveAt(0);
        }
    }

    /// <summary>Takes what a recovered ledger holds for the truth, after it was found to be a possible one.</summary>
    /// <param name="found">All events.</param>
    /// <param name="cursorOf">Where cursors stand.</param>
    /// <param name="floor">Where the medium lied or was damaged: no event up to here may be lost; else null, and nothing may.</param>
    public void Reconcile(IReadOnlyList<RecordedEvent> found, Func<string, string, int, Cursor> cursorOf, long? floor)
    {
        CheckOrder(found);
        if (found.Count >= floor && (found.Count < Head || (found.Count == Head && !CursorsAgree(cursorOf))))
            Forget();
        for (var p = 0; p < Recorded.Count; p++)
            CheckRecovered(found, p);
        var taken = 0;
        while (found.Count > Head || !CursorsAgree(cursorOf))
        {
            var before = Recorded.Count;
            if (taken == Doubts.Count)
            {
                throw new OracleException(Name, found.Count > Head
                    ? $"the recovered ledger holds {Events.Say(found[before])}, which nobody can have appended there"
                    : $"the cursors of the recovered ledger stand where no append left them: {SayCursors(cursorOf)}");
            }

            Apply(Doubts[taken++]);
            if (Head > found.Count && before == found.Count)
                throw new OracleException(Name, $"the cursors of the recovered ledger stand elsewhere: {SayCursors(cursorOf)}");
            for (var p = before; p < Recorded.Count; p++)
                CheckRecovered(found, p);
        }

        Doubts.Clear();
        foreach (var got in found)
            CheckTime(got, "recovery");
        foreach (var (position, shown) in Shown)
        {
            if (floor is null && (position > Head || !Events.Same(Recorded[(int)position - 1], shown)))
                throw new OracleException("shown", $"{Events.Say(shown)} was shown to a reader and is not in the recovered ledger");
        }

        Shown.Clear();
        HeadBeforeLastBatch = Head;
    }

    private static T Now<T>(ValueTask<T> answer) => answer.GetAwaiter().GetResult();

    private static void CheckOrder(IReadOnlyList<RecordedEvent> found)
    {
        for (var p = 0; p < found.Count; p++)
        {
            if (found[p].Position != p + 1)
                throw new OracleException("dense", $"position {p + 1} holds {Events.Say(found[p])}");
            if (p > 0 && found[p].RecordedAt < found[p - 1].RecordedAt)
                throw new OracleException("time", $"the recorded time goes back at {Events.Say(found[p])}");
        }
    }

    private void CheckRecovered(IReadOnlyList<RecordedEvent> found, int index)
    {
        var got = index < found.Count ? found[index] : null;
        if (got is null || !Events.Same(Recorded[index], got))
        {
            throw new OracleException(
                Name,
                $"the recovered ledger of {found.Count} events, {Head} expected at least, "
                + $"holds {Events.Say(got)} in the place of {Events.Say(Recorded[index])}");
        }
    }

    /// <summary>The end was lost, and may have been: begins anew, and everything is in doubt.</summary>
    private void Forget()
    {
        Doubts.InsertRange(0, _history);
        _history.Clear();
        _recordedAt.Clear();
        Recorded.Clear();
        Shown.Clear();
        _model = new InMemoryLedger(clock);
    }

    private void CheckTime(RecordedEvent got, string who)
    {
        var index = (int)got.Position - 1;
        if (index < _recordedAt.Count && _recordedAt[index] != got.RecordedAt)
            throw new OracleException("time", $"{who}: {Events.Say(got)} was recorded at {_recordedAt[index]:O}, now {got.RecordedAt:O}");
        if (index > 0 && index <= _recordedAt.Count && got.RecordedAt < _recordedAt[index - 1])
            throw new OracleException("time", $"{who}: the recorded time goes back at {Events.Say(got)}");
        if (index == _recordedAt.Count)
            _recordedAt.Add(got.RecordedAt);
    }

    private void TakeFrom(long first)
    {
        var pages = _model.ReadAcrossTenants(new ReadRequest { Query = Events.Everything, After = first - 1 }).GetAsyncEnumerator();
        while (Now(pages.MoveNextAsync()))
            Recorded.AddRange(pages.Current.Events);
    }

    private bool CursorsAgree(Func<string, string, int, Cursor> cursorOf)
    {
        foreach (var tenant in Requests.TenantNames)
        {
            foreach (var consumer in Requests.Consumers)
            {
                for (var partition = 0; partition < 2; partition++)
                {
                    var (one, other) = (CursorOf(tenant, consumer, partition), cursorOf(tenant, consumer, partition));
                    if (one.Position != other.Position || !one.HeldKeys.AsSpan().SequenceEqual(other.HeldKeys.AsSpan()))
                        return false;
                }
            }
        }

        return true;
    }

    private string SayCursors(Func<string, string, int, Cursor> cursorOf) => string.Join(
        ", ",
        from tenant in Requests.TenantNames
        from consumer in Requests.Consumers
        from partition in (int[])[0, 1]
        let one = CursorOf(tenant, consumer, partition)
        let other = cursorOf(tenant, consumer, partition)
        where one.Position != other.Position || !one.HeldKeys.SequenceEqual(other.HeldKeys)
        select $"{tenant} {consumer}/{partition} at {Say(other)} for {Say(one)}");

    private static string Say(Cursor cursor) => $"{cursor.Position} [{string.Join(' ', cursor.HeldKeys)}]";
}
