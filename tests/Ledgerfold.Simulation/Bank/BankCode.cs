using System.Collections.Immutable;
using Ledgerfold.Model;
using Ledgerfold.Model.Deciding;
using Ledgerfold.Model.Events;
using Ledgerfold.Model.Folding;
using Ledgerfold.Simulation.Wires;

namespace Ledgerfold.Simulation.Bank;

/// <summary>The application in one version of its code: in the second, states and rows count in other units.</summary>
internal sealed class BankCode
{
    private readonly Poison? _poison;

    public BankCode(int version, int snapshotEvery, Poison? poison, Func<Module, Module>? wires = null)
    {
        _poison = poison;
        Version = version;
        var policy = snapshotEvery == 0 ? SnapshotPolicy.None : SnapshotPolicy.Every(snapshotEvery);
        Accounts = new Decider<AccountState>(BankDecisions.AccountCategory, AccountState.None, (state, fact) => AccountState.Apply(state, fact, Unit))
        {
            Version = version,
            Snapshots = policy,
        };
        House = new Decider<HouseState>(BankDecisions.HouseCategory, HouseState.Open, HouseState.Apply) { Snapshots = policy };
        Balances = [.. Enumerable.Range(1, version).Select(BalancesOf)];
        Desks = new Projection<DeskRow>("desks")
        {
            Query = EventQuery.OfCategory(BankDecisions.AccountCategory),
            Keys = KeysOfDesks,
            Apply = (row, fact, recorded) => Checked("desks", recorded, () => DeskRow.Apply(row, fact, recorded)),
            Indexes = static row => [new FoldIndexEntry("size", $"{Math.Min(9, row.Applied.Length / 4)}")],
        };
        Module = new Module("bank")
            .Events(EventTypes.Of<BankEvent>())
            .Decides(Accounts, accounts => accounts
                .On<OpenAccount>(command => command.Account, BankDecisions.Decide)
                .On<Deposit>(command => command.Account, BankDecisions.Decide)
                .On<Withdraw>(command => command.Account, (command, state) => BankDecisions.Decide(command, state, Unit))
                .On<TakeMoney>(command => command.Account, (command, state) => WireDecisions.Decide(command, state, Unit))
                .On<GiveBack>(command => command.Account, WireDecisions.Decide))
            .Decides(House, house => house.On<SetHouse>(_ => BankDecisions.House, BankDecisions.Decide))
            .Handles<Transfer>(Handle)
            .Handles<GiveCard>(Handle)
            .Projects(Desks);
        Module = Balances.Aggregate(Module, static (module, projection) => module.Projects(projection));
        Module = wires?.Invoke(Module) ?? Module;
    }

    public int Version { get; }

    /// <summary>So many units of a state make one coin.</summary>
    public int Unit => UnitOf(Version);

    public Module Module { get; }

    public Decider<AccountState> Accounts { get; }

    public Decider<HouseState> House { get; }

    /// <summary>By account: the versions of this code and of all before it.</summary>
    public ImmutableArray<Projection<BalanceRow>> Balances { get; }

    /// <summary>Across accounts.</summary>
    public Projection<DeskRow> Desks { get; }

    public IEnumerable<Projection> Projections => [.. Balances, Desks];

    public static int UnitOf(int version) => version == 1 ? 1 : 100;

    private static string IdOf(RecordedEvent recorded) => recorded.Stream[(BankDecisions.AccountCategory.Length + 1)..];

    private Projection<BalanceRow> BalancesOf(int version) => new("balances", version)
    {
        Query = EventQuery.OfCategory(BankDecisions.AccountCategory),
        Key = (_, recorded) =>
        {
            _poison?.ThrowIfUnkeyed("balances", recorded);
            return IdOf(recorded);
        },
        EventsOf = static key => EventQuery.OfStream($"{BankDecisions.AccountCategory}-{key}"),
        Inline = true,
        Apply = (row, fact, recorded) => Checked("balances", recorded, () => BalanceRow.Apply(row, fact, recorded, UnitOf(version))),
        Indexes = BalanceRow.IndexesOf,
    };

    private IEnumerable<string> KeysOfDesks(object fact, RecordedEvent recorded)
    {
        _poison?.ThrowIfUnkeyed("desks", recorded);
        return DeskRow.DeskOf(fact) is { } desk ? [desk, Projection.WholeKey] : [];
    }

    private T? Checked<T>(string fold, RecordedEvent recorded, Func<T?> apply)
        where T : class
    {
        _poison?.ThrowIfIn(fold, recorded);
        return apply();
    }

