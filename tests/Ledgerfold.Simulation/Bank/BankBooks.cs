using System.Collections.Immutable;
using Ledgerfold.Model.Deciding;
using Ledgerfold.Simulation.Wires;

namespace Ledgerfold.Simulation.Bank;

/// <summary>How the bank stands after an event, by a plain replay of the ledger: what every decision is held against.</summary>
internal sealed record BankBooks
{
    public static readonly BankBooks Empty = new();

    public ImmutableDictionary<string, AccountState> Accounts { get; private init; } = ImmutableDictionary<string, AccountState>.Empty;

    public HouseState House { get; private init; } = HouseState.Open;

    public ImmutableHashSet<string> Cards { get; private init; } = [];

    /// <summary>What came in, less what went out.</summary>
    public long Paid { get; private init; }

    public ImmutableDictionary<string, WireBook> Wires { get; private init; } = ImmutableDictionary<string, WireBook>.Empty;

    public ImmutableHashSet<string> Notices { get; private init; } = [];

    /// <summary>What was taken for wires and not given back, by request and purpose.</summary>
    public ImmutableDictionary<(int Request, string Purpose), long> Wired { get; private init; } =
        ImmutableDictionary<(int Request, string Purpose), long>.Empty;

    public long Total => Accounts.Values.Sum(static account => account.Balance) + Wired.Values.Sum();

    public bool IsOpen(string account) => AccountOf(account).IsOpen;

    public BankBooks After(string stream, object fact)
    {
        switch (fact)
        {
            case BankEvent.HouseSet:
                return this with { House = HouseState.Apply(House, fact) };
            case BankEvent.NoticeGiven notice:
                return this with { Notices = Notices.Add(notice.Reference) };
            case BankEvent.WireRequested or BankEvent.WireCancelled or BankEvent.WireSettled or BankEvent.WireFailed:
                var wire = stream[(WireDecisions.WireCategory.Length + 1)..];
                return this with { Wires = Wires.SetItem(wire, WireBook.Apply(WireOf(wire), fact)) };
        }

        var id = stream[(BankDecisions.AccountCategory.Length + 1)..];
        return this with
        {
            Accounts = Accounts.SetItem(id, AccountState.Apply(AccountOf(id), fact, unit: 1)),
            Cards = fact is BankEvent.CardGiven given ? Cards.Add(given.Card) : Cards,
            Paid = fact switch
            {
                BankEvent.Deposited deposited => Paid + deposited.Amount,
                BankEvent.Withdrawn withdrawn => Paid - withdrawn.Amount,
                _ => Paid,
            },
            Wired = fact switch
            {
                BankEvent.WireTaken taken => Add(taken.Request, taken.Purpose, taken.Amount),
                BankEvent.WireGivenBack back => Add(back.Request, back.Purpose, -back.Amount),
                _ => Wired,
            },
        };
    }

    /// <summary>What a command comes to here.</summary>
    public Outcome Decide(object command) => command switch
    {
        OpenAccount one => Of(one.Account, BankDecisions.Decide(one, AccountOf(one.Account))),
        Deposit one => Of(one.Account, BankDecisions.Decide(one, AccountOf(one.Account))),
        Withdraw one => Of(one.Account, BankDecisions.Decide(one, AccountOf(one.Account), unit: 1)),
        SetHouse one => Of(BankDecisions.Decide(one, House), $"{BankDecisions.HouseCategory}-{BankDecisions.House}"),
        Transfer one => BankDecisions.Refuse(one, House, AccountOf(one.From), AccountOf(one.To), unit: 1) is { } code
            ? new Outcome(code, [])
            : new Outcome(
                null,
                [
                    (StreamOf(one.From), new BankEvent.Sent(one.To, one.Desk, one.Amount)),
                    (StreamOf(one.To), new BankEvent.Received(one.From, one.Desk, one.Amount)),
                ]),
        GiveCard one => BankDecisions.Refuse(AccountOf(one.Account), Cards.Contains(one.Card)) is { } code
            ? new Outcome(code, [])
            : new Outcome(null, [(StreamOf(one.Account), new BankEvent.CardGiven(one.Card))]),
        TakeMoney one => Of(one.Account, WireDecisions.Decide(one, AccountOf(one.Account), unit: 1)),
        GiveBack one => Of(one.Account, WireDecisions.Decide(one, AccountOf(one.Account))),
        RequestWire one => Of(WireDecisions.Decide(one, WireOf(one.Wire)), WireStreamOf(one.Wire)),
        CancelWire one => Of(WireDecisions.Decide(one, WireOf(one.Wire)), WireStreamOf(one.Wire)),
        SettleWire one => Of(WireDecisions.Decide(one, WireOf(one.Wire)), WireStreamOf(one.Wire)),
        FailWire one => Of(WireDecisions.Decide(one, WireOf(one.Wire)), WireStreamOf(one.Wire)),
        TakeNotice one => Of(
            WireDecisions.Decide(one, new NoticeBook(Notices.Contains(one.Reference))), $"{WireDecisions.NoticeCategory}-{one.Reference}"),
        _ => throw new InvalidOperationException($"{command} is no command of the bank."),
    };

    public static string StreamOf(string account) => $"{BankDecisions.AccountCategory}-{account}";

    private static string WireStreamOf(string wire) => $"{WireDecisions.WireCategory}-{wire}";

    private WireBook WireOf(string wire) => Wires.GetValueOrDefault(wire, WireBook.None);

    private ImmutableDictionary<(int Request, string Purpose), long> Add(int request, string purpose, long amount) =>
        Wired.SetItem((request, purpose), Wired.GetValueOrDefault((request, purpose)) + amount);

    private AccountState AccountOf(string id) => Accounts.GetValueOrDefault(id, AccountState.None);

    private static Outcome Of(string account, Decision decision) => Of(decision, StreamOf(account));

    private static Outcome Of(Decision decision, string stream) => decision switch
    {
        Decision.Rejection rejected => new Outcome(rejected.Code, []),
        Decision.Events events => new Outcome(null, [.. events.Facts.Select(fact => (stream, fact))]),
        _ => throw new InvalidOperationException($"{decision} is no decision."),
    };
}

/// <summary>What a command comes to: turned down with a code, or these events, or nothing at all.</summary>
internal sealed record Outcome(string? Code, ImmutableArray<(string Stream, object Fact)> Events)
{
    public bool HasNoEvents => Events.IsEmpty;

    public override string ToString() => Code ?? $"[{string.Join(", ", Events.Select(static one => $"{one.Stream}: {one.Fact}"))}]";
}
