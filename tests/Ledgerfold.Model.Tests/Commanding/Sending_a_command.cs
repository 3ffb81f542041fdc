using System.Diagnostics;
using Ledgerfold.Model.Commanding;
using Ledgerfold.Model.Tests.Domain;
using Ledgerfold.Testing;

namespace Ledgerfold.Model.Tests.Commanding;

public sealed class Sending_a_command
{
    private static readonly Guid Id = new("0197c2f4-7a4e-7bb5-9d1c-111111111111");
    private readonly InMemoryLedger _ledger = new();
    private readonly Commands _commands;

    public Sending_a_command() => _commands = new Commands([Modules.Shop, Modules.Bank], _ledger);

    [Fact]
    public async Task Appends_what_was_decided_and_answers_with_where_that_is()
    {
        await _commands.Tell(new Deposit("a", 1));

        var answer = await _commands.Tell(new CreateOrder("42", "C1", 30m), new CommandOrigin { Id = Id });

        var accepted = Assert.IsType<CommandAnswer.Accepted>(answer);
        Assert.Equal((2, false), (accepted.Token, accepted.Repeated));
        Assert.Equal([new StreamVersion("order-42", 1)], accepted.Versions);
        var recorded = (await _ledger.All())[1];
        Assert.Equal(("order-42", "OrderCreated", 2L), (recorded.Stream, recorded.Type, recorded.Position));
        Assert.Equal("""{"orderId":"42","customer":"C1","total":30}""", System.Text.Encoding.UTF8.GetString(recorded.Data.Span));
    }

    [Fact]
    public async Task Lets_cause_and_actor_flow_into_the_events()
    {
        var origin = new CommandOrigin { Id = Id, Actor = "user:7", CausationId = "event-1", TraceParent = "00-1-2-01" };

        await _commands.Tell(new CreateOrder("42", "C1", 30m), origin);

        var recorded = Assert.Single(await _ledger.All());
        Assert.Equal((Id.ToString(), Id.ToString(), "user:7", "00-1-2-01"),
            (recorded.CorrelationId, recorded.CausationId, recorded.Actor, recorded.TraceParent));
        Assert.Contains(new KeyValuePair<string, string>("ledgerfold-cause", "event-1"), recorded.Headers);
    }

    [Fact]
    public async Task Keeps_the_conversation_it_belongs_to()
    {
        await _commands.Tell(new CreateOrder("42", "C1", 30m), new CommandOrigin { Id = Id, CorrelationId = "c-9" });

        Assert.Equal("c-9", Assert.Single(await _ledger.All()).CorrelationId);
    }

    [Fact]
    public async Task Takes_the_trace_of_the_current_activity()
    {
        using var activity = new Activity("test").SetIdFormat(ActivityIdFormat.W3C).Start();

        await _commands.Tell(new CreateOrder("42", "C1", 30m));

        Assert.StartsWith($"00-{activity.TraceId}-", Assert.Single(await _ledger.All()).TraceParent);
    }

    [Fact]
    public async Task Answers_a_rejection_with_its_code_and_field()
    {
        await _commands.Tell(new Deposit("a", 10));

        var answer = await _commands.Tell(new Withdraw("a", 30));

        Assert.Equal(new CommandAnswer.Rejected("NOT_ENOUGH", "amount", "10 is there", Repeated: false), answer);
        Assert.Single(await _ledger.All());
    }

    [Fact]
    public async Task Accepts_a_command_that_has_nothing_to_do_at_the_position_it_was_decided_at()
    {
        await _commands.Tell(new Deposit("a", 10));

        var answer = await _commands.Tell(new Deposit("a", 0));

        var accepted = Assert.IsType<CommandAnswer.Accepted>(answer);
        Assert.Equal(1, accepted.Token);
        Assert.Empty(accepted.Versions);
    }

    [Fact]
    public async Task Keeps_tenants_apart()
    {
        await _commands.Tell(new Deposit("a", 10), new CommandOrigin { Tenant = "one" });

        var answer = await _commands.Tell(new Withdraw("a", 10), new CommandOrigin { Tenant = "two" });

        Assert.IsType<CommandAnswer.Rejected>(answer);
        Assert.Single(await _ledger.All(tenant: "one"));
    }

    [Fact]
    public async Task Fails_where_nobody_handles_it() =>
        await Assert.ThrowsAsync<InvalidOperationException>(() => _commands.Tell("no command"));

    [Fact]
    public async Task Hands_the_failure_of_a_decision_to_whoever_sent_it()
    {
        await Assert.ThrowsAsync<ArithmeticException>(() => _commands.Tell(new Deposit("a", -1)));

        Assert.IsType<CommandAnswer.Accepted>(await _commands.Tell(new Deposit("a", 1)));
        Assert.True(_commands.Engine.Turns.IsIdle);
    }

    public static TheoryData<string, CommandOrigin> BadOrigins => new()
    {
        { "id", new CommandOrigin { Id = Guid.Empty } },
        { "tenant", new CommandOrigin { Tenant = "" } },
        { "caller", new CommandOrigin { Caller = "a\n" } },
        { "actor", new CommandOrigin { Actor = "" } },
        { "correlationId", new CommandOrigin { CorrelationId = new string('x', 501) } },
        { "causationId", new CommandOrigin { CausationId = "" } },
        { "traceParent", new CommandOrigin { TraceParent = "" } },
    };

    [Theory]
    [MemberData(nameof(BadOrigins))]
    public async Task Is_invalid_from_an_origin_that_cannot_be_stored(string field, CommandOrigin origin)
    {
        var invalid = Assert.IsType<CommandAnswer.Invalid>(await _commands.Tell(new Deposit("a", 1), origin));

        Assert.Equal(field, invalid.Field);
        Assert.Empty(await _ledger.All());
    }

    [Theory]
    [InlineData("")]
    [InlineData("a/b")]
    [InlineData("a\u0001")]
    public async Task Is_invalid_for_a_subject_that_no_stream_can_name(string account)
    {
        Assert.Equal("stream", Assert.IsType<CommandAnswer.Invalid>(await _commands.Tell(new Deposit(account, 1))).Field);
        Assert.Equal("stream", Assert.IsType<CommandAnswer.Invalid>(await _commands.Tell(new Transfer("a", account, 1))).Field);
    }
}
