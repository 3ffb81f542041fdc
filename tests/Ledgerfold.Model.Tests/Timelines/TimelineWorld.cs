using System.Runtime.CompilerServices;
using Ledgerfold.Model.Events;
using Ledgerfold.Model.Timelines;
using Ledgerfold.Testing;

namespace Ledgerfold.Model.Tests.Timelines;

/// <summary>A ledger whose reads are counted, a clock that stands still, and timelines over it.</summary>
internal sealed class TimelineWorld
{
    private int _ids;

    public TimelineWorld(TimelineOptions? options = null, params Module[] modules)
    {
        Inner = new InMemoryLedger(Clock);
        Ledger = new CountedLedger(Inner);
        Engine = new TimelineEngine(Ledger, modules, options);
    }

    public ManualClock Clock { get; } = new();

    public InMemoryLedger Inner { get; }

    public CountedLedger Ledger { get; }

    public TimelineEngine Engine { get; }

    public DateTimeOffset Now => Clock.GetUtcNow();

    public Task<long> Append(EventTypes types, string stream, params object[] facts) => Append(types, stream, null, facts);

    public Task<long> Append(EventTypes types, string stream, DateTimeOffset? effective, params object[] facts)
    {
        var codec = new EventCodec(types);
        return AppendRaw(stream, [.. facts.Select(fact => codec.Encode(fact)).Select(one => NewEvent(one.Type, one.Data) with { EffectiveAt = effective, SchemaVersion = one.Version })]);
    }

    public async Task<long> AppendRaw(string stream, params NewEvent[] events)
    {
        var outcome = await Inner.Append(AppendRequest.To(stream, Expectation.Any, [.. events]));
        return Assert.IsType<AppendOutcome.Appended>(outcome).Last;
    }

    public NewEvent NewEvent(string type, ReadOnlyMemory<byte> data) => new()
    {
        Id = new Guid(++_ids, 3, 3, new byte[8]),
        Type = type,
        Data = data,
        Actor = $"user:{_ids % 3}",
        CorrelationId = $"talk-{_ids / 2}",
    };
}

/// <summary>Counts the events that are read, and shows them otherwise where a test wants that.</summary>
internal sealed class CountedLedger(ILedger inner) : ILedger
{
    public int EventsRead { get; set; }

    public Func<RecordedEvent, RecordedEvent?> Show { get; set; } = static recorded => recorded;

    /// <summary>What happens before each page.</summary>
    public Func<Task> BeforePage { get; set; } = static () => Task.CompletedTask;

    public async IAsyncEnumerable<EventPage> Read(ReadRequest request, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        await foreach (var page in inner.Read(request, cancel))
        {
            await BeforePage();
            cancel.ThrowIfCancellationRequested();
            EventsRead += page.Events.Length;
            yield return page with { Events = [.. page.Events.Select(Show).OfType<RecordedEvent>()] };
        }
    }

    public ValueTask<AppendOutcome> Append(AppendRequest request, CancellationToken cancel = default) => inner.Append(request, cancel);

    public IAsyncEnumerable<EventPage> ReadAcrossTenants(ReadRequest request, CancellationToken cancel = default) => inner.ReadAcrossTenants(request, cancel);

    public ValueTask<RecordedEvent?> ReadById(string tenant, Guid id, CancellationToken cancel = default) => inner.ReadById(tenant, id, cancel);

    public ValueTask<StreamHead> ReadStreamHead(string tenant, string stream, CancellationToken cancel = default) => inner.ReadStreamHead(tenant, stream, cancel);

    public ValueTask<Cursor> ReadCursor(string tenant, string consumer, int partition, CancellationToken cancel = default) =>
        inner.ReadCursor(tenant, consumer, partition, cancel);

    public ValueTask<LedgerRange> ReadRange(CancellationToken cancel = default) => inner.ReadRange(cancel);

    public ValueTask<long> PositionAt(DateTimeOffset time, CancellationToken cancel = default) => inner.PositionAt(time, cancel);

    public IAsyncEnumerable<RawBatch> ReadBatches(long after, CancellationToken cancel = default) => inner.ReadBatches(after, cancel);

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
