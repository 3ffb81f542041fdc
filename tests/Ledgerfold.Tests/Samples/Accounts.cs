namespace Ledgerfold.Tests.Samples;

public sealed record PayIn(string Account, long Amount);

public sealed record Transfer(string From, string To, long Amount);

public sealed record ClaimName(string Account, string Name);

public static class Accounts
{
    // begin events
    public abstract record Event;
    public sealed record PaidIn(long Amount) : Event;
    public sealed record PaidOut(long Amount) : Event;
    public sealed record NameClaimed(string Name) : Event;
    // end

    public static readonly Decider<long> Balance = new("account", 0, static (balance, fact) => fact switch
    {
        PaidIn paid => balance + paid.Amount,
        PaidOut paid => balance - paid.Amount,
        _ => balance,
    });

    // begin transfer
    public static async Task Handle(Transfer command, HandlerContext context)
    {
        var from = await context.Load(Balance, command.From);
        await context.Load(Balance, command.To);
        if (from < command.Amount)
        {
            context.Reject("NOT_ENOUGH", "amount");
            return;
        }

        context.Append(Balance, command.From, new PaidOut(command.Amount));
        context.Append(Balance, command.To, new PaidIn(command.Amount));
    }
    // end

    // begin unique
    public static async Task Handle(ClaimName command, HandlerContext context)
    {
        var tag = $"name:{command.Name}";
        var query = EventQuery.Of(new QueryItem { Types = [nameof(NameClaimed)], Tags = [tag] });
        var isTaken = await context.Fold(query, initial: false, static (_, _) => true);
        await context.Load(Balance, command.Account);
        if (isTaken)
            context.Reject("NAME_TAKEN", "name");
        else
            context.Append(Balance, command.Account, new Fact(new NameClaimed(command.Name)) { Tags = [tag] });
    }
    // end

    // begin module
    public static readonly Module Module = new Module("accounts")
        .Events(EventTypes.Of<Event>())
        .Decides(Balance, accounts => accounts
            .On<PayIn>(command => command.Account, static (command, _) => Decision.Of(new PaidIn(command.Amount))))
        .Handles<Transfer>(Handle)
        .Handles<ClaimName>(Handle);
    // end
}
