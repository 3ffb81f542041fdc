namespace Ledgerfold.Simulation.Bank;

internal sealed record OpenAccount(string Account, string Owner);

internal sealed record Deposit(string Account, string Desk, long Amount);

internal sealed record Withdraw(string Account, string Desk, long Amount);

/// <summary>Money from one account to another, as long as the house is open: that it stays so is checked and not written.</summary>
internal sealed record Transfer(string From, string To, string Desk, long Amount);

/// <summary>A card belongs to one account only, over all accounts.</summary>
internal sealed record GiveCard(string Account, string Card);

internal sealed record SetHouse(bool IsClosed);

internal abstract record BankEvent
{
    public sealed record Opened(string Owner) : BankEvent;

    public sealed record Deposited(string Desk, long Amount) : BankEvent;

    public sealed record Withdrawn(string Desk, long Amount) : BankEvent;

    public sealed record Sent(string To, string Desk, long Amount) : BankEvent;

    public sealed record Received(string From, string Desk, long Amount) : BankEvent;

    public sealed record CardGiven(string Card) : BankEvent;

    public sealed record HouseSet(bool IsClosed) : BankEvent;

    public sealed record WireTaken(string Wire, int Request, string Purpose, long Amount) : BankEvent;

    public sealed record WireGivenBack(string Wire, int Request, string Purpose, long Amount) : BankEvent;

    public sealed record WireRequested(string Wire, int Request, string From, string Payer, long Amount) : BankEvent;

    public sealed record WireCancelled(string Wire) : BankEvent;

    public sealed record WireSettled(string Wire, int Request) : BankEvent;

    public sealed record WireFailed(string Wire, int Request, string Why) : BankEvent;

    public sealed record NoticeGiven(string Reference, bool IsGood) : BankEvent;
}

/// <summary>An account; how many units make one coin is the code's own affair, and changes with its version.</summary>
internal sealed record AccountState(bool IsOpen, long Balance, string? Card)
{
    public static readonly AccountState None = new(IsOpen: false, 0, null);

    public static AccountState Apply(AccountState state, object fact, int unit) => fact switch
    {
        BankEvent.Opened => state with { IsOpen = true },
        BankEvent.Deposited deposited => state with { Balance = state.Balance + (deposited.Amount * unit) },
        BankEvent.Withdrawn withdrawn => state with { Balance = state.Balance - (withdrawn.Amount * unit) },
        BankEvent.Sent sent => state with { Balance = state.Balance - (sent.Amount * unit) },
        BankEvent.Received received => state with { Balance = state.Balance + (received.Amount * unit) },
        BankEvent.CardGiven given => state with { Card = given.Card },
        BankEvent.WireTaken taken => state with { Balance = state.Balance - (taken.Amount * unit) },
        BankEvent.WireGivenBack given => state with { Balance = state.Balance + (given.Amount * unit) },
        _ => state,
    };
}

internal sealed record HouseState(bool IsClosed)
{
    public static readonly HouseState Open = new(IsClosed: false);

    public static HouseState Apply(HouseState state, object fact) => fact is BankEvent.HouseSet set ? new HouseState(set.IsClosed) : state;
}
