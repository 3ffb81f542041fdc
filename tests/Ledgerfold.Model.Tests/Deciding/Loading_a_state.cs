using System.Collections.Immutable;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Ledgerfold.Model.Commanding;
using Ledgerfold.Model.Deciding;
using Ledgerfold.Model.Events;
using Ledgerfold.Model.Tests.Domain;
using Ledgerfold.Testing;

namespace Ledgerfold.Model.Tests.Deciding;

public sealed class Loading_a_state
{
    private static readonly StreamKey Key = new(Tenants.Default, "account-a");
    private readonly InMemoryLedger _truth = new();
    private readonly InMemoryFoldStore _folds = new();
    private readonly WatchedLedger _ledger;

    public Loading_a_state() => _ledger = new WatchedLedger(_truth);

    private Commands Started(Module? module = null, int hot = 100) =>
        new(module ?? Modules.Bank, _ledger, new CommandsOptions { Folds = _folds, HotStatesMax = hot });

    private static ValueTask<Loaded<Account.State>> Load(Commands commands, Decider<Account.State>? decider = null, bool fresh = false) =>
        commands.Engine.LoaderOf(decider ?? Account.Decider, new EventCodec(Modules.Bank.EventTypes)).Load(Key, fresh, default);

    private async Task Deposit(Commands commands, int count)
    {
        for (var n = 0; n < count; n++)
            Assert.IsType<CommandAnswer.Accepted>(await commands.Tell(new Deposit("a", 1)));
        await commands.SnapshotsWritten;
    }

    [Fact]
    public async Task Reads_nothing_that_it_keeps_in_memory()
    {
        await Deposit(Started(), 7);

        Assert.Single(_ledger.Reads);
    }

    [Fact]
    public async Task Begins_with_a_snapshot_after_a_restart()
    {
        await Deposit(Started(), 7);

        var loaded = await Load(Started());

        Assert.Equal(new Kept<Account.State>(new(7, 7), 7, 7, (await _truth.All())[6].Id, 5), loaded.Kept with { Loading = default });
        Assert.Equal(5, _ledger.Reads[^1].After);
        var row = await _folds.Get(new FoldName("$state-account"), Tenants.Default, "account-a", TestContext.Current.CancellationToken);
        Assert.EndsWith(""","state":{"balance":5,"movements":5}}""", Encoding.UTF8.GetString(row!.Data.Span));
    }

    [Fact]
    public async Task Keeps_a_snapshot_once_in_so_many_events()
    {
        var commands = Started();
        await Deposit(commands, 4);
        Assert.Equal(0, await PositionOfSnapshots());
        await Deposit(commands, 1);
        Assert.Equal(5, await PositionOfSnapshots());
        await Deposit(commands, 4);
        Assert.Equal(5, await PositionOfSnapshots());
        await Deposit(Started(), 1);
        Assert.Equal(10, await PositionOfSnapshots());
    }

    [Fact]
    public async Task Keeps_a_snapshot_of_what_took_long_to_load()
    {
        var clock = new ManualClock();
        var slow = new Decider<Account.State>("account", Account.State.Initial, (state, fact) =>
        {
            clock.Advance(TimeSpan.FromMilliseconds(1));
            return Account.Apply(state, fact);
        })
        {
            Snapshots = SnapshotPolicy.WhenLoadingTakes(TimeSpan.FromMilliseconds(4)),
        };
        var module = new Module("slow").Events(Modules.Bank.EventTypes).Decides(slow, static accounts => accounts
            .On<Deposit>(static command => command.Account, Account.Decide));
        Commands StartedSlow() => new(module, _ledger, new CommandsOptions { Folds = _folds, Clock = clock });

        await Deposit(StartedSlow(), 3);
        await Deposit(StartedSlow(), 1);
        Assert.Equal(0, await PositionOfSnapshots());
        await Deposit(StartedSlow(), 2);
        Assert.Equal(5, await PositionOfSnapshots());
    }

