using System.Collections.Immutable;
using System.Text.Json;
using Ledgerfold.Model;
using Ledgerfold.Model.Events;
using Ledgerfold.Model.Folding;
using Ledgerfold.Testing.Folding;
using Xunit;

namespace Ledgerfold.Testing;

/// <summary>
/// Given these events, then a projection has this row under a key. Nothing is stored: events are read as they would be from a ledger, and
/// folded as they would be by an engine. Immutable, each call gives a new one.
/// </summary>
/// <typeparam name="TState">The projection's state.</typeparam>
public sealed record FoldScenario<TState>
    where TState : class
{
    private readonly EventCodec _codec;
    private readonly Projection<TState> _projection;

    /// <summary>A scenario of a projection, made of events that the module knows.</summary>
    public FoldScenario(Module module, Projection<TState> projection)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(projection);
        _codec = new EventCodec(module.EventTypes);
        _projection = projection;
    }

    private ImmutableArray<RecordedEvent> History { get; init; } = [];

    private DateTimeOffset Time { get; init; } = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>What is given from here on was recorded at this time.</summary>
    public FoldScenario<TState> At(DateTimeOffset time) => this with { Time = time };

    /// <summary>These events stand in a stream, behind all that were given before.</summary>
    public FoldScenario<TState> Given(string stream, params ImmutableArray<object> events)
    {
        var history = History.ToBuilder();
        foreach (var fact in events)
            history.Add(Recorded(stream, fact, history));
        return this with { History = history.DrainToImmutable() };
    }

    /// <summary>The row under this key is this one; null means that there is none.</summary>
    public void Then(string key, TState? expected)
    {
        var states = new Dictionary<FoldKey, TState>();
        foreach (var recorded in History.Where(_projection.Query.Matches))
            HistoryReplay.Apply(_projection, _codec, states, recorded);
        var (wanted, actual) = (Spoken(expected), Spoken(states.GetValueOrDefault(new FoldKey(Tenants.Default, key))));
        Assert.True(wanted == actual, $"Expected under {key}:\n  {wanted}\nActual:\n  {actual}");
    }

    private RecordedEvent Recorded(string stream, object said, ImmutableArray<RecordedEvent>.Builder before)
    {
        var fact = said as Model.Deciding.Fact ?? new Model.Deciding.Fact(said);
        var (type, version, data) = _codec.Encode(fact.Event);
        var position = before.Count + 1;
        return new RecordedEvent
        {
            Position = position,
            Id = new Guid(position, 0, 0, new byte[8]),
            Tenant = Tenants.Default,
            Stream = stream,
            Version = before.Count(one => one.Stream == stream) + 1,
            Type = type,
            SchemaVersion = version,
            RecordedAt = Time,
            EffectiveAt = fact.EffectiveAt,
            Tags = fact.Tags,
            ContentType = "application/json",
            Data = data,
        };
    }

    private string Spoken(TState? state) => state is null ? "nothing" : JsonSerializer.Serialize(state, _projection.Json);
}
