using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Ledgerfold.Model.Events;

/// <summary>
/// The event types of a module: each CLR type by the stable name and schema version that the ledger knows it by, and how old events become
/// new ones. Built once; then immutable and for any thread. Nothing is looked up by reflection after that.
/// </summary>
public sealed class EventTypes
{
    private readonly FrozenDictionary<string, EventType> _byName;
    private readonly FrozenDictionary<Type, EventType> _byType;
    private readonly FrozenDictionary<(string Name, int Version), Upcast> _upcasts;
    private readonly FrozenSet<string> _upcastNames;

    private EventTypes(ImmutableArray<EventType> types, ImmutableDictionary<(string, int), Upcast> upcasts)
    {
        All = types;
        Upcasts = upcasts;
        _byName = types.ToFrozenDictionary(type => type.Name, StringComparer.Ordinal);
        _byType = types.ToFrozenDictionary(type => type.Clr);
        _upcasts = upcasts.ToFrozenDictionary();
        _upcastNames = upcasts.Keys.Select(static one => one.Item1).ToFrozenSet(StringComparer.Ordinal);
    }

    /// <summary>No types.</summary>
    public static EventTypes None { get; } = new([], ImmutableDictionary<(string, int), Upcast>.Empty);

    /// <summary>Every type, in the order it was added.</summary>
    public ImmutableArray<EventType> All { get; }

    internal ImmutableDictionary<(string Name, int Version), Upcast> Upcasts { get; }

    /// <summary>
    /// The events of a family: every concrete type that is nested in it or derives from it, each under its own short name. JSON is read and
    /// written by the options' contracts, so a source-generated context goes in as <see cref="JsonSerializerOptions.TypeInfoResolver"/>.
    /// </summary>
    public static EventTypes In(Type family, JsonSerializerOptions? json = null)
    {
        ArgumentNullException.ThrowIfNull(family);
        var types = family.Assembly.GetTypes()
            .Where(type => IsConcrete(type) && (type.DeclaringType == family || (type != family && family.IsAssignableFrom(type))))
            .OrderBy(static type => type.FullName, StringComparer.Ordinal);
        var all = types.Aggregate(None, (known, type) => known.With(new EventType(type, type.Name, 1, Contract(type, json))));
        return all.All.Length > 0
            ? all
            : throw new ArgumentException($"{family} holds no event: no concrete type is nested in it or derives from it.", nameof(family));
    }

    /// <summary>The events of a family, as <see cref="In(Type, JsonSerializerOptions?)"/>.</summary>
    public static EventTypes Of<TFamily>(JsonSerializerOptions? json = null) => In(typeof(TFamily), json);

    /// <summary>These and the others; a name or a type that both have must be the same in both.</summary>
    public EventTypes With(EventTypes others)
    {
        ArgumentNullException.ThrowIfNull(others);
        var all = others.All.Aggregate(this, static (known, type) => known.With(type));
        return new EventTypes(all.All, all.Upcasts.AddRange(others.Upcasts));
    }

    /// <summary>Gives a type the name and schema version it has in the ledger, whatever its CLR name is.</summary>
    public EventTypes Named<TEvent>(string name, int version = 1)
    {
        if (!Limits.IsName(name))
            throw new ArgumentException("An event type's name has 1 to 512 bytes and no control characters.", nameof(name));
        ArgumentOutOfRangeException.ThrowIfLessThan(version, 1);
        var known = _byType.GetValueOrDefault(typeof(TEvent));
        var renamed = new EventType(typeof(TEvent), name, version, known?.Json ?? Contract(typeof(TEvent), json: null));
        return new EventTypes(All.RemoveAll(type => type.Clr == typeof(TEvent)), Upcasts).With(renamed);
    }

    /// <summary>
    /// Makes events of a name and schema version into newer ones, on the way from the ledger to whoever reads them: the one form for every
    /// change of an event that its JSON contract does not bear by itself. What comes out may be made newer again.
    /// </summary>
    public EventTypes Upcast(string name, int version, Upcast upcast)
    {
        ArgumentNullException.ThrowIfNull(upcast);
        return Upcasts.ContainsKey((name, version))
            ? throw new ArgumentException($"{name} version {version} is made newer already.", nameof(name))
            : new EventTypes(All, Upcasts.Add((name, version), upcast));
    }

    /// <summary>The type with this name in the ledger, or null.</summary>
    public EventType? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>The type of an event to be written.</summary>
    /// <exception cref="InvalidOperationException">The module does not know it.</exception>
    public EventType Of(object fact)
    {
        ArgumentNullException.ThrowIfNull(fact);
        return _byType.GetValueOrDefault(fact.GetType())
            ?? throw new InvalidOperationException($"{fact.GetType()} is no event of this module: add its family to the module's events.");
    }

    /// <summary>Whether events of this name can be of this module, be it only in an older version.</summary>
    internal bool Knows(string name) => _byName.ContainsKey(name) || _upcastNames.Contains(name);

    internal bool TryFindUpcast(string name, int version, out Upcast upcast) => _upcasts.TryGetValue((name, version), out upcast!);

    private EventTypes With(EventType added)
    {
        if (_byType.TryGetValue(added.Clr, out var same) && same.Name == added.Name && same.Version == added.Version)
            return this;
        if (_byName.TryGetValue(added.Name, out var known))
            throw new ArgumentException($"{known.Clr} and {added.Clr} would both be named {added.Name}: give one of them another name.");
        if (same is not null)
            throw new ArgumentException($"{added.Clr} has two names, {same.Name} and {added.Name}.");
        return new EventTypes(All.Add(added), Upcasts);
    }

    private static JsonTypeInfo Contract(Type type, JsonSerializerOptions? json) => (json ?? EventJson.Options).GetTypeInfo(type);

    private static bool IsConcrete(Type type) =>
        type is { IsAbstract: false, IsInterface: false, ContainsGenericParameters: false, IsEnum: false }
        && !typeof(Delegate).IsAssignableFrom(type)
        && type.GetCustomAttribute<System.Runtime.CompilerServices.CompilerGeneratedAttribute>() is null;
}

/// <summary>An event type.</summary>
/// <param name="Clr">What it is in code.</param>
/// <param name="Name">What it is called in the ledger, for ever.</param>
/// <param name="Version">The version of its schema that this code writes, from 1; older ones are read, newer ones are not.</param>
/// <param name="Json">How it is read and written.</param>
public sealed record EventType(Type Clr, string Name, int Version, JsonTypeInfo Json);

/// <summary>An event as stored, on its way to be read: what it is called, which version it has, and its bytes.</summary>
/// <param name="Type">The name.</param>
/// <param name="Version">The schema version.</param>
/// <param name="Data">The bytes.</param>
/// <param name="Source">The event in the ledger that it stems from, with everything else there is to know of it.</param>
public readonly record struct EncodedEvent(string Type, int Version, ReadOnlyMemory<byte> Data, RecordedEvent Source);

/// <summary>Makes an old event into none, one or several newer ones; pure.</summary>
public delegate ImmutableArray<EncodedEvent> Upcast(EncodedEvent old);
