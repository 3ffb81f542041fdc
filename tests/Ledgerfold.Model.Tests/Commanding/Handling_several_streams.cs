using Ledgerfold.Model.Commanding;
using Ledgerfold.Model.Deciding;
using Ledgerfold.Model.Events;
using Ledgerfold.Model.Tests.Domain;
using Ledgerfold.Testing;

namespace Ledgerfold.Model.Tests.Commanding;

public sealed class Handling_several_streams
{
    private readonly InMemoryLedger _truth = new();
    private readonly WatchedLedger _ledger;
    private readonly Commands _commands;

    public Handling_several_streams()
    {
        _ledger = new WatchedLedger(_truth);
        _commands = new Commands(Modules.Bank, _ledger);
    }

    [Fact]
    public async Task Appends_to_all_of_them_at_once()
    {
        await _commands.Tell(new Deposit("a", 10));

        var answer = Assert.IsType<CommandAnswer.Accepted>(await _commands.Tell(new Transfer("a", "b", 4)));

        Assert.Equal(3, answer.Token);
        Assert.Equal([new StreamVersion("account-a", 2), new StreamVersion("account-b", 1)], answer.Versions);
        Assert.Equal([Expectation.Exactly(1), Expectation.NoStream], _ledger.Appends[^1].Writes.Select(one => one.Expect));
        Assert.Single(await _truth.All(), one => one.Headers.Length > 0 && one.Position > 1);
    }

    [Fact]
    public async Task Goes_on_from_what_it_left()
    {
        await _commands.Tell(new Deposit("a", 10));
        await _commands.Tell(new Transfer("a", "b", 4));

        Assert.Equal("4 is there", Assert.IsType<CommandAnswer.Rejected>(await _commands.Tell(new Withdraw("b", 5))).Message);
        Assert.IsType<CommandAnswer.Accepted>(await _commands.Tell(new Transfer("b", "a", 4)));
        Assert.Equal(4, _ledger.Appends.Count);
        Assert.Equal(2, _ledger.Reads.Count);
    }

    [Fact]
    public async Task Answers_that_it_cannot_read_an_event_of_another_module_unless_it_passes_over_those()
    {
        await _truth.Events(Modules.Shop, "order-1", new Order.OrderConfirmed("1")); // version 1 of its stream
        var tagged = Given.Event(Modules.Shop, new Order.OrderConfirmed("1")) with { Tags = ["name:ada"] };
        await _truth.Append(AppendRequest.To("order-1", Expectation.Any, tagged), TestContext.Current.CancellationToken);
        var claims = 0;
        Module Counting(UnknownEvents unknown) => new Module("claims").Events(Modules.Bank.EventTypes).Handles<ClaimName>(async (command, context) =>
        {
            claims = await context.Fold(EventQuery.Tagged($"name:{command.Name}"), 0, static (count, _) => count + 1, unknown);
            await context.Load(Account.Decider, command.Account);
            context.Append(Account.Decider, command.Account, new Fact(new Account.NameClaimed(command.Name)) { Tags = [$"name:{command.Name}"] });
        });

        var refused = await new Commands(Counting(UnknownEvents.Refuse), _ledger).Tell(new ClaimName("a", "ada"));
        Assert.Equal(("order-1", 2), Assert.IsType<CommandAnswer.Unreadable>(refused) is var at ? (at.Stream, at.Version) : default);
        Assert.Empty(_ledger.Appends);
        Assert.IsType<CommandAnswer.Accepted>(await new Commands(Counting(UnknownEvents.PassOver), _ledger).Tell(new ClaimName("a", "ada")));
        Assert.Equal(0, claims);
        Assert.IsType<CommandAnswer.Accepted>(await new Commands(Counting(UnknownEvents.PassOver), _ledger).Tell(new ClaimName("b", "ada")));
        Assert.Equal(1, claims);
    }

    [Fact]
    public async Task Rests_a_rejection_on_all_it_loaded()
    {
        await _commands.Tell(new Transfer("a", "b", 4), new CommandOrigin { Id = Guid.AllBitsSet });

        Assert.Equal(
            ["account-a none", "account-b none"],
            _ledger.Appends[^1].Writes.Where(one => one.Events.IsEmpty).Select(one => $"{one.Stream} {one.Expect}"));
        Assert.Single(await _truth.Answers());
    }

