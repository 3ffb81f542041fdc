using System.Collections.Immutable;
using Ledgerfold.Model.Commanding;
using Ledgerfold.Model.Events;

namespace Ledgerfold.Model.Deciding;

/// <summary>
/// What a handler over several streams works with: states it loads, events it appends, conditions it requires. When it ends, all of it
/// becomes one append that holds only if every stream it loaded still stands where it stood, else it is asked again.
/// </summary>
public sealed class HandlerContext
{
    private readonly CommandEngine _engine;
    private readonly EventCodec _codec;
    private readonly bool _fresh;
    private readonly CancellationToken _cancel;
    private readonly List<LoadedStream> _streams = [];
    private AppendCondition? _condition;

    internal HandlerContext(CommandEngine engine, EventCodec codec, CommandContext command, bool fresh, CancellationToken cancel)
    {
        _engine = engine;
        _codec = codec;
        _fresh = fresh;
        _cancel = cancel;
        Command = command;
    }

    /// <summary>The command, and what is known of it.</summary>
    public CommandContext Command { get; }

    internal Decision.Rejection? Rejection { get; private set; }

    internal CommandAnswer.Unreadable? Unreadable { get; private set; }

    internal IReadOnlyList<LoadedStream> Streams => _streams;

    internal AppendCondition? Condition => _condition;

    /// <summary>The state of a subject, with what this handler has appended to it so far.</summary>
    public async ValueTask<TState> Load<TState>(Decider<TState> decider, string id)
    {
        ArgumentNullException.ThrowIfNull(decider);
        var key = new StreamKey(Command.Tenant, decider.StreamOf(id));
        if (Find<TState>(key) is { } known)
            return known.State;
        if (!Limits.IsStream(key.Stream))
            throw new StreamNameException();
        var loader = _engine.LoaderOf(decider, _codec);
        var loaded = await loader.Load(key, _fresh, _cancel);
        if (loaded.Problem is { } problem)
        {
            Unreadable = problem.AsAnswer(key.Stream);
            throw new UnreadableException(problem.Problem);
        }

        _streams.Add(new LoadedStream<TState>(key, loader, loaded.Kept));
        return loaded.Kept.Value;
    }

    /// <summary>Adds events to the stream of a subject that was loaded; a <see cref="Fact"/> says more of one than itself.</summary>
    /// <returns>The state after them.</returns>
    public TState Append<TState>(Decider<TState> decider, string id, params ImmutableArray<object> events)
    {
        ArgumentNullException.ThrowIfNull(decider);
        var stream = Find<TState>(new StreamKey(Command.Tenant, decider.StreamOf(id)))
            ?? throw new InvalidOperationException($"Load {decider.StreamOf(id)} first: what is appended rests on how it stands.");
        foreach (var said in events)
            stream.Append(said, _codec);
        return stream.State;
    }

    /// <summary>Requires that no event that matches stands after a position.</summary>
    public void Require(EventQuery failIfMatch, long after)
    {
        ArgumentNullException.ThrowIfNull(failIfMatch);
        if (_condition is { } one && one.After != after)
            throw new InvalidOperationException("All that one command requires is required after the same position.");
        _condition = new AppendCondition(_condition is { } known ? AnyOf(known.FailIfMatch, failIfMatch) : failIfMatch, after);
    }

    /// <summary>
    /// What a fold makes of the events that match, whatever streams they stand in; and requires that no further one comes before this
    /// command is done.
    /// </summary>
    /// <param name="query">Which events; one that names its types asks for no others.</param>
    /// <param name="initial">The state before the first event.</param>
    /// <param name="apply">The state after one more event.</param>
    /// <param name="unknown">Whether an event of a type that the module does not know stands in the way or is passed over.</param>
    public async ValueTask<TState> Fold<TState>(
        EventQuery query, TState initial, Func<TState, object, TState> apply, UnknownEvents unknown = UnknownEvents.Refuse)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(apply);
        var head = _condition?.After ?? (await _engine.Ledger.ReadRange(_cancel)).Head;
        Require(query, head);
        var state = initial;
        var request = new ReadRequest { Tenant = Command.Tenant, Query = query, Before = head + 1 };
        await foreach (var page in _engine.Ledger.Read(request, _cancel))
        {
            foreach (var recorded in page.Events)
            {
                var decoded = _codec.Decode(recorded, unknown);
                if (decoded.Problem is { } problem)
                {
                    Unreadable = new CommandAnswer.Unreadable(recorded.Stream, recorded.Version, problem);
                    throw new UnreadableException(problem);
                }

                for (var f = 0; f < decoded.Count; f++)
                    state = apply(state, decoded[f]);
            }
        }

        return state;
    }

    /// <summary>Turns the command down; what was appended so far does not happen.</summary>
    /// <param name="code">Why, for programs: stable, such as <c>NOT_ENOUGH</c>.</param>
    /// <param name="field">The member of the command that is at fault, if one is.</param>
    /// <param name="message">Why, for people.</param>
    public void Reject(string code, string? field = null, string? message = null) =>
        Rejection ??= new Decision.Rejection(code, field, message);

    private static EventQuery AnyOf(EventQuery one, EventQuery other) => new() { Items = [.. ItemsOf(one), .. ItemsOf(other)] };

    // A query without items is for every event but the platform's, which is what an item without parts says.
    private static ImmutableArray<QueryItem> ItemsOf(EventQuery query) => query.Items.IsDefaultOrEmpty ? [new QueryItem()] : query.Items;

    private LoadedStream<TState>? Find<TState>(StreamKey key)
    {
        var found = _streams.Find(one => one.Key == key);
        return found is null or LoadedStream<TState>
            ? (LoadedStream<TState>?)found
            : throw new InvalidOperationException($"{key.Stream} was loaded by another decider.");
    }
}
