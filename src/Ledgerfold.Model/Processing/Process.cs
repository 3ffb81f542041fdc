using System.Collections.Immutable;
using System.Text.Json;
using Ledgerfold.Model.Events;

namespace Ledgerfold.Model.Processing;

/// <summary>
/// A fold that reacts: which events reach which instance, and what each instance makes of what reaches it. All of its code is pure; what it
/// wants done is recorded with its state and done afterwards. The code and its version belong together: an instance goes by the version it
/// began with, unless a newer one says how it takes over.
/// </summary>
public abstract record Process
{
    private protected Process(string name, int version)
    {
        if (!Limits.IsCategory(name) || name.StartsWith('$') || name.Length > NameLengthMax)
            throw new ArgumentException($"'{name}' names no process: [a-z][A-Za-z0-9]*, at most {NameLengthMax} letters.", nameof(name));
        ArgumentOutOfRangeException.ThrowIfLessThan(version, 1);
        (Name, Version) = (name, version);
    }

    /// <summary>The longest name of a process.</summary>
    public const int NameLengthMax = 64;

    /// <summary>The longest key of an instance, in bytes of UTF-8.</summary>
    public const int KeyBytesMax = 400;

    /// <summary>What it is called for ever.</summary>
    public string Name { get; }

    /// <summary>The version of its code, from 1.</summary>
    public int Version { get; }

    /// <summary>Whether an event that begins an instance begins it anew where the one before has come to its end.</summary>
    public bool StartsAgain { get; init; }

    internal ImmutableDictionary<Type, EventReaction> Starting { get; init; } = ImmutableDictionary<Type, EventReaction>.Empty;

    internal ImmutableDictionary<Type, EventReaction> Reacting { get; init; } = ImmutableDictionary<Type, EventReaction>.Empty;

    internal ImmutableDictionary<string, React<StepDone>> OnDone { get; init; } = ImmutableDictionary<string, React<StepDone>>.Empty;

    internal ImmutableDictionary<string, React<StepDone>> OnLate { get; init; } = ImmutableDictionary<string, React<StepDone>>.Empty;

    internal ImmutableDictionary<string, React<StepFailure>> OnFailed { get; init; } =
        ImmutableDictionary<string, React<StepFailure>>.Empty;

    internal ImmutableDictionary<string, React<string>> OnTimer { get; init; } = ImmutableDictionary<string, React<string>>.Empty;

    internal ImmutableArray<FinishedReaction> OnFinished { get; init; } = [];

    internal React<string>? OnCompensated { get; init; }

    internal ImmutableDictionary<int, Func<JsonElement, Reactions, object>> Migrations { get; init; } =
        ImmutableDictionary<int, Func<JsonElement, Reactions, object>>.Empty;

    internal IEnumerable<Type> EventTypes => Starting.Keys.Concat(Reacting.Keys).Distinct();

    internal abstract object ReadState(JsonElement state);

    internal abstract JsonElement WriteState(object state);

    /// <inheritdoc />
    public sealed override string ToString() => $"{Name}@{Version}";
}

