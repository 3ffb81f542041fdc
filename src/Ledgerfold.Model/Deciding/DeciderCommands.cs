using System.Collections.Immutable;
using Ledgerfold.Model.Commanding;

namespace Ledgerfold.Model.Deciding;

/// <summary>The commands that a decider decides. Immutable, each call gives a new one.</summary>
/// <typeparam name="TState">The decider's state.</typeparam>
public sealed class DeciderCommands<TState>
{
    internal DeciderCommands(Decider<TState> decider, ImmutableArray<CommandRoute> routes)
    {
        Decider = decider;
        Routes = routes;
    }

    internal Decider<TState> Decider { get; }

    internal ImmutableArray<CommandRoute> Routes { get; }

    /// <summary>Decides a command on the state of one subject.</summary>
    /// <param name="id">Which subject: its stream is <c>category-id</c>.</param>
    /// <param name="decide">What the command leads to; pure, because it may be asked more than once.</param>
    public DeciderCommands<TState> On<TCommand>(Func<TCommand, string> id, Func<TCommand, TState, Decision> decide)
    {
        ArgumentNullException.ThrowIfNull(decide);
        return On(id, (command, state, _) => decide(command, state));
    }

    /// <summary>Decides a command on the state of one subject, and on the time, the actor and what else is known of the command.</summary>
    /// <param name="id">Which subject: its stream is <c>category-id</c>.</param>
    /// <param name="decide">What the command leads to; pure, because it may be asked more than once.</param>
    public DeciderCommands<TState> On<TCommand>(Func<TCommand, string> id, Func<TCommand, TState, CommandContext, Decision> decide)
    {
        ArgumentNullException.ThrowIfNull(id);
        ArgumentNullException.ThrowIfNull(decide);
        return new DeciderCommands<TState>(Decider, Routes.Add(new DeciderRoute<TState>(
            typeof(TCommand),
            Decider,
            command => id((TCommand)command),
            (command, state, context) => decide((TCommand)command, state, context))));
    }
}