    [Fact]
    public async Task Does_not_append_what_is_rejected_later()
    {
        var module = new Module("late").Events(Modules.Bank.EventTypes).Handles<Transfer>(async (command, context) =>
        {
            await context.Load(Account.Decider, command.From);
            context.Append(Account.Decider, command.From, new Account.Withdrawn(command.Amount));
            context.Reject("LATE");
        });

        Assert.IsType<CommandAnswer.Rejected>(await new Commands(module, _truth).Tell(new Transfer("a", "b", 1)));
        Assert.Empty(await _truth.All());
    }

    [Fact]
    public async Task Expects_streams_that_it_only_looked_at()
    {
        var module = new Module("check").Events(Modules.Bank.EventTypes).Handles<Transfer>(async (command, context) =>
        {
            await context.Load(Account.Decider, command.From);
            await context.Load(Account.Decider, command.To);
            context.Append(Account.Decider, command.To, new Account.Deposited(command.Amount));
        });
        _ledger.OnAppend = async (_, append) =>
        {
            _ledger.OnAppend = null;
            await _truth.Events(Modules.Bank, "account-a", new Account.Deposited(1)); // while it was decided
            return await append();
        };

        var answer = Assert.IsType<CommandAnswer.Accepted>(await new Commands(module, _ledger).Tell(new Transfer("a", "b", 1)));

        Assert.Equal(2, answer.Token);
        Assert.Equal([new StreamVersion("account-b", 1)], answer.Versions);
        Assert.Equal(2, _ledger.Appends.Count);
    }

    [Fact]
    public async Task Appends_only_to_what_it_loaded()
    {
        var module = new Module("unloaded").Events(Modules.Bank.EventTypes).Handles<Transfer>((command, context) =>
        {
            context.Append(Account.Decider, command.From, new Account.Withdrawn(1));
            return Task.CompletedTask;
        });

        await Assert.ThrowsAsync<InvalidOperationException>(() => new Commands(module, _truth).Tell(new Transfer("a", "b", 1)));
    }

    [Fact]
    public async Task Sees_what_it_appended_itself()
    {
        var seen = new List<long>();
        var module = new Module("twice").Events(Modules.Bank.EventTypes).Handles<Transfer>(async (command, context) =>
        {
            await context.Load(Account.Decider, command.From);
            seen.Add(context.Append(Account.Decider, command.From, new Account.Deposited(5), new Account.Deposited(6)).Balance);
            seen.Add((await context.Load(Account.Decider, command.From)).Balance);
        });

        var answer = await new Commands(module, _truth).Tell(new Transfer("a", "b", 1));

        Assert.Equal([11, 11], seen);
        Assert.Equal([new StreamVersion("account-a", 2)], Assert.IsType<CommandAnswer.Accepted>(answer).Versions);
    }

    [Fact]
    public async Task Needs_neither_streams_nor_events()
    {
        var module = new Module("idle").Handles<Transfer>((_, _) => Task.CompletedTask);
        var commands = new Commands(module, _truth);

        Assert.Equal(0, Assert.IsType<CommandAnswer.Accepted>(await commands.Tell(new Transfer("a", "b", 1))).Token);
        var remembered = await commands.Tell(new Transfer("a", "b", 1), new CommandOrigin { Id = Guid.AllBitsSet });
        Assert.Equal(1, Assert.IsType<CommandAnswer.Accepted>(remembered).Token);
    }

    [Fact]
    public async Task Holds_a_boundary_that_no_stream_has()
    {
        Assert.IsType<CommandAnswer.Accepted>(await _commands.Tell(new ClaimName("a", "Ada")));

        Assert.Equal("NAME_TAKEN", Assert.IsType<CommandAnswer.Rejected>(await _commands.Tell(new ClaimName("b", "Ada"))).Code);
        Assert.IsType<CommandAnswer.Accepted>(await _commands.Tell(new ClaimName("b", "Bea")));
    }

    [Fact]
    public async Task Holds_the_boundary_against_those_who_cross_it_meanwhile()
    {
        _ledger.OnAppend = async (_, append) =>
        {
            _ledger.OnAppend = null;
            var other = new Commands(Modules.Bank, _truth);
            Assert.IsType<CommandAnswer.Accepted>(await other.Tell(new ClaimName("b", "Ada")));
            return await append();
        };

        Assert.Equal("NAME_TAKEN", Assert.IsType<CommandAnswer.Rejected>(await _commands.Tell(new ClaimName("a", "Ada"))).Code);
    }

