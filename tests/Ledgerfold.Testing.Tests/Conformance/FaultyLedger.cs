using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace Ledgerfold.Testing.Tests.Conformance;

/// <summary>A ledger that lies in one place: each hook replaces one answer of the faithful ledger beneath.</summary>
internal sealed class FaultyLedger(InMemoryLedger inner) : ILedger
{
    public InMemoryLedger Inner => inner;

    /// <summary>Instead of an append; asked only for requests that keep the limits, and with no array left out.</summary>
    public Func<AppendRequest, Task<AppendOutcome>>? OnAppend { get; init; }

    /// <summary>The answer to any append.</summary>
    public Func<AppendOutcome, AppendOutcome>? OnOutcome { get; init; }

    /// <summary>An event on its way in, before the limits are checked.</summary>
    public Func<NewEvent, NewEvent>? OnInput { get; init; }

    public Func<ReadRequest, bool, CancellationToken, IAsyncEnumerable<EventPage>>? OnRead { get; init; }

    public Func<ReadRequest, EventPage, EventPage>? OnPage { get; init; }

    public Func<RecordedEvent, RecordedEvent?>? OnRecorded { get; init; }

    public Func<string, string, int, Cursor, Cursor>? OnCursor { get; init; }

    public Func<DateTimeOffset, Task<long>>? OnPositionAt { get; init; }

    public Func<RawBatch, bool>? OnBatch { get; init; }

    public Func<StreamHead, StreamHead>? OnHead { get; init; }

    public bool IgnoresCancellation { get; init; }

    public Action OnRestart { get; init; } = () => { };

    public async ValueTask<AppendOutcome> Append(AppendRequest request, CancellationToken cancel = default)
    {
        if (IgnoresCancellation && cancel.IsCancellationRequested)
            await inner.Append(request, CancellationToken.None);
        cancel.ThrowIfCancellationRequested();
        if (OnInput is not null && !request.Writes.IsDefaultOrEmpty)
            request = Each(request, item => item is null ? item! : OnInput(item));
        var outcome = OnAppend is null || Limits.Check(request) is not null
            ? await inner.Append(request, cancel)
            : await OnAppend(Each(request, item => item) with { CursorMoves = Or(request.CursorMoves) });
        return OnOutcome is null ? outcome : OnOutcome(outcome);
    }

    public IAsyncEnumerable<EventPage> Read(ReadRequest request, CancellationToken cancel = default) => Pages(request, false, cancel);

    public IAsyncEnumerable<EventPage> ReadAcrossTenants(ReadRequest request, CancellationToken cancel = default) =>
        Pages(request, true, cancel);

    public async ValueTask<RecordedEvent?> ReadById(string tenant, Guid id, CancellationToken cancel = default) =>
        await inner.ReadById(tenant, id, cancel) is { } recorded ? Shown(recorded) : null;

    public async ValueTask<StreamHead> ReadStreamHead(string tenant, string stream, CancellationToken cancel = default) =>
        await inner.ReadStreamHead(tenant, stream, cancel) is var head && OnHead is not null ? OnHead(head) : head;

    public async ValueTask<Cursor> ReadCursor(string tenant, string consumer, int partition, CancellationToken cancel = default)
    {
        var cursor = await inner.ReadCursor(tenant, consumer, partition, cancel);
        return OnCursor is null ? cursor : OnCursor(tenant, consumer, partition, cursor);
    }

    public ValueTask<LedgerRange> ReadRange(CancellationToken cancel = default) => inner.ReadRange(cancel);

    public async ValueTask<long> PositionAt(DateTimeOffset time, CancellationToken cancel = default) =>
        OnPositionAt is null ? await inner.PositionAt(time, cancel) : await OnPositionAt(time);

    public async IAsyncEnumerable<RawBatch> ReadBatches(long after, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        await foreach (var batch in inner.ReadBatches(after, cancel))
        {
            if (OnBatch?.Invoke(batch) != false)
                yield return batch;
        }
    }

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    public IAsyncEnumerable<EventPage> ReadInner(ReadRequest request, bool across, CancellationToken cancel) =>
        across ? inner.ReadAcrossTenants(request, cancel) : inner.Read(request, cancel);

    private async IAsyncEnumerable<EventPage> Pages(ReadRequest request, bool across, [EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var page in OnRead is null ? ReadInner(request, across, cancel) : OnRead(request, across, cancel))
        {
            var shown = page with { Events = [.. page.Events.Select(Shown).OfType<RecordedEvent>()] };
            yield return OnPage is null ? shown : OnPage(request, shown);
        }
    }

    /// <summary>The request with each of its events changed.</summary>
    public static AppendRequest Each(AppendRequest request, Func<NewEvent, NewEvent> change) => request with
    {
        Writes =
        [
            .. Or(request.Writes).Select(write =>
                write is null ? write! : write with { Events = [.. Or(write.Events).Select(change)] }),
        ],
    };

    private static ImmutableArray<T> Or<T>(ImmutableArray<T> array) => array.IsDefault ? [] : array;

    private RecordedEvent? Shown(RecordedEvent recorded) => OnRecorded is null ? recorded : OnRecorded(recorded);
}

/// <summary>A recorded event as something to be changed.</summary>
internal static class Changing
{
    public static RecordedEvent With(
        this RecordedEvent recorded,
        Guid? id = null,
        long? version = null,
        DateTimeOffset? recordedAt = null,
        Func<DateTimeOffset?, DateTimeOffset?>? effectiveAt = null,
        Func<string?, string?>? text = null,
        ImmutableArray<string>? tags = null,
        ReadOnlyMemory<byte>? data = null,
        ImmutableArray<KeyValuePair<string, string>>? headers = null,
        int? schemaVersion = null) => new()
        {
            Position = recorded.Position,
            Id = id ?? recorded.Id,
            Tenant = recorded.Tenant,
            Stream = recorded.Stream,
            Version = version ?? recorded.Version,
            Type = recorded.Type,
            SchemaVersion = schemaVersion ?? recorded.SchemaVersion,
            RecordedAt = recordedAt ?? recorded.RecordedAt,
            EffectiveAt = effectiveAt is null ? recorded.EffectiveAt : effectiveAt(recorded.EffectiveAt),
            CorrelationId = text is null ? recorded.CorrelationId : text(recorded.CorrelationId),
            CausationId = text is null ? recorded.CausationId : text(recorded.CausationId),
            Actor = text is null ? recorded.Actor : text(recorded.Actor),
            TraceParent = text is null ? recorded.TraceParent : text(recorded.TraceParent),
            Tags = tags ?? recorded.Tags,
            ContentType = recorded.ContentType,
            Data = data ?? recorded.Data,
            Headers = headers ?? recorded.Headers,
        };
}
