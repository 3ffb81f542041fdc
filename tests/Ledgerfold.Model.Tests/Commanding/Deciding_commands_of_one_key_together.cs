using Ledgerfold.Model.Commanding;
using Ledgerfold.Model.Tests.Domain;
using Ledgerfold.Testing;

namespace Ledgerfold.Model.Tests.Commanding;

public sealed class Deciding_commands_of_one_key_together
{
    private readonly InMemoryLedger _truth = new();
    private readonly WatchedLedger _ledger;
    private readonly SeededScheduler _scheduler = new(1);
    private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Deciding_commands_of_one_key_together() => _ledger = new WatchedLedger(_truth) { Yields = true };

    private Commands Commands(CommandsOptions? options = null) => new(Modules.Bank, _ledger, options);

    /// <summary>The first append waits, so that everything sent meanwhile stands in line behind it.</summary>
    private void HoldTheFirstAppend() => _ledger.OnAppend = async (_, append) =>
    {
        await _gate.Task;
        return await append();
    };

    private List<Task<CommandAnswer>> SendInLine(Commands commands, params object[] all)
    {
        HoldTheFirstAppend();
        var sent = new List<Task<CommandAnswer>>();
        foreach (var (index, command) in all.Index())
        {
            sent.Add(_scheduler.Start(() => commands.Tell(command, new CommandOrigin { Id = new Guid(index + 1, 0, 0, new byte[8]) })));
            _scheduler.RunAll();
        }

        _gate.SetResult();
        _scheduler.RunAll();
        return sent;
    }

    [Fact]
    public async Task Writes_those_that_waited_as_one_append_in_their_order()
    {
        var sent = SendInLine(Commands(), [.. Enumerable.Range(1, 20).Select(object (n) => new Deposit("a", n))]);

        var answers = (await Task.WhenAll(sent)).Cast<CommandAnswer.Accepted>().ToArray();

        Assert.Equal(Enumerable.Range(1, 20).Select(n => (long)n), answers.Select(one => one.Token));
        Assert.Equal(Enumerable.Range(1, 20).Select(n => (long)n), answers.Select(one => one.Versions[0].Version));
        Assert.Equal([1, 19], _ledger.Appends.Select(one => one.Writes[0].Events.Length));
        Assert.Equal(
            Enumerable.Range(1, 20).Select(n => $$"""{"amount":{{n}},"note":null}"""),
            (await _truth.All()).Select(one => System.Text.Encoding.UTF8.GetString(one.Data.Span)));
    }

    [Fact]
    public async Task Decides_each_on_what_the_one_before_left()
    {
        var sent = SendInLine(Commands(), new Deposit("a", 1), new Withdraw("a", 5), new Deposit("a", 5), new Withdraw("a", 5), new Withdraw("a", 5));

        var answers = await Task.WhenAll(sent);

        Assert.Equal(["accepted", "rejected", "accepted", "accepted", "rejected"], answers.Select(one => one.Kind));
        Assert.Equal("1 is there", ((CommandAnswer.Rejected)answers[1]).Message);
        Assert.Equal(2, _ledger.Appends.Count);
        Assert.Equal(2, (await _truth.Answers()).Count);
    }

    [Fact]
    public async Task Answers_the_same_to_all_as_when_they_are_sent_again()
    {
        object[] all = [new Deposit("a", 1), new Withdraw("a", 5), new Deposit("a", 5), new Deposit("a", 0), new Withdraw("a", 6)];
        var commands = Commands();
        var answers = await Task.WhenAll(SendInLine(commands, all));

        var again = await Task.WhenAll(SendAgain(commands, all));

        Assert.Equal(answers.Select(WithoutRepeated), again.Select(WithoutRepeated));
        Assert.All(again, one => Assert.True(one is CommandAnswer.Accepted { Repeated: true } or CommandAnswer.Rejected { Repeated: true }));
    }

