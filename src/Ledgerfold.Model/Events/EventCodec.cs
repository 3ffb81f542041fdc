using System.Collections.Immutable;
using System.Text.Json;

namespace Ledgerfold.Model.Events;

/// <summary>
/// The one way between events in code and bytes in the ledger, for deciders, folds of every kind, dead letters and queries alike. Reading
/// makes old events newer first; what cannot be read is said, never guessed.
/// </summary>
public sealed class EventCodec(EventTypes types)
{
    // An upcast that gives back what it was given would go on for ever.
    private const int UpcastsMax = 100;

    /// <summary>The types it knows.</summary>
    public EventTypes Types { get; } = types;

    /// <summary>An event's name, schema version and bytes.</summary>
    public (string Type, int Version, ReadOnlyMemory<byte> Data) Encode(object fact)
    {
        var type = Types.Of(fact);
        return (type.Name, type.Version, JsonSerializer.SerializeToUtf8Bytes(fact, type.Json));
    }

    /// <summary>
    /// An event as it will be read once it is written: what a state is made of, so that one kept in memory is the one computed later, and
    /// what cannot be read back is never written.
    /// </summary>
    internal object WriteAndRead(object fact) => WriteAndRead(fact, out _, out _);

    internal object WriteAndRead(object fact, out EventType type, out byte[] data)
    {
        type = Types.Of(fact);
        data = JsonSerializer.SerializeToUtf8Bytes(fact, type.Json);
        return JsonSerializer.Deserialize(data, type.Json) ?? throw new InvalidOperationException($"{type.Name} is written as null.");
    }

    /// <summary>
    /// What a stored event says in this code: mostly one fact, none or several where an upcast makes it so.
    /// </summary>
    public Decoded Decode(RecordedEvent recorded, UnknownEvents unknown = UnknownEvents.Refuse)
    {
        ArgumentNullException.ThrowIfNull(recorded);
        if (recorded.Erased)
            return Decoded.Nothing;
        if (unknown == UnknownEvents.PassOver && !Types.Knows(recorded.Type))
            return Decoded.Nothing;
        if (Types.TryFindUpcast(recorded.Type, recorded.SchemaVersion, out _))
            return DecodeOlder(new EncodedEvent(recorded.Type, recorded.SchemaVersion, recorded.Data, recorded));
        return DecodeOne(new EncodedEvent(recorded.Type, recorded.SchemaVersion, recorded.Data, recorded), out var fact) is { } problem
            ? new Decoded(problem)
            : new Decoded(fact!);
    }

    private Decoded DecodeOlder(EncodedEvent old)
    {
        var facts = ImmutableArray.CreateBuilder<object>();
        var steps = new Stack<EncodedEvent>([old]);
        for (var upcasts = 0; steps.TryPop(out var next);)
        {
            if (!Types.TryFindUpcast(next.Type, next.Version, out var upcast))
            {
                if (DecodeOne(next, out var fact) is { } problem)
                    return new Decoded(problem);
                facts.Add(fact!);
                continue;
            }

            if (++upcasts > UpcastsMax)
                return new Decoded(new Unreadable(UnreadableKind.Malformed, old.Type, old.Version, "its upcasts never come to an end"));
            try
            {
                foreach (var newer in upcast(next).Reverse())
                    steps.Push(newer);
            }
            catch (Exception failure) when (failure is not OutOfMemoryException)
            {
                return new Decoded(new Unreadable(UnreadableKind.Malformed, next.Type, next.Version, failure.Message));
            }
        }

        return new Decoded(facts.DrainToImmutable());
    }

    private Unreadable? DecodeOne(EncodedEvent encoded, out object? fact)
    {
        fact = null;
        if (Types.Find(encoded.Type) is not { } type)
            return new Unreadable(UnreadableKind.UnknownType, encoded.Type, encoded.Version, "no event of this module has that name");
        if (encoded.Version > type.Version)
        {
            return new Unreadable(
                UnreadableKind.NewerVersion, encoded.Type, encoded.Version, $"this code knows version {type.Version} and older");
        }

        try
        {
            fact = JsonSerializer.Deserialize(encoded.Data.Span, type.Json);
            return fact is null ? new Unreadable(UnreadableKind.Malformed, encoded.Type, encoded.Version, "it is null") : null;
        }
        catch (JsonException failure)
        {
            return new Unreadable(UnreadableKind.Malformed, encoded.Type, encoded.Version, failure.Message);
        }
    }
}

/// <summary>What a stored event says: facts, or why it cannot be read.</summary>
public readonly struct Decoded
{
    private readonly object? _one;
    private readonly ImmutableArray<object> _several;

    internal Decoded(object fact) => _one = fact;

    internal Decoded(ImmutableArray<object> facts) => _several = facts;

    internal Decoded(Unreadable problem) => Problem = problem;

    /// <summary>No fact: the event was erased, or an upcast left nothing of it.</summary>
    public static Decoded Nothing => default;

    /// <summary>Why it cannot be read; null where it could.</summary>
    public Unreadable? Problem { get; }

    /// <summary>How many facts there are.</summary>
    public int Count => _one is not null ? 1 : _several.IsDefault ? 0 : _several.Length;

    /// <summary>The n-th fact.</summary>
    public object this[int index] => _one is not null && index == 0 ? _one : _several[index];
}

/// <summary>Why an event cannot be read.</summary>
/// <param name="Kind">What is wrong.</param>
/// <param name="Type">The event's name.</param>
/// <param name="Version">Its schema version.</param>
/// <param name="Reason">The particulars, for people.</param>
public sealed record Unreadable(UnreadableKind Kind, string Type, int Version, string Reason)
{
    /// <inheritdoc />
    public override string ToString() => $"{Type} version {Version} cannot be read: {Reason}.";
}

/// <summary>What is wrong with an event that cannot be read.</summary>
public enum UnreadableKind
{
    /// <summary>The module has no event of that name.</summary>
    UnknownType,

    /// <summary>Newer code wrote it.</summary>
    NewerVersion,

    /// <summary>Its bytes are not what the contract says, a required member is missing, or an upcast failed.</summary>
    Malformed,
}
