using Ledgerfold.Model.Commanding;
using Ledgerfold.Model.Deciding;
using Ledgerfold.Model.Tests.Domain;
using Ledgerfold.Testing;

namespace Ledgerfold.Model.Tests.Commanding;

public sealed class Sending_a_command_again
{
    private static readonly Guid Id = new("0197c2f4-7a4e-7bb5-9d1c-222222222222");
    private static readonly CommandOrigin Origin = new() { Id = Id };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Answers_as_the_first_time_and_appends_nothing()
    {
        await using var ledger = new InMemoryLedger();
        var commands = new Commands(Modules.Bank, ledger);
        await commands.Tell(new Deposit("a", 10), Origin);
        await commands.Tell(new Deposit("a", 20));

        var again = Assert.IsType<CommandAnswer.Accepted>(await commands.Tell(new Deposit("a", 10), Origin));

        Assert.Equal((1, true), (again.Token, again.Repeated));
        Assert.Equal([new StreamVersion("account-a", 1)], again.Versions);
        Assert.Equal(2, (await ledger.All()).Count);
    }

    [Fact]
    public async Task Rejects_as_the_first_time_although_it_would_be_accepted_now()
    {
        await using var ledger = new InMemoryLedger();
        var commands = new Commands(Modules.Bank, ledger);
        await commands.Tell(new Withdraw("a", 10), Origin);
        await commands.Tell(new Deposit("a", 100));

        var again = await commands.Tell(new Withdraw("a", 10), Origin);

        Assert.Equal(new CommandAnswer.Rejected("NOT_ENOUGH", "amount", "0 is there", Repeated: true), again);
        Assert.Equal("CommandAnswered", Assert.Single(await ledger.Answers()).Type);
    }

    [Fact]
    public async Task Does_nothing_as_the_first_time()
    {
        await using var ledger = new InMemoryLedger();
        var commands = new Commands(Modules.Bank, ledger);
        var first = Assert.IsType<CommandAnswer.Accepted>(await commands.Tell(new Deposit("a", 0), Origin));

        var again = Assert.IsType<CommandAnswer.Accepted>(await commands.Tell(new Deposit("a", 0), Origin));

        Assert.Equal((first.Token, true), (again.Token, again.Repeated));
        Assert.Empty(again.Versions);
    }

    [Fact]
    public async Task Answers_the_same_for_what_was_written_to_several_streams()
    {
        await using var ledger = new InMemoryLedger();
        var commands = new Commands(Modules.Bank, ledger);
        await commands.Tell(new Deposit("a", 10));
        var first = Assert.IsType<CommandAnswer.Accepted>(await commands.Tell(new Transfer("a", "b", 4), Origin));
        await commands.Tell(new Deposit("b", 10));

        var again = Assert.IsType<CommandAnswer.Accepted>(await commands.Tell(new Transfer("a", "b", 4), Origin));

        Assert.Equal((first.Token, true), (again.Token, again.Repeated));
        Assert.Equal([new StreamVersion("account-a", 2), new StreamVersion("account-b", 1)], again.Versions);
        Assert.Equal(first.Versions.AsEnumerable(), again.Versions);
    }

    [Fact]
    public async Task Is_invalid_with_another_content()
    {
        await using var ledger = new InMemoryLedger();
        var commands = new Commands(Modules.Bank, ledger);
        await commands.Tell(new Deposit("a", 10), Origin);

        Assert.Equal("id", Assert.IsType<CommandAnswer.Invalid>(await commands.Tell(new Deposit("a", 11), Origin)).Field);
        Assert.Equal("id", Assert.IsType<CommandAnswer.Invalid>(await commands.Tell(new Withdraw("a", 10), Origin)).Field);
        Assert.Equal("id", Assert.IsType<CommandAnswer.Invalid>(await commands.Tell(new Transfer("a", "b", 10), Origin)).Field);
    }

    [Fact]
    public async Task Is_another_command_from_another_caller_or_tenant()
    {
        await using var ledger = new InMemoryLedger();
        var commands = new Commands(Modules.Bank, ledger);

        foreach (var origin in new[] { Origin, Origin with { Caller = "shop" }, Origin with { Tenant = "other" } })
            Assert.False(Assert.IsType<CommandAnswer.Accepted>(await commands.Tell(new Deposit("a", 10), origin)).Repeated);
    }