    [Fact]
    public async Task Lets_only_the_one_fail_whose_decision_fails()
    {
        var sent = SendInLine(Commands(), new Deposit("a", 1), new Deposit("a", 2), new Deposit("a", -1), new Deposit("a", 3));

        await Assert.ThrowsAsync<ArithmeticException>(() => sent[2]);
        Assert.Equal(3, Assert.IsType<CommandAnswer.Accepted>(await sent[3]).Token);
        Assert.Equal(2, _ledger.Appends.Count);
    }

    [Fact]
    public async Task Lets_only_the_one_be_invalid_whose_event_the_ledger_refuses()
    {
        var sent = SendInLine(
            Commands(), new Deposit("a", 1), new Deposit("a", 2), new Deposit("a", 3, new string('x', Limits.EventBytesMax)), new Deposit("a", 4));

        var answers = await Task.WhenAll(sent);

        Assert.Equal(["accepted", "accepted", "invalid", "accepted"], answers.Select(one => one.Kind));
        Assert.Equal(new Account.State(7, 3), await _truth.Replay(Account.Decider, Modules.Bank.EventTypes, "a"));
    }

    [Fact]
    public async Task Comes_to_an_end_when_others_are_faster_than_each_alone()
    {
        var clock = new ManualClock();
        var commands = Commands(new CommandsOptions { Clock = clock, TriesMax = 3 });
        var big = new string('x', Limits.EventBytesMax);
        var sent = SendInLine(commands, new Deposit("b", 1), new Deposit("a", 1), new Deposit("a", 2, big), new Deposit("a", 3));
        Assert.Equal("invalid", (await sent[2]).Kind);
        _ledger.OnAppend = async (request, append) =>
        {
            if (request.Writes[0].Events.Length == 1 && request.Writes[0].Events[0].Data.Length < 1_000)
                await _truth.Events(Modules.Bank, "account-a", new Account.Deposited(1));
            return await append();
        };
        object[] all = [new Deposit("a", 4), new Deposit("a", 5, big), new Deposit("a", 6)];
        var turn = new KeyWaiter(null);
        Assert.True(commands.Engine.Turns.TryEnter(new StreamKey(Tenants.Default, "account-a"), turn));
        var more = all.Select(command => _scheduler.Start(() => commands.Tell(command))).ToArray();
        _scheduler.RunAll();
        commands.Engine.Turns.Leave(new StreamKey(Tenants.Default, "account-a"));

        do
            _scheduler.RunAll(100_000);
        while (clock.AdvanceToNextTimer());

        var kinds = (await Task.WhenAll(more)).Select(one => one.Kind).ToArray();
        Assert.All(kinds, kind => Assert.Contains(kind, (string[])["conflict", "invalid"]));
        Assert.Equal("conflict", kinds[0]);
        Assert.True(commands.Engine.Turns.IsIdle);
    }

    [Fact]
    public async Task Takes_copies_of_a_command_as_one()
    {
        HoldTheFirstAppend();
        var commands = Commands();
        var origin = new CommandOrigin { Id = Guid.AllBitsSet };
        object[] all = [new Deposit("a", 1), new Deposit("a", 7), new Deposit("a", 7), new Deposit("a", 8)];
        var sent = all.Select((command, index) => _scheduler.Start(() => commands.Tell(command, index == 0 ? null : origin))).ToArray();
        for (var ran = _scheduler.RunAll(); ran > 0; ran = _scheduler.RunAll())
        {
        }

        _gate.SetResult();
        _scheduler.RunAll();

        var answers = await Task.WhenAll(sent);
        Assert.Equal(1, answers.Count(one => one is CommandAnswer.Accepted { Repeated: true }) + answers.Count(one => one is CommandAnswer.Invalid) - 1);
        Assert.Equal(2, (await _truth.All()).Count);
    }

    [Fact]
    public async Task Splits_what_is_too_much_for_one_append()
    {
        var note = new string('x', 900_000);
        var sent = SendInLine(Commands(), [.. Enumerable.Range(1, 12).Select(object (n) => new Deposit("a", n, note))]);

        Assert.All(await Task.WhenAll(sent), one => Assert.IsType<CommandAnswer.Accepted>(one));
        Assert.True(_ledger.Appends.Count is > 3 and < 12, $"{_ledger.Appends.Count} appends");
    }

