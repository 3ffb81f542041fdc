using System.Collections.Immutable;
using System.Text.Json;
using Ledgerfold.Model.Events;
using Ledgerfold.Model.Querying;

namespace Ledgerfold.Model.Folding;

/// <summary>
/// A fold that people query: which events, under which keys, and what each event makes of the state under its key. The code and its version
/// belong together; whoever changes one raises the other, and the new version is built beside the old.
/// </summary>
public abstract class Projection
{
    /// <summary>The key of a projection that has only one state.</summary>
    public const string WholeKey = "all";

    private protected Projection(string name, int version, bool isPlatform)
    {
        if (!Limits.IsFold(name) || (name.StartsWith('$') && !isPlatform))
            throw new ArgumentException($"'{name}' names no projection: a letter, then letters, digits, '_', '.' and '-'.", nameof(name));
        ArgumentOutOfRangeException.ThrowIfLessThan(version, 1);
        Fold = new FoldName(name, version);
    }

    /// <summary>Its name, and the version of its code.</summary>
    public FoldName Fold { get; private set; }

    /// <summary>Which events it is made of, over all tenants; each tenant has rows of its own.</summary>
    public EventQuery Query { get; init; } = EventQuery.All;

    /// <summary>
    /// The key that a fact belongs to; null where it says nothing to this projection. Pure. Without it there is one state for all.
    /// </summary>
    public Func<object, RecordedEvent, string?> Key { get; init; } = static (_, _) => WholeKey;

    /// <summary>The keys of a fact that belongs to several, such as both sides of a transfer; where given, it stands for the key.</summary>
    public Func<object, RecordedEvent, IEnumerable<string>>? Keys { get; init; }

    /// <summary>
    /// Which of its events can belong to a key, where a query can say it (<c>key => EventQuery.OfStream(key)</c>): state on demand and
    /// released keys then read those alone, and not all of them.
    /// </summary>
    public Func<string, EventQuery>? EventsOf { get; init; }

    /// <summary>What it does with an event that its query finds and whose type its module does not know.</summary>
    public UnknownEvents Unknown { get; init; } = UnknownEvents.Refuse;

    /// <summary>Whether a command's answer waits until this projection shows its events.</summary>
    public bool Inline { get; init; }

    /// <summary>Reads and writes states as JSON.</summary>
    public JsonSerializerOptions Json { get; init; } = EventJson.Options;

    internal abstract Type StateType { get; }

    internal abstract object? ApplyFact(object? state, object fact, RecordedEvent recorded);

    internal abstract FoldRow Encode(string tenant, string rowKey, object state);

    internal abstract object Decode(FoldRow row);

    internal abstract JsonRows RowsOf(FoldEngine engine);

    /// <summary>The user's key of a row in the fold store.</summary>
    public static string KeyOf(FoldRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        return RowKeys.KeyOf(row);
    }

    /// <summary>Every key that a fact belongs to, each once.</summary>
    public IEnumerable<string> KeysOf(object fact, RecordedEvent recorded) => Keys is { } several
        ? several(fact, recorded).Distinct(StringComparer.Ordinal)
        : Key(fact, recorded) is { } key ? [key] : [];

    /// <summary>The same code, whose rows stand in the fold store under another name.</summary>
    internal Projection KeptAs(FoldName fold)
    {
        var copy = (Projection)MemberwiseClone();
        copy.Fold = fold;
        return copy;
    }

    /// <summary>What to read for one key: its own events where the projection can name them, else all of them.</summary>
    internal EventQuery QueryOf(string key) => EventsOf?.Invoke(key) ?? Query;

    /// <inheritdoc />
    public override string ToString() => Fold.ToString();
}

/// <summary>A projection with its state and what each event makes of it.</summary>
/// <typeparam name="TState">The state under one key; never changed once made, so that it can be kept, compared and handed out.</typeparam>
public sealed class Projection<TState> : Projection
    where TState : class
{
    /// <summary>A projection of this name, in this version of its code.</summary>
    /// <param name="name">What it is called for ever.</param>
    /// <param name="version">The version of its code, from 1.</param>
    /// <param name="perStreamOf">
    /// A category where there is one row for each of its streams, under the stream's name: says query, key and the events of a key in one.
    /// </param>
    public Projection(string name, int version = 1, string? perStreamOf = null)
        : base(name, version, isPlatform: false)
    {
        if (perStreamOf is null)
            return;
        Query = EventQuery.OfCategory(perStreamOf);
        Key = static (_, recorded) => recorded.Stream;
        EventsOf = EventQuery.OfStream;
    }

    /// <summary>One of the platform's own, whose names begin with <c>$</c>.</summary>
    internal Projection(FoldName platform)
        : base(platform.Name, platform.Version, isPlatform: true)
    {
    }

    /// <summary>
    /// The state after one more fact: null before the first one, and null again where the row is to be no more. Pure: the same facts in the
    /// same order give the same state, whenever and wherever.
    /// </summary>
    public required Func<TState?, object, RecordedEvent, TState?> Apply { get; init; }

    /// <summary>Where else a row is found; pure.</summary>
    public Func<TState, ImmutableArray<FoldIndexEntry>>? Indexes { get; init; }

    internal override Type StateType => typeof(TState);

    internal override object? ApplyFact(object? state, object fact, RecordedEvent recorded) => Apply((TState?)state, fact, recorded);

    internal override FoldRow Encode(string tenant, string rowKey, object state) => new()
    {
        Tenant = tenant,
        Key = rowKey,
        Data = JsonSerializer.SerializeToUtf8Bytes((TState)state, Json),
        Indexes = Indexes?.Invoke((TState)state) ?? [],
    };

    internal override object Decode(FoldRow row) => DecodeState(row);

    internal override JsonRows RowsOf(FoldEngine engine) => new JsonRows<TState>(new ProjectionReader<TState>(engine, this), Json);

    internal TState DecodeState(FoldRow row)
    {
        try
        {
            return JsonSerializer.Deserialize<TState>(row.Data.Span, Json)
                ?? throw new FoldsDamagedException($"A row of {Fold} holds null.");
        }
        catch (JsonException failure)
        {
            throw new FoldsDamagedException($"A row of {Fold} does not hold a {typeof(TState).Name}: {failure.Message}");
        }
    }
}