    [Fact]
    public async Task Answers_as_the_first_time_after_a_restart_on_a_real_disk()
    {
        using var directory = new EmbeddedDirectory();
        CommandAnswer.Accepted accepted;
        await using (var ledger = directory.Open())
        {
            var commands = new Commands(Modules.Bank, ledger);
            accepted = (CommandAnswer.Accepted)await commands.Send(new Deposit("a", 10), Origin, Cancel);
            await commands.Send(new Withdraw("a", 30), Origin with { Caller = "two" }, Cancel);
        }

        await using var reopened = directory.Open();
        var later = new Commands(Modules.Bank, reopened);
        var again = Assert.IsType<CommandAnswer.Accepted>(await later.Send(new Deposit("a", 10), Origin, Cancel));
        Assert.Equal((accepted.Token, true), (again.Token, again.Repeated));
        Assert.Equal(
            new CommandAnswer.Rejected("NOT_ENOUGH", "amount", "10 is there", Repeated: true),
            await later.Send(new Withdraw("a", 30), Origin with { Caller = "two" }, Cancel));
        Assert.Equal(2, (await reopened.All()).Count + (await reopened.Answers()).Count);
    }

    [Fact]
    public async Task Is_accepted_still_when_its_events_were_erased()
    {
        await using var truth = new InMemoryLedger();
        var ledger = new WatchedLedger(truth);
        var commands = new Commands(Modules.Bank, ledger);
        await commands.Tell(new Deposit("a", 10));
        await commands.Tell(new Transfer("a", "b", 4), Origin);
        await commands.Tell(new Deposit("b", 10));
        ledger.OnFound = static found => found is null ? null : Erased(found);

        var again = Assert.IsType<CommandAnswer.Accepted>(await commands.Tell(new Transfer("a", "b", 4), Origin));

        Assert.Equal((3, true), (again.Token, again.Repeated));
        Assert.Equal([new StreamVersion("account-a", 2), new StreamVersion("account-b", 1)], again.Versions);
    }

    private static RecordedEvent Erased(RecordedEvent found) => new()
    {
        Position = found.Position,
        Id = found.Id,
        Tenant = found.Tenant,
        Stream = found.Stream,
        Version = found.Version,
        Type = found.Type,
        SchemaVersion = found.SchemaVersion,
        RecordedAt = found.RecordedAt,
        ContentType = found.ContentType,
        Data = default,
        Erased = true,
    };

    [Fact]
    public async Task Is_invalid_where_the_id_stands_for_an_event_of_somebody_else()
    {
        await using var ledger = new InMemoryLedger();
        var taken = NameBasedId.OfFirstEvent(Tenants.Default, "", Id);
        await ledger.Append(
            AppendRequest.To("foreign-1", default, new NewEvent { Id = taken, Type = "Foreign", Data = "{}"u8.ToArray() }), Cancel);

        var answer = await new Commands(Modules.Bank, ledger).Send(new Deposit("a", 10), Origin, Cancel);

        Assert.Equal("id", Assert.IsType<CommandAnswer.Invalid>(answer).Field);
    }

    [Fact]
    public async Task Remembers_nothing_of_what_was_invalid_or_forbidden()
    {
        await using var ledger = new InMemoryLedger();
        var allowed = false;
        var module = Modules.Bank
            .Validates<Deposit>(command => command.Amount < 1_000 ? null : new("amount", "below 1000"))
            .Authorizes<Deposit>((_, context) => allowed || context.Actor == "teller" ? null : new("only a teller"));
        var commands = new Commands(module, ledger);

        Assert.Equal(new CommandAnswer.Invalid("amount", "below 1000"), await commands.Send(new Deposit("a", 1_000), Origin, Cancel));
        Assert.Equal(new CommandAnswer.Forbidden("only a teller"), await commands.Send(new Deposit("a", 10), Origin, Cancel));
        Assert.Empty(await ledger.Answers());
        allowed = true;
        Assert.False(Assert.IsType<CommandAnswer.Accepted>(await commands.Send(new Deposit("a", 10), Origin, Cancel)).Repeated);
        allowed = false;
        Assert.Equal(new CommandAnswer.Forbidden("only a teller"), await commands.Send(new Deposit("a", 10), Origin, Cancel));
    }