    [Fact]
    public async Task Passes_over_a_snapshot_of_another_version()
    {
        await Deposit(Started(), 5);
        var changed = new Decider<Account.State>("account", Account.State.Initial, (state, fact) => Account.Apply(state, fact) with { Movements = 0 })
        {
            Version = 2,
            Snapshots = SnapshotPolicy.Every(5),
        };

        Assert.Equal(new Account.State(5, 0), (await Load(Started(), changed)).Kept.Value);
        Assert.Equal(0, _ledger.Reads[^1].After);
    }

    [Fact]
    public async Task Passes_over_a_snapshot_of_another_ledger()
    {
        await Deposit(Started(), 5);
        await using var restored = new InMemoryLedger();
        await restored.Events(Modules.Bank, "account-a", [.. Enumerable.Repeat<object>(new Account.Deposited(100), 6)]);

        var loaded = await Load(new Commands(Modules.Bank, restored, new CommandsOptions { Folds = _folds }));

        Assert.Equal(new Account.State(600, 6), loaded.Kept.Value);
    }

    [Fact]
    public async Task Passes_over_a_snapshot_ahead_of_the_ledger()
    {
        await Deposit(Started(), 5);
        await using var shorter = new InMemoryLedger();

        var loaded = await Load(new Commands(Modules.Bank, shorter, new CommandsOptions { Folds = _folds }));

        Assert.Equal(Account.State.Initial, loaded.Kept.Value);
    }

    [Theory]
    [InlineData("""{"version":5""")]
    [InlineData("""{"version":5,"position":5,"state":{"balance":1,"movements":1}}""")]
    [InlineData("""{"version":5,"position":5,"id":"11111111-1111-1111-1111-111111111111","state":null}""")]
    [InlineData("""{"version":5,"position":5,"id":"11111111-1111-1111-1111-111111111111","state":{"balance":1}}""")]
    [InlineData("""{"version":5,"position":5,"id":"no id","state":{"balance":1,"movements":1}}""")]
    [InlineData("[]")]
    public async Task Passes_over_a_snapshot_that_cannot_be_read(string data)
    {
        await Deposit(Started(), 4);
        var row = new FoldRow { Tenant = Tenants.Default, Key = "account-a", Data = Encoding.UTF8.GetBytes(data) };
        await _folds.Write(
            new FoldBatch { Fold = new FoldName("$state-account"), Expected = 0, Position = 4, Rows = [row] }, TestContext.Current.CancellationToken);

        Assert.Equal(new Account.State(4, 4), (await Load(Started())).Kept.Value);
    }

    [Fact]
    public async Task Does_not_need_a_store_that_fails()
    {
        await _folds.DisposeAsync();

        await Deposit(Started(), 12);

        Assert.Equal(12, (await Load(Started())).Kept.Value.Balance);
    }

    [Fact]
    public async Task Keeps_only_so_many_in_memory_and_gives_up_those_used_least_recently()
    {
        var commands = Started(hot: 2);
        foreach (var account in new[] { "a", "b", "a", "c", "a", "b" })
            await commands.Tell(new Deposit(account, 1));

        Assert.Equal(2, commands.Engine.Hot.Count);
        Assert.Equal(["account-a", "account-b", "account-c", "account-b"], _ledger.Reads.Select(read => read.Query.Items[0].Stream));
    }

    [Fact]
    public async Task Catches_up_when_it_has_to_be_fresh()
    {
        var commands = Started();
        await Deposit(commands, 2);
        await _truth.Events(Modules.Bank, "account-a", new Account.Withdrawn(1));

        Assert.Equal(2, (await Load(commands)).Kept.Value.Balance);
        Assert.Equal(1, (await Load(commands, fresh: true)).Kept.Value.Balance);
        Assert.Equal(1, (await Load(commands)).Kept.Value.Balance);
    }

