using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Ledgerfold.Model.Folding;

namespace Ledgerfold.Model.Replaying;

/// <summary>
/// The ledger as a replay is to see it: only some of the events, others in their place, and at the pace at which they happened. It can be
/// read and nothing else, so no replay can change anything.
/// </summary>
internal sealed class ThoughtLedger : ILedger
{
    private readonly ILedger _ledger;
    private readonly TimeProvider _clock;
    private readonly ReplayRequest _request;
    private readonly HashSet<long> _gone;
    private readonly ImmutableArray<Other> _others; // in their order

    private ThoughtLedger(ILedger ledger, TimeProvider clock, ReplayRequest request, HashSet<long> gone, ImmutableArray<Other> others)
    {
        (_ledger, _clock, _request) = (ledger, clock, request);
        (_gone, _others) = (gone, others);
    }

    /// <summary>Makes it of a request whose times are positions by now, up to a position.</summary>
    public static async Task<ThoughtLedger> Of(
        ILedger ledger, TimeProvider clock, ReplayRequest request, long to, CancellationToken cancel)
    {
        var gone = new HashSet<long>();
        var others = new List<Other>();
        foreach (var alteration in request.Alterations)
        {
            switch (alteration)
            {
                case Alteration.Remove(var position):
                    gone.Add(position);
                    break;
                case Alteration.Replace replace:
                    gone.Add(replace.Position);
                    others.Add(new Other(Changed(await ReadAt(ledger, replace.Position, cancel), replace), IsBehind: false));
                    break;
                case Alteration.Insert insert:
                    var behind = insert.After == 0 ? null : await ReadAt(ledger, insert.After, cancel);
                    var place = Math.Min(insert.After + 1, to); // a place of its own there is only behind everything
                    var time = behind?.RecordedAt ?? DateTimeOffset.UnixEpoch;
                    others.Add(new Other(New(insert, place, time), IsBehind: insert.After >= to));
                    break;
            }
        }

        var inOrder = others.OrderBy(static one => one.Recorded.Position).ThenBy(static one => one.IsBehind);
        return new ThoughtLedger(ledger, clock, request, gone, [.. inOrder]);
    }

    public IAsyncEnumerable<EventPage> ReadAcrossTenants(ReadRequest request, CancellationToken cancel = default) =>
        _request.Speed is { } speed ? AtPace(Think(request, cancel), speed, cancel) : Think(request, cancel);

    public ValueTask<LedgerRange> ReadRange(CancellationToken cancel = default) => _ledger.ReadRange(cancel);

    public IAsyncEnumerable<EventPage> Read(ReadRequest request, CancellationToken cancel = default) =>
        ReadAcrossTenants(request with { Tenant = Tenants.Default }, cancel);

    public ValueTask<RecordedEvent?> ReadById(string tenant, Guid id, CancellationToken cancel = default) => throw ReadOnly();

    public ValueTask<StreamHead> ReadStreamHead(string tenant, string stream, CancellationToken cancel = default) => throw ReadOnly();

    public ValueTask<Cursor> ReadCursor(string tenant, string consumer, int partition, CancellationToken cancel = default) =>
        throw ReadOnly();

    public ValueTask<long> PositionAt(DateTimeOffset time, CancellationToken cancel = default) => _ledger.PositionAt(time, cancel);

    public IAsyncEnumerable<RawBatch> ReadBatches(long after, CancellationToken cancel = default) => throw ReadOnly();

    public ValueTask<AppendOutcome> Append(AppendRequest request, CancellationToken cancel = default) => throw ReadOnly();

    /// <summary>The ledger is its owner's to close.</summary>
    public ValueTask DisposeAsync() => default;

    private static InvalidOperationException ReadOnly() => new("A replay reads events, and does nothing else.");

