using Ledgerfold.Model.Commanding;
using Ledgerfold.Model.Events;

namespace Ledgerfold.Model.Deciding;

/// <summary>A command that one decider decides on one stream.</summary>
internal sealed class DeciderRoute<TState>(
    Type command, Decider<TState> decider, Func<object, string> id, Func<object, TState, CommandContext, Decision> decide)
    : CommandRoute(command)
{
    public Decider<TState> Decider { get; } = decider;

    public override CommandHandling Bind(CommandEngine engine, EventCodec codec)
    {
        var runner = engine.RunnerOf(Decider, codec);
        return (pending, cancel) => runner.Run(new DecidedCommand<TState>(pending, decide), id(pending.Context.Command), cancel);
    }

    public override Decision Decide(CommandContext context, EventCodec codec, IEnumerable<object> history)
    {
        var state = history.Aggregate(Decider.Initial, (before, fact) => Decider.Apply(before, codec.WriteAndRead(fact)));
        return decide(context.Command, state, context);
    }
}

/// <summary>A command on its way to a decision.</summary>
internal sealed record DecidedCommand<TState>(PendingCommand Pending, Func<object, TState, CommandContext, Decision> Decide)
{
    public Decision DecideOn(TState state) => Decide(Pending.Context.Command, state, Pending.Context);
}