/// <summary>A process with what its instances know.</summary>
/// <typeparam name="TState">What an instance knows; never changed once made, kept as JSON.</typeparam>
public sealed record Process<TState> : Process
    where TState : class
{
    /// <summary>A process that reacts to nothing yet; each call adds to it and gives a new one.</summary>
    public Process(string name, int version = 1)
        : base(name, version)
    {
    }

    /// <summary>How states are written as JSON.</summary>
    public JsonSerializerOptions Json { get; init; } = EventJson.Options;

    /// <summary>An event that begins an instance. A second one under the same key begins no other.</summary>
    /// <param name="key">Which instance, from any field of the event; null where the event says nothing to this process.</param>
    /// <param name="begin">What the instance knows at first, and what it wants done.</param>
    public Process<TState> Starts<TEvent>(Func<TEvent, string?> key, Func<TEvent, Reactions, TState> begin)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(begin);
        var reaction = new EventReaction(
            (fact, _) => key((TEvent)fact) is { } one ? [one] : [],
            Association: null,
            (_, fact, react) => begin((TEvent)fact, react),
            Unmatched.Record);
        return this with { Starting = Once(Starting, typeof(TEvent), reaction) };
    }

    /// <summary>An event that reaches the instance under a key.</summary>
    public Process<TState> On<TEvent>(
        Func<TEvent, string?> key, Func<TState, TEvent, Reactions, TState> react, Unmatched unmatched = Unmatched.Record)
    {
        ArgumentNullException.ThrowIfNull(key);
        return OnEach<TEvent>((fact, _) => key(fact) is { } one ? [one] : [], react, unmatched);
    }

    /// <summary>An event that reaches several instances, each under a key of its own.</summary>
    public Process<TState> OnEach<TEvent>(
        Func<TEvent, RecordedEvent, IEnumerable<string>> keys,
        Func<TState, TEvent, Reactions, TState> react,
        Unmatched unmatched = Unmatched.Record)
    {
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentNullException.ThrowIfNull(react);
        return Reacts<TEvent>(new EventReaction((fact, recorded) => keys((TEvent)fact, recorded), null, Of(react), unmatched));
    }

    /// <summary>An event that reaches every instance that associated itself with a value.</summary>
    /// <param name="association">The name under which instances associate themselves.</param>
    /// <param name="value">The value that the event names; null where it says nothing to this process.</param>
    /// <param name="react">What an instance makes of it.</param>
    /// <param name="unmatched">What becomes of it where there is no such instance.</param>
    public Process<TState> OnAssociated<TEvent>(
        string association,
        Func<TEvent, string?> value,
        Func<TState, TEvent, Reactions, TState> react,
        Unmatched unmatched = Unmatched.Record)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(association);
        ArgumentNullException.ThrowIfNull(value);
        ArgumentNullException.ThrowIfNull(react);
        return Reacts<TEvent>(new EventReaction(
            null, fact => value((TEvent)fact) is { } one ? $"{association}:{one}" : null, Of(react), unmatched));
    }

    /// <summary>A step is done.</summary>
    public Process<TState> Done(string step, Func<TState, StepDone, Reactions, TState> react) =>
        this with { OnDone = Once(OnDone, step, Untyped(react)) };

    /// <summary>
    /// A step is not done: it failed, or its time is up. Without this, what was done before is taken back, and behind the pivot the
    /// instance waits for somebody to act.
    /// </summary>
    public Process<TState> Failed(string step, Func<TState, StepFailure, Reactions, TState> react) =>
        this with { OnFailed = Once(OnFailed, step, Untyped(react)) };

    /// <summary>
    /// A step that was overdue turned out to be done after all, while the instance goes on. Without this, it is taken back.
    /// </summary>
    public Process<TState> Late(string step, Func<TState, StepDone, Reactions, TState> react) =>
        this with { OnLate = Once(OnLate, step, Untyped(react)) };

    /// <summary>None of these steps is under way any more, and the last of them has just been settled.</summary>
    public Process<TState> Finished(IEnumerable<string> steps, Func<TState, Reactions, TState> react)
    {
        ArgumentNullException.ThrowIfNull(steps);
        ArgumentNullException.ThrowIfNull(react);
        return this with { OnFinished = OnFinished.Add(new([.. steps], (state, _, reactions) => react((TState)state, reactions))) };
    }

    /// <summary>A timer has fired.</summary>
    public Process<TState> Timer(string timer, Func<TState, Reactions, TState> react)
    {
        ArgumentNullException.ThrowIfNull(react);
        return this with { OnTimer = Once(OnTimer, timer, (state, _, reactions) => react((TState)state, reactions)) };
    }

    /// <summary>Everything that was done is taken back: what is to be done now, before the instance ends.</summary>
    public Process<TState> Compensated(Func<TState, Reactions, TState> react)
    {
        ArgumentNullException.ThrowIfNull(react);
        return this with { OnCompensated = (state, _, reactions) => react((TState)state, reactions) };
    }

    /// <summary>How an instance of an older version goes on in this one, from the next thing that reaches it.</summary>
    public Process<TState> Migrates<TOld>(int from, Func<TOld, Reactions, TState> migrate, JsonSerializerOptions? json = null)
    {
        ArgumentNullException.ThrowIfNull(migrate);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(from, Version);
        var options = json ?? EventJson.Options;
        return this with { Migrations = Migrations.Add(from, (old, react) => migrate(old.Deserialize<TOld>(options)!, react)) };
    }

    internal override object ReadState(JsonElement state) =>
        state.Deserialize<TState>(Json) ?? throw new JsonException($"A state of {Name} is null.");

    internal override JsonElement WriteState(object state) => state is TState known
        ? JsonSerializer.SerializeToElement(known, Json)
        : throw new InvalidOperationException($"A reaction of {this} gave no state.");

    private Process<TState> Reacts<TEvent>(EventReaction reaction) =>
        this with { Reacting = Once(Reacting, typeof(TEvent), reaction) };

    private static Func<object?, object, Reactions, object> Of<TEvent>(Func<TState, TEvent, Reactions, TState> react) =>
        (state, fact, reactions) => react((TState)state!, (TEvent)fact, reactions);

    private static React<TInput> Untyped<TInput>(Func<TState, TInput, Reactions, TState> react)
    {
        ArgumentNullException.ThrowIfNull(react);
        return (state, input, reactions) => react((TState)state, input, reactions);
    }

    private static ImmutableDictionary<TKey, TValue> Once<TKey, TValue>(ImmutableDictionary<TKey, TValue> known, TKey key, TValue value)
        where TKey : notnull => known.ContainsKey(key)
        ? throw new ArgumentException($"There is a reaction to {key} already.")
        : known.Add(key, value);
}

/// <summary>What an instance makes of an input.</summary>
internal delegate object React<in TInput>(object state, TInput input, Reactions reactions);

/// <summary>What instances make of an event, and which instances.</summary>
internal sealed record EventReaction(
    Func<object, RecordedEvent, IEnumerable<string>>? Keys,
    Func<object, string?>? Association,
    Func<object?, object, Reactions, object> React,
    Unmatched Unmatched);

/// <summary>What follows when none of several steps is under way any more.</summary>
internal sealed record FinishedReaction(ImmutableArray<string> Steps, React<string> React);