    private async IAsyncEnumerable<EventPage> Think(ReadRequest request, [EnumeratorCancellation] CancellationToken cancel)
    {
        var next = 0;
        if (_request.Start == ReplayStart.Empty && request.After < _request.From)
        {
            yield return new EventPage([], _request.From, CaughtUp: false);
            request = request with { After = _request.From };
        }

        while (next < _others.Length && _others[next].Recorded.Position <= request.After)
            next++;
        await foreach (var page in _ledger.ReadAcrossTenants(request, cancel))
        {
            var events = ImmutableArray.CreateBuilder<RecordedEvent>(page.Events.Length);
            foreach (var recorded in page.Events)
            {
                AddOthers(recorded.Position, isBehind: false);
                if (!_gone.Contains(recorded.Position) && IsMeant(recorded))
                    events.Add(recorded);
            }

            AddOthers(page.ScannedTo, isBehind: true);
            yield return page with { Events = events.DrainToImmutable() };

            void AddOthers(long upTo, bool isBehind)
            {
                for (; next < _others.Length && _others[next] is var (other, behind)
                    && (other.Position < upTo || (other.Position == upTo && (isBehind || !behind))); next++)
                {
                    if (request.Query.Matches(other) && IsMeant(other))
                        events.Add(other);
                }
            }
        }
    }

    private bool IsMeant(RecordedEvent recorded) =>
        (_request.Start == ReplayStart.AsItWas && recorded.Position <= _request.From)
        || ((_request.Tenant is null || recorded.Tenant == _request.Tenant) && _request.Only?.Matches(recorded) != false);

    private async IAsyncEnumerable<EventPage> AtPace(
        IAsyncEnumerable<EventPage> pages, double speed, [EnumeratorCancellation] CancellationToken cancel)
    {
        (long Ticks, DateTimeOffset At)? began = null;
        await foreach (var page in pages.WithCancellation(cancel))
        {
            var from = 0;
            for (var e = 0; e < page.Events.Length; e++)
            {
                var recorded = page.Events[e];
                if (recorded.Position <= _request.From)
                    continue;
                began ??= (_clock.GetTimestamp(), recorded.RecordedAt);
                var due = (recorded.RecordedAt - began.Value.At) / speed;
                if (due <= _clock.GetElapsedTime(began.Value.Ticks))
                    continue;
                if (e > from)
                    yield return new EventPage(page.Events[from..e], page.Events[e - 1].Position, CaughtUp: true);
                from = e;
                while (_clock.GetElapsedTime(began.Value.Ticks) is var passed && passed < due)
                    await Ambient.Pause(_clock, due - passed, cancel);
            }

            yield return page with { Events = page.Events[from..] };
        }
    }

    private static async Task<RecordedEvent> ReadAt(ILedger ledger, long position, CancellationToken cancel)
    {
        var everything = new EventQuery { Items = [new QueryItem()] };
        var request = new ReadRequest { Query = everything, After = position - 1, Before = position + 1, Limit = 1 };
        return await ledger.ReadAcrossTenants(request, cancel).First()
            ?? throw new InvalidDataException($"There is no event of the business at {position}.");
    }

    private static RecordedEvent Changed(RecordedEvent recorded, Alteration.Replace by) => new()
    {
        Position = recorded.Position,
        Id = recorded.Id,
        Tenant = recorded.Tenant,
        Stream = recorded.Stream,
        Version = recorded.Version,
        Type = by.Type ?? recorded.Type,
        SchemaVersion = by.SchemaVersion ?? recorded.SchemaVersion,
        RecordedAt = recorded.RecordedAt,
        EffectiveAt = by.EffectiveAt ?? recorded.EffectiveAt,
        CorrelationId = recorded.CorrelationId,
        CausationId = recorded.CausationId,
        Actor = recorded.Actor,
        TraceParent = recorded.TraceParent,
        Tags = recorded.Tags,
        ContentType = recorded.ContentType,
        Data = by.Data is { } data ? JsonSerializer.SerializeToUtf8Bytes(data) : recorded.Data,
        Headers = recorded.Headers,
    };

    private static RecordedEvent New(Alteration.Insert insert, long position, DateTimeOffset time) => new()
    {
        Position = position,
        Id = Guid.Empty,
        Tenant = insert.Tenant,
        Stream = insert.Stream,
        Version = 0,
        Type = insert.Type,
        SchemaVersion = insert.SchemaVersion,
        RecordedAt = time,
        EffectiveAt = insert.EffectiveAt,
        Tags = insert.Tags,
        ContentType = NewEvent.Json,
        Data = JsonSerializer.SerializeToUtf8Bytes(insert.Data),
    };

    /// <summary>An event that is not in the ledger, at a place where another may stand.</summary>
    private readonly record struct Other(RecordedEvent Recorded, bool IsBehind);
}