    [Fact]
    public async Task Stops_at_an_event_that_cannot_be_read_and_appends_nothing()
    {
        await _truth.Events(Modules.Bank, "account-a", new Account.Deposited(5));
        var foreign = new NewEvent { Id = Guid.AllBitsSet, Type = "AccountFrozen", Data = "{}"u8.ToArray() };
        await _truth.Append(AppendRequest.To("account-a", Expectation.Any, foreign), TestContext.Current.CancellationToken);
        var commands = Started();

        foreach (object command in new object[] { new Deposit("a", 1), new Withdraw("a", 100), new Transfer("a", "b", 1) })
        {
            var unreadable = Assert.IsType<CommandAnswer.Unreadable>(await commands.Tell(command, new CommandOrigin { Id = Guid.NewGuid() }));
            Assert.Equal(("account-a", 2, UnreadableKind.UnknownType), (unreadable.Stream, unreadable.Version, unreadable.Problem.Kind));
        }

        Assert.Empty(_ledger.Appends);
        Assert.Equal(0, commands.Engine.Hot.Count);
    }

    [Fact]
    public async Task Never_appends_what_could_not_be_read()
    {
        var module = new Module("broken").Events(Modules.Shop.EventTypes).Decides(Order.Decider, static orders => orders
            .On<ConfirmOrder>(command => command.OrderId, (_, _) => Decision.Of(new Order.OrderConfirmed(null!))));

        await Assert.ThrowsAsync<System.Text.Json.JsonException>(() => new Commands(module, _ledger).Tell(new ConfirmOrder("1")));

        Assert.Empty(await _truth.All());
    }

    [Fact]
    public async Task Keeps_in_memory_what_the_ledger_will_say_and_not_what_the_decision_said()
    {
        // 1.0 and 1.00 are equal, but only one of them is what was written; a double that JSON cuts would differ altogether.
        var decider = new Decider<ImmutableArray<object>>("order", [], static (state, fact) => state.Add(fact));
        var said = new Order.OrderCreated("1", "C", 1.0m);
        var module = new Module("log").Events(Modules.Shop.EventTypes).Decides(decider, orders => orders
            .On<ConfirmOrder>(command => command.OrderId, (_, _) => Decision.Of(said)));
        var commands = new Commands(module, _ledger);
        await commands.Tell(new ConfirmOrder("1"));

        var kept = await commands.Engine.LoaderOf(decider, new EventCodec(module.EventTypes))
            .Load(new StreamKey(Tenants.Default, "order-1"), fresh: false, TestContext.Current.CancellationToken);

        Assert.Equal(said, Assert.Single(kept.Kept.Value));
        Assert.NotSame(said, kept.Kept.Value[0]);
    }

    /// <summary>Whatever is sent, by processes that come and go and forget: replay = snapshot and tail = memory.</summary>
    [Fact]
    public void Gives_the_same_from_the_ledger_from_a_snapshot_and_from_memory() =>
        Prop.ForAll<byte[]>(steps => Same(steps).GetAwaiter().GetResult()).QuickCheckThrowOnFailure();

    private static async Task<bool> Same(byte[] steps)
    {
        await using var ledger = new InMemoryLedger();
        await using var folds = new InMemoryFoldStore();
        Commands Start(int hot) => new(Modules.Bank, ledger, new CommandsOptions { Folds = folds, HotStatesMax = hot });
        Commands[] processes = [Start(0), Start(1), Start(10)];
        foreach (var step in steps)
        {
            var process = processes[step % 3];
            await process.Tell((step / 3 % 4) switch
            {
                0 => new Deposit("a", step),
                1 => new Withdraw("a", step / 2),
                2 => new Transfer("a", "b", step / 3),
                _ => new Deposit("b", step),
            });
            await process.SnapshotsWritten;
        }

        var codec = new EventCodec(Modules.Bank.EventTypes);
        foreach (var account in new[] { "a", "b" })
        {
            var key = new StreamKey(Tenants.Default, $"account-{account}");
            var truth = await ledger.Replay(Account.Decider, Modules.Bank.EventTypes, account);
            foreach (var process in processes.Append(Start(0)))
            {
                var loaded = await process.Engine.LoaderOf(Account.Decider, codec).Load(key, fresh: true, default);
                if (loaded.Kept.Value != truth)
                    return false;
            }
        }

        return true;
    }

    private async Task<long> PositionOfSnapshots() =>
        await _folds.ReadPosition(new FoldName("$state-account"), TestContext.Current.CancellationToken);
}
