using Ledgerfold.Model.Deciding;
using Ledgerfold.Simulation.Bank;

namespace Ledgerfold.Simulation.Wires;

/// <summary>Money is to go to another bank. The same wire may be asked for more than once, under another number each time.</summary>
internal sealed record RequestWire(string Wire, int Request, string From, string Payer, long Amount);

internal sealed record CancelWire(string Wire);

internal sealed record SettleWire(string Wire, int Request);

internal sealed record FailWire(string Wire, int Request, string Why);

/// <summary>The clearing house says what became of the money at the other bank.</summary>
internal sealed record TakeNotice(string Reference, bool IsGood);

internal sealed record TakeMoney(string Account, string Wire, int Request, string Purpose, long Amount);

internal sealed record GiveBack(string Account, string Wire, int Request, string Purpose, long Amount);

/// <summary>What the clearing house is asked for.</summary>
internal sealed record SendWire(string Wire, int Request, string Route, long Amount);

/// <summary>What the clearing house is asked to take back.</summary>
internal sealed record RecallWire(string Wire, int Request, string Route, long Amount);

internal sealed record WireReceipt(string Reference);

/// <summary>A wire as its stream tells it.</summary>
internal sealed record WireBook(bool IsKnown, bool IsCancelled)
{
    public static readonly WireBook None = new(IsKnown: false, IsCancelled: false);

    public static WireBook Apply(WireBook state, object fact) => fact switch
    {
        BankEvent.WireRequested => state with { IsKnown = true },
        BankEvent.WireCancelled => state with { IsCancelled = true },
        _ => state,
    };
}

internal sealed record NoticeBook(bool IsGiven)
{
    public static readonly NoticeBook None = new(IsGiven: false);

    public static NoticeBook Apply(NoticeBook state, object fact) => fact is BankEvent.NoticeGiven ? new(IsGiven: true) : state;
}

/// <summary>What each command of wires leads to: pure, for the application and for the oracle that decides everything again.</summary>
internal static class WireDecisions
{
    public const string WireCategory = "wire";
    public const string NoticeCategory = "notice";
    public const string Fee = "fee";
    public const string Principal = "amount";

    public static Decision Decide(RequestWire command, WireBook state) =>
        Decision.Of(new BankEvent.WireRequested(command.Wire, command.Request, command.From, command.Payer, command.Amount));

    public static Decision Decide(CancelWire command, WireBook state)
    {
        if (!state.IsKnown)
            return Decision.Reject("NO_WIRE", "wire");
        return state.IsCancelled ? Decision.Nothing : Decision.Of(new BankEvent.WireCancelled(command.Wire));
    }

    public static Decision Decide(SettleWire command, WireBook state) =>
        Decision.Of(new BankEvent.WireSettled(command.Wire, command.Request));

    public static Decision Decide(FailWire command, WireBook state) =>
        Decision.Of(new BankEvent.WireFailed(command.Wire, command.Request, command.Why));

    public static Decision Decide(TakeNotice command, NoticeBook state) =>
        state.IsGiven ? Decision.Nothing : Decision.Of(new BankEvent.NoticeGiven(command.Reference, command.IsGood));

    public static Decision Decide(TakeMoney command, AccountState state, int unit)
    {
        if (!state.IsOpen)
            return Decision.Reject("NOT_OPEN", "account");
        return state.Balance < command.Amount * unit
            ? Decision.Reject("NOT_ENOUGH", "amount")
            : Decision.Of(new BankEvent.WireTaken(command.Wire, command.Request, command.Purpose, command.Amount));
    }

    public static Decision Decide(GiveBack command, AccountState state) =>
        Decision.Of(new BankEvent.WireGivenBack(command.Wire, command.Request, command.Purpose, command.Amount));
}
