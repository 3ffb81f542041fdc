using Ledgerfold.Model.Deciding;

namespace Ledgerfold.Simulation.Bank;

/// <summary>What each command leads to: pure, for the application and for the oracle that decides everything again.</summary>
internal static class BankDecisions
{
    public const string AccountCategory = "account";
    public const string HouseCategory = "house";
    public const string House = "main";

    public static Decision Decide(OpenAccount command, AccountState state) =>
        state.IsOpen ? Decision.Reject("ALREADY_OPEN", "account") : Decision.Of(new BankEvent.Opened(command.Owner));

    public static Decision Decide(Deposit command, AccountState state)
    {
        if (!state.IsOpen)
            return Decision.Reject("NOT_OPEN", "account");
        return command.Amount == 0 ? Decision.Nothing : Decision.Of(new BankEvent.Deposited(command.Desk, command.Amount));
    }

    public static Decision Decide(Withdraw command, AccountState state, int unit)
    {
        if (!state.IsOpen)
            return Decision.Reject("NOT_OPEN", "account");
        return state.Balance < command.Amount * unit
            ? Decision.Reject("NOT_ENOUGH", "amount", "there is less")
            : Decision.Of(new BankEvent.Withdrawn(command.Desk, command.Amount));
    }

    public static Decision Decide(SetHouse command, HouseState state) =>
        state.IsClosed == command.IsClosed ? Decision.Nothing : Decision.Of(new BankEvent.HouseSet(command.IsClosed));

    /// <summary>Why not; null where the money may go.</summary>
    public static string? Refuse(Transfer command, HouseState house, AccountState from, AccountState to, int unit)
    {
        if (house.IsClosed)
            return "CLOSED";
        if (!from.IsOpen || !to.IsOpen)
            return "NOT_OPEN";
        return from.Balance < command.Amount * unit ? "NOT_ENOUGH" : null;
    }

    /// <summary>Why not; null where the account may have the card.</summary>
    public static string? Refuse(AccountState account, bool isTaken)
    {
        if (!account.IsOpen)
            return "NOT_OPEN";
        return isTaken ? "CARD_TAKEN" : account.Card is not null ? "HAS_CARD" : null;
    }

    public static string TagOf(string card) => $"card:{card}";
}
