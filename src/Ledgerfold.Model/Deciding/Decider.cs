using System.Text.Json;
using Ledgerfold.Model.Events;

namespace Ledgerfold.Model.Deciding;

/// <summary>
/// How the state of one kind of subject follows from its events: where it begins, and what each event makes of it. Both are pure, and a
/// state never changes once it is made, because one and the same may be kept in memory and handed out again.
/// </summary>
/// <typeparam name="TState">The state.</typeparam>
public sealed class Decider<TState>
{
    /// <summary>A decider of the streams of a category.</summary>
    /// <param name="category">The category; the stream of a subject is <c>category-id</c>.</param>
    /// <param name="initial">The state before the first event.</param>
    /// <param name="apply">The state after one more event; an event that says nothing to it leaves it as it is.</param>
    public Decider(string category, TState initial, Func<TState, object, TState> apply)
    {
        if (!Limits.IsCategory(category) || category.StartsWith('$'))
            throw new ArgumentException($"'{category}' is no category: [a-z][A-Za-z0-9]*.", nameof(category));
        ArgumentNullException.ThrowIfNull(apply);
        Category = category;
        Initial = initial;
        Apply = apply;
    }

    /// <summary>The category of its streams.</summary>
    public string Category { get; }

    /// <summary>The state before the first event.</summary>
    public TState Initial { get; }

    /// <summary>The state after one more event.</summary>
    public Func<TState, object, TState> Apply { get; }

    /// <summary>The version of state and apply, from 1; raise it when either changes, and no older snapshot is ever read again.</summary>
    public int Version { get; init; } = 1;

    /// <summary>When the state is kept, so that fewer events are read the next time.</summary>
    public SnapshotPolicy Snapshots { get; init; } = SnapshotPolicy.None;

    /// <summary>How the state is written as JSON in a snapshot.</summary>
    public JsonSerializerOptions Json { get; init; } = EventJson.Options;

    /// <summary>The stream of a subject.</summary>
    public string StreamOf(string id) => $"{Category}-{id}";
}
