using System.Collections.Immutable;
using Ledgerfold.Model.Deciding;

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

    public long Total => Accounts.Values.Sum(static account => account.Balance);

    public bool IsOpen(string account) => AccountOf(account).IsOpen;

    public BankBooks After(string stream, object fact)
    {
        if (fact is BankEvent.HouseSet)
            return this with { House = HouseState.Apply(House, fact) };
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
        _ => throw new InvalidOperationException($"{command} is no command of the bank."),
    };

    public static string StreamOf(string account) => $"{BankDecisions.AccountCategory}-{account}";

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
