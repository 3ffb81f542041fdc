using Ledgerfold.Model.Commanding;
using Ledgerfold.Model.Deciding;

namespace Ledgerfold.Model.Tests.Domain;

public sealed record Deposit(string Account, long Amount, string? Note = null);

public sealed record Withdraw(string Account, long Amount);

public sealed record Transfer(string From, string To, long Amount);

public sealed record ClaimName(string Account, string Name);

public static class Account
{
    public abstract record Event;

    public sealed record Deposited(long Amount, string? Note = null) : Event;

    public sealed record Withdrawn(long Amount) : Event;

    public sealed record NameClaimed(string Name) : Event;

    public sealed record State(long Balance, long Movements)
    {
        public static readonly State Initial = new(0, 0);
    }

    public static State Apply(State state, object fact) => fact switch
    {
        Deposited deposited => new(state.Balance + deposited.Amount, state.Movements + 1),
        Withdrawn withdrawn => new(state.Balance - withdrawn.Amount, state.Movements + 1),
        _ => state,
    };

    public static Decision Decide(Deposit command, State state, CommandContext context) => command.Amount switch
    {
        0 => Decision.Nothing,
        < 0 => throw new ArithmeticException("a deposit below nothing"),
        _ => Decision.Of(new Deposited(command.Amount, command.Note)),
    };

    public static Decision Decide(Withdraw command, State state) => state.Balance < command.Amount
        ? Decision.Reject("NOT_ENOUGH", "amount", $"{state.Balance} is there")
        : Decision.Of(new Withdrawn(command.Amount));

    public static async Task Handle(Transfer command, HandlerContext context)
    {
        var from = await context.Load(Decider, command.From);
        await context.Load(Decider, command.To);
        if (from.Balance < command.Amount)
        {
            context.Reject("NOT_ENOUGH", "amount");
            return;
        }

        context.Append(Decider, command.From, new Withdrawn(command.Amount));
        context.Append(Decider, command.To, new Deposited(command.Amount));
    }

    /// <summary>A name is unique over all accounts: a boundary that no stream has.</summary>
    public static async Task Handle(ClaimName command, HandlerContext context)
    {
        var taken = await context.Fold(EventQuery.Tagged($"name:{command.Name}"), false, static (_, _) => true);
        await context.Load(Decider, command.Account);
        if (taken)
            context.Reject("NAME_TAKEN", "name");
        else
            context.Append(Decider, command.Account, new Fact(new NameClaimed(command.Name)) { Tags = [$"name:{command.Name}"] });
    }

    public static readonly Decider<State> Decider = new("account", State.Initial, Apply) { Snapshots = SnapshotPolicy.Every(5) };
}