    [Fact]
    public async Task Does_not_make_other_keys_wait()
    {
        _ledger.OnAppend = async (request, append) =>
        {
            if (request.Writes[0].Stream == "account-a")
                await _gate.Task;
            return await append();
        };
        var commands = Commands();
        var waits = _scheduler.Start(() => commands.Tell(new Deposit("a", 1)));
        _scheduler.RunAll();

        var other = _scheduler.Start(() => commands.Tell(new Deposit("b", 1)));
        _scheduler.RunAll();

        Assert.True(other.IsCompletedSuccessfully);
        Assert.False(waits.IsCompleted);
        _gate.SetResult();
        _scheduler.RunAll();
        Assert.IsType<CommandAnswer.Accepted>(await waits);
    }

    [Fact]
    public async Task Leaves_no_trace_of_one_that_was_given_up_while_it_waited()
    {
        HoldTheFirstAppend();
        var commands = Commands();
        using var giveUp = new CancellationTokenSource();
        var first = _scheduler.Start(() => commands.Tell(new Deposit("a", 1)));
        _scheduler.RunAll();
        var second = _scheduler.Start(() => commands.Send(new Deposit("a", 2), cancel: giveUp.Token));
        _scheduler.RunAll();
        var third = _scheduler.Start(() => commands.Tell(new Deposit("a", 4)));
        _scheduler.RunAll();

        await giveUp.CancelAsync();
        _gate.SetResult();
        _scheduler.RunAll();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        Assert.IsType<CommandAnswer.Accepted>(await first);
        Assert.IsType<CommandAnswer.Accepted>(await third);
        Assert.Equal(new Account.State(5, 2), await _truth.Replay(Account.Decider, Modules.Bank.EventTypes, "a"));
        Assert.True(commands.Engine.Turns.IsIdle);
    }

    [Fact]
    public async Task Answers_overloaded_when_too_many_wait()
    {
        HoldTheFirstAppend();
        var commands = Commands(new CommandsOptions { WaitingMax = 2 });
        var sent = Enumerable.Range(1, 4).Select(n => _scheduler.Start(() => commands.Tell(new Deposit("a", n)))).ToArray();
        _scheduler.RunAll();

        Assert.IsType<CommandAnswer.Overloaded>(await Assert.Single(sent, one => one.IsCompleted));
        _gate.SetResult();
        _scheduler.RunAll();
        Assert.Equal(3, (await Task.WhenAll(sent)).Count(one => one is CommandAnswer.Accepted));
    }

    [Fact]
    public async Task Rejects_each_alone_once_the_stream_is_closed()
    {
        await _truth.Append(new AppendRequest
        {
            Writes = [new StreamWrite { Stream = "account-a", Close = true, Events = [Given.Event(Modules.Bank, new Account.Deposited(3))] }],
        }, TestContext.Current.CancellationToken);

        var answers = await Task.WhenAll(SendInLine(
            Commands(), new Deposit("b", 1), new Deposit("a", 1), new Withdraw("a", 9), new Deposit("a", 0), new Deposit("a", 2)));

        Assert.Equal(["accepted", "rejected", "rejected", "accepted", "rejected"], answers.Select(one => one.Kind));
        Assert.Equal("STREAM_CLOSED", ((CommandAnswer.Rejected)answers[1]).Code);
        Assert.Equal("NOT_ENOUGH", ((CommandAnswer.Rejected)answers[2]).Code);
    }

    private List<Task<CommandAnswer>> SendAgain(Commands commands, object[] all)
    {
        var sent = all.Select((command, index) =>
            _scheduler.Start(() => commands.Tell(command, new CommandOrigin { Id = new Guid(index + 1, 0, 0, new byte[8]) }))).ToList();
        _scheduler.RunAll();
        return sent;
    }

    private static string WithoutRepeated(CommandAnswer answer) => answer switch
    {
        CommandAnswer.Accepted accepted => $"{accepted.Token} {string.Join(',', accepted.Versions)}",
        CommandAnswer.Rejected rejected => (rejected with { Repeated = false }).ToString(),
        _ => answer.ToString(),
    };
}