    [Fact]
    public async Task Stays_the_same_command_when_it_gets_a_member_that_is_null()
    {
        await using var ledger = new InMemoryLedger();
        var commands = new Commands(Modules.Bank, ledger);
        await commands.Send(new Deposit("a", 10, Note: null), Origin, Cancel);

        var header = Assert.Single(await ledger.All()).Headers[0].Value;

        var known = Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData("""{"account":"a","amount":10}"""u8));
        Assert.Contains(System.Text.Json.JsonSerializer.Serialize(known), header);
    }

    private sealed record PayIn(string Account, long Amount);

    [Fact]
    public async Task Stays_the_same_command_under_its_name_when_its_type_is_called_otherwise()
    {
        await using var ledger = new InMemoryLedger();
        await new Commands(Modules.Bank, ledger).Send(new Deposit("a", 10), Origin, Cancel);
        var renamed = new Module("bank").Events(Modules.Bank.EventTypes)
            .Decides(Account.Decider, accounts => accounts.On<PayIn>(command => command.Account, static (_, _) => Decision.Reject("DECIDED_AGAIN")));

        var named = await new Commands(renamed.Names<PayIn>("Deposit"), ledger).Send(new PayIn("a", 10), Origin, Cancel);
        var unnamed = await new Commands(renamed, ledger).Send(new PayIn("a", 10), Origin, Cancel);

        Assert.True(Assert.IsType<CommandAnswer.Accepted>(named).Repeated);
        Assert.Equal("id", Assert.IsType<CommandAnswer.Invalid>(unnamed).Field);
    }

    public static TheoryData<ulong> Seeds => [.. Enumerable.Range(1, 60).Select(seed => (ulong)seed)];

    /// <summary>Copies of three commands from two processes over one ledger: whatever the order, each happens once.</summary>
    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Happens_once_however_copies_of_it_race(ulong seed)
    {
        await using var truth = new InMemoryLedger();
        var ledger = new WatchedLedger(truth) { Yields = true };
        var scheduler = new SeededScheduler(seed);
        var clock = new ManualClock();
        var options = new CommandsOptions { Clock = clock, Chance = new SeededChance(seed), TriesMax = 50 };
        Commands[] processes = [new(Modules.Bank, ledger, options), new(Modules.Bank, ledger, options)];
        (object Command, Guid Id)[] all =
        [
            (new Deposit("a", 10), Numbered(1)),
            (new Withdraw("a", 5), Numbered(2)),
            (new Transfer("a", "b", 3), Numbered(3)),
            (new Deposit("a", 0), Numbered(4)),
        ];
        var sent = new List<Task<CommandAnswer>>();
        for (var copy = 0; copy < 3; copy++)
        {
            foreach (var process in processes)
                sent.AddRange(all.Select(one => scheduler.Start(() => process.Tell(one.Command, new CommandOrigin { Id = one.Id }))));
        }

        do
            scheduler.RunAll();
        while (clock.AdvanceToNextTimer());

        Assert.All(sent, one => Assert.True(one.IsCompletedSuccessfully, one.Exception?.ToString()));
        var answers = await Task.WhenAll(sent);
        for (var c = 0; c < all.Length; c++)
        {
            var same = answers.Where((_, index) => index % all.Length == c).ToArray();
            Assert.Single(same.Select(Essence).Distinct());
            Assert.True(same.Count(answer => answer is CommandAnswer.Accepted { Repeated: false } or CommandAnswer.Rejected { Repeated: false }) <= 1);
        }

        var ids = (await truth.All()).Concat(await truth.Answers()).Select(one => one.CausationId).ToArray();
        Assert.Equal(4, ids.Distinct().Count());
        Assert.Equal(0, scheduler.Strays);
    }

    private static Guid Numbered(int number) => new(number, 1, 2, [1, 2, 3, 4, 5, 6, 7, 8]);

    private static string Essence(CommandAnswer answer) => answer switch
    {
        CommandAnswer.Accepted accepted => $"{accepted.Token} {string.Join(',', accepted.Versions)}",
        CommandAnswer.Rejected rejected => (rejected with { Repeated = false }).ToString(),
        _ => answer.ToString(),
    };
}
