using Ledgerfold.Model.Deciding;
using Ledgerfold.Model.Events;

namespace Ledgerfold.Model.Commanding;

/// <summary>What carries out commands of one type.</summary>
internal abstract class CommandRoute(Type command)
{
    public Type Command { get; } = command;

    public abstract CommandHandling Bind(CommandEngine engine, EventCodec codec);

    /// <summary>What it would lead to after these events.</summary>
    public abstract Decision Decide(CommandContext context, EventCodec codec, IEnumerable<object> history);
}

/// <summary>Takes a command that is valid and authorised to its answer.</summary>
internal delegate Task<CommandAnswer> CommandHandling(PendingCommand pending, CancellationToken cancel);
