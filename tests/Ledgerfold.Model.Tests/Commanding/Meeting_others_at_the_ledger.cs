using Ledgerfold.Model.Commanding;
using Ledgerfold.Model.Tests.Domain;
using Ledgerfold.Testing;

namespace Ledgerfold.Model.Tests.Commanding;

public sealed class Meeting_others_at_the_ledger
{
    private readonly InMemoryLedger _truth = new();
    private readonly WatchedLedger _ledger;
    private readonly ManualClock _clock = new();

    public Meeting_others_at_the_ledger() => _ledger = new WatchedLedger(_truth);

    private Commands Commands(int triesMax = 5) => new(
        Modules.Bank, _ledger, new CommandsOptions { Clock = _clock, Chance = new SeededChance(1), TriesMax = triesMax });

    private async Task<CommandAnswer> Send(Commands commands, object command, CommandOrigin? origin = null)
    {
        var sent = commands.Tell(command, origin);
        while (!sent.IsCompleted && _clock.AdvanceToNextTimer())
            await Task.Yield();
        return await sent;
    }

    [Fact]
    public async Task Decides_again_on_what_they_left()
    {
        var commands = Commands();
        await Send(commands, new Deposit("a", 10));
        await _truth.Events(Modules.Bank, "account-a", new Account.Withdrawn(8));

        var answer = await Send(commands, new Withdraw("a", 5));

        Assert.Equal("2 is there", Assert.IsType<CommandAnswer.Rejected>(answer).Message);
        Assert.Equal(5 - 2, _ledger.Appends.Count); // the deposit, one on a state that was old, one on the new
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Rejects_only_on_the_state_as_it_is(bool repeatable)
    {
        var commands = Commands();
        await Send(commands, new Deposit("a", 1));
        await _truth.Events(Modules.Bank, "account-a", new Account.Deposited(8));

        var answer = await Send(commands, new Withdraw("a", 5), repeatable ? new CommandOrigin { Id = Guid.AllBitsSet } : null);

        Assert.IsType<CommandAnswer.Accepted>(answer);
    }

    [Fact]
    public async Task Reads_only_what_they_added()
    {
        var commands = Commands();
        await Send(commands, new Deposit("a", 10));
        await _truth.Events(Modules.Bank, "account-a", new Account.Withdrawn(8));

        await Send(commands, new Withdraw("a", 5));

        Assert.Equal([0, 1], _ledger.Reads.Select(read => read.After));
    }

    [Theory]
    [InlineData(typeof(Deposit))]
    [InlineData(typeof(Transfer))]
    public async Task Answers_conflict_when_they_are_faster_each_time(Type command)
    {
        await _truth.Events(Modules.Bank, "account-a", new Account.Deposited(100));
        _ledger.OnAppend = async (_, append) =>
        {
            await _truth.Events(Modules.Bank, "account-a", new Account.Deposited(1));
            return await append();
        };
        var commands = Commands(triesMax: 4);

        var answer = await Send(commands, command == typeof(Deposit) ? new Deposit("a", 1) : new Transfer("a", "b", 1));

        Assert.Equal(new CommandAnswer.Conflict(4), answer);
        Assert.Equal(4, _ledger.Appends.Count);
        Assert.True(commands.Engine.Turns.IsIdle);
    }

    [Fact]
    public async Task Finds_out_that_an_append_in_doubt_is_there()
    {
        _ledger.OnAppend = async (_, append) =>
        {
            await append();
            return new AppendOutcome.Indeterminate("the wire was cut");
        };

        foreach (object command in new object[] { new Deposit("a", 5), new Deposit("a", 0), new Transfer("a", "b", 1) })
        {
            var answer = await Send(Commands(), command, new CommandOrigin { Id = Guid.NewGuid() });
            Assert.IsType<CommandAnswer.Accepted>(answer);
        }

        Assert.Equal(3, (await _truth.All()).Count);
    }

    [Fact]
    public async Task Hands_on_the_doubt_where_an_append_is_not_there()
    {
        _ledger.OnAppend = (_, _) => new(new AppendOutcome.Indeterminate("the wire was cut"));

        Assert.Equal(new CommandAnswer.Indeterminate("the wire was cut"), await Send(Commands(), new Deposit("a", 5)));
        Assert.Equal(new CommandAnswer.Indeterminate("the wire was cut"), await Send(Commands(), new Transfer("a", "b", 0)));
    }

    [Fact]
    public async Task Settles_the_doubt_when_the_command_comes_again()
    {
        var origin = new CommandOrigin { Id = Guid.AllBitsSet };
        Func<ValueTask<AppendOutcome>>? late = null;
        _ledger.OnAppend = (_, append) =>
        {
            late = append;
            return new(new AppendOutcome.Indeterminate("the wire was cut"));
        };
        var commands = Commands();
        await Send(commands, new Deposit("a", 5), origin);
        _ledger.OnAppend = async (_, append) =>
        {
            await late!(); // it arrives after all, before the second try
            return await append();
        };

        var answer = Assert.IsType<CommandAnswer.Accepted>(await Send(commands, new Deposit("a", 5), origin));

        Assert.True(answer.Repeated);
        Assert.Equal(new Account.State(5, 1), await _truth.Replay(Account.Decider, Modules.Bank.EventTypes, "a"));
        _ledger.OnAppend = null;
        Assert.Equal(2, Assert.IsType<CommandAnswer.Accepted>(await Send(commands, new Deposit("a", 1))).Versions[0].Version);
        Assert.Equal("6 is there", Assert.IsType<CommandAnswer.Rejected>(await Send(commands, new Withdraw("a", 7))).Message);
    }

    [Fact]
    public async Task Hands_on_that_the_ledger_takes_nothing_now()
    {
        _ledger.OnAppend = (_, _) => new(new AppendOutcome.ReadOnly("the disk is full"));
        Assert.Equal(new CommandAnswer.ReadOnly("the disk is full"), await Send(Commands(), new Deposit("a", 5)));
        Assert.Equal(new CommandAnswer.ReadOnly("the disk is full"), await Send(Commands(), new Transfer("a", "b", 0)));

        _ledger.OnAppend = (_, _) => new(new AppendOutcome.Overloaded("the queue is full"));
        Assert.Equal(new CommandAnswer.Overloaded("the queue is full"), await Send(Commands(), new Deposit("a", 5)));
    }

    [Fact]
    public async Task Fails_with_the_ledger_and_leaves_nobody_waiting()
    {
        _ledger.OnAppend = (_, _) => throw new IOException("the disk is gone");
        var commands = Commands();

        await Assert.ThrowsAsync<IOException>(() => Send(commands, new Deposit("a", 5)));
        await Assert.ThrowsAsync<IOException>(() => Send(commands, new Transfer("a", "b", 0)));

        Assert.True(commands.Engine.Turns.IsIdle);
    }
}