    [Theory]
    [InlineData(0, "rejected")]
    [InlineData(1, "accepted")]
    public async Task Requires_what_must_not_have_happened_since(long after, string kind)
    {
        var tries = 0;
        var module = new Module("since").Events(Modules.Bank.EventTypes).Handles<Transfer>((_, context) =>
        {
            if (++tries == 2)
                context.Reject("HAPPENED");
            else
                context.Require(EventQuery.OfTypes("Deposited"), after);
            if (tries == 1)
                context.Require(EventQuery.OfCategory("$command"), after);
            return Task.CompletedTask;
        });
        await _truth.Events(Modules.Bank, "account-x", new Account.Deposited(1));

        Assert.Equal(kind, (await new Commands(module, _truth).Tell(new Transfer("a", "b", 1))).Kind);
    }

    [Fact]
    public async Task Requires_everything_after_one_position()
    {
        var module = new Module("two").Handles<Transfer>(static (_, context) =>
        {
            context.Require(EventQuery.All, 0);
            context.Require(EventQuery.All, 1);
            return Task.CompletedTask;
        });

        await Assert.ThrowsAsync<InvalidOperationException>(() => new Commands(module, _truth).Tell(new Transfer("a", "b", 1)));
    }

    public static TheoryData<ulong> Seeds => [.. Enumerable.Range(1, 40).Select(seed => (ulong)seed)];

    /// <summary>Many transfers and deposits over few accounts, from two processes: no money comes or goes by itself, none is overdrawn.</summary>
    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Conserves_what_it_moves(ulong seed)
    {
        var scheduler = new SeededScheduler(seed);
        var random = new SeededRandom(seed);
        var clock = new ManualClock();
        var ledger = new WatchedLedger(_truth) { Yields = true };
        var folds = new InMemoryFoldStore();
        var options = new CommandsOptions
        {
            Clock = clock,
            Chance = new SeededChance(seed),
            TriesMax = 30,
            HotStatesMax = 2,
            TogetherMax = 4,
            Folds = folds,
        };
        Commands[] processes = [new(Modules.Bank, ledger, options), new(Modules.Bank, ledger, options with { HotStatesMax = 10 })];
        string[] accounts = ["a", "b", "c"];
        long deposited = 0;
        var sent = new List<(object Command, Task<CommandAnswer> Answer)>();
        for (var n = 0; n < 60; n++)
        {
            var from = random.Below(3);
            object command = n < 6 || random.Chance(0.3)
                ? new Deposit(accounts[from], 10)
                : new Transfer(accounts[from], accounts[(from + 1 + random.Below(2)) % 3], random.Below(15));
            var process = processes[random.Below(2)];
            sent.Add((command, scheduler.Start(() => process.Tell(command))));
        }

        do
            scheduler.RunAll();
        while (clock.AdvanceToNextTimer());

        var answers = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (command, task) in sent)
        {
            var answer = await task;
            answers[answer.Kind] = answers.GetValueOrDefault(answer.Kind) + 1;
            if (command is Deposit deposit && answer is CommandAnswer.Accepted)
                deposited += deposit.Amount;
        }

        long total = 0;
        foreach (var account in accounts)
        {
            var state = await _truth.Replay(Account.Decider, Modules.Bank.EventTypes, account);
            Assert.True(state.Balance >= 0);
            total += state.Balance;
            foreach (var process in processes)
            {
                var key = new StreamKey(Tenants.Default, $"account-{account}");
                var loader = process.Engine.LoaderOf(Account.Decider, new Events.EventCodec(Modules.Bank.EventTypes));
                var load = scheduler.Start(async () => await loader.Load(key, fresh: true, default));
                scheduler.RunAll();
                Assert.Equal(state, (await load).Kept.Value);
            }
        }

        Assert.Equal(deposited, total);
        Assert.DoesNotContain("conflict", answers);
        Assert.All(processes, process => Assert.True(process.Engine.Turns.IsIdle && process.SnapshotsWritten.IsCompletedSuccessfully));
        Assert.Equal(0, scheduler.Strays);
    }
}