    private async Task Handle(Transfer command, HandlerContext context)
    {
        var house = await context.Load(House, BankDecisions.House);
        var from = await context.Load(Accounts, command.From);
        var to = await context.Load(Accounts, command.To);
        if (BankDecisions.Refuse(command, house, from, to, Unit) is { } code)
        {
            context.Reject(code);
            return;
        }

        context.Append(Accounts, command.From, new BankEvent.Sent(command.To, command.Desk, command.Amount));
        context.Append(Accounts, command.To, new BankEvent.Received(command.From, command.Desk, command.Amount));
    }

    private async Task Handle(GiveCard command, HandlerContext context)
    {
        var tag = BankDecisions.TagOf(command.Card);
        var isTaken = await context.Fold(EventQuery.Tagged(tag), initial: false, static (_, _) => true);
        var account = await context.Load(Accounts, command.Account);
        if (BankDecisions.Refuse(account, isTaken) is { } code)
            context.Reject(code);
        else
            context.Append(Accounts, command.Account, new Fact(new BankEvent.CardGiven(command.Card)) { Tags = [tag] });
    }
}

/// <summary>What an account comes to, and the positions of all events that are in it, in the order they came.</summary>
internal sealed record BalanceRow(string? Owner, long Balance, int Unit, string? Card, ImmutableArray<long> Applied)
{
    public static BalanceRow Apply(BalanceRow? before, object fact, RecordedEvent recorded, int unit)
    {
        var row = before ?? new BalanceRow(null, 0, unit, null, []);
        row = row with { Applied = row.Applied.Add(recorded.Position) };
        return fact switch
        {
            BankEvent.Opened opened => row with { Owner = opened.Owner },
            BankEvent.CardGiven given => row with { Card = given.Card },
            _ => row with { Balance = AccountState.Apply(AccountState.None with { Balance = row.Balance }, fact, unit).Balance },
        };
    }

    public static ImmutableArray<FoldIndexEntry> IndexesOf(BalanceRow row)
    {
        ImmutableArray<FoldIndexEntry> entries = row.Owner is { } owner ? [new FoldIndexEntry("owner", owner)] : [];
        return row.Card is { } card ? entries.Add(new FoldIndexEntry("card", card, Unique: true)) : entries;
    }
}

/// <summary>What went over a desk, and which events that were.</summary>
internal sealed record DeskRow(long In, long Out, ImmutableArray<long> Applied)
{
    public static string? DeskOf(object fact) => fact switch
    {
        BankEvent.Deposited deposited => deposited.Desk,
        BankEvent.Withdrawn withdrawn => withdrawn.Desk,
        BankEvent.Sent sent => sent.Desk,
        BankEvent.Received received => received.Desk,
        _ => null,
    };

    public static DeskRow Apply(DeskRow? before, object fact, RecordedEvent recorded)
    {
        var row = before ?? new DeskRow(0, 0, []);
        row = row with { Applied = row.Applied.Add(recorded.Position) };
        return fact switch
        {
            BankEvent.Deposited deposited => row with { In = row.In + deposited.Amount },
            BankEvent.Received received => row with { In = row.In + received.Amount },
            BankEvent.Withdrawn withdrawn => row with { Out = row.Out + withdrawn.Amount },
            BankEvent.Sent sent => row with { Out = row.Out + sent.Amount },
            _ => row,
        };
    }
}

/// <summary>Events that projections fail at, until somebody mends their code.</summary>
internal sealed class Poison
{
    private readonly HashSet<(string Fold, long Position)> _applied = [];
    private readonly HashSet<(string Fold, long Position)> _keyed = [];

    public bool IsEmpty => _applied.Count == 0 && _keyed.Count == 0;

    public void Add(string fold, long position) => _applied.Add((fold, position));

    public void AddUnkeyed(string fold, long position) => _keyed.Add((fold, position));

    public void Clear()
    {
        _applied.Clear();
        _keyed.Clear();
    }

    public void ThrowIfIn(string fold, RecordedEvent recorded)
    {
        if (_applied.Contains((fold, recorded.Position)))
            throw new InvalidOperationException($"poison at {recorded.Position}");
    }

    public void ThrowIfUnkeyed(string fold, RecordedEvent recorded)
    {
        if (_keyed.Contains((fold, recorded.Position)))
            throw new InvalidOperationException($"nobody knows whom {recorded.Position} concerns");
    }
}
