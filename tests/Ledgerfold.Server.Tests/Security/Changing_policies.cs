using Ledgerfold.Http.Permitting;
using Ledgerfold.Server.Security.Auditing;
using Ledgerfold.Server.Security.Governing;
using Ledgerfold.Server.Security.Permitting;
using Ledgerfold.Testing;
using static Ledgerfold.Server.Tests.Security.SecurityWorld;

namespace Ledgerfold.Server.Tests.Security;

public sealed class Changing_policies
{
    private static readonly Permission ReadOrders = Permission.Allow(Right.Read, "acme", "order");

    [Fact]
    public async Task Is_in_force_when_it_is_answered()
    {
        await using var world = await Owned();
        await world.User("ada", "reader");
        var ada = await world.In("ada");

        Assert.IsType<Ruling.Allowed>(world.Watch.AccessOf(ada.Caller).Decide(Right.Read, "acme", "order-1"));
        await world.Do(new RevokeRole("ada", "reader"));
        Assert.IsType<Ruling.Denied>(world.Watch.AccessOf(ada.Caller).Decide(Right.Read, "acme", "order-1"));
    }

    [Fact]
    public async Task Reaches_those_who_have_the_role()
    {
        await using var world = await Owned();
        await world.Do(new DefineRole("clerk", [ReadOrders]));
        await world.User("ada", "clerk");
        var ada = await world.In("ada");
        Assert.IsType<Ruling.Allowed>(world.Watch.AccessOf(ada.Caller).Decide(Right.Read, "acme", "order-1"));

        await world.Do(new DefineRole("clerk", [ReadOrders, Permission.Deny(Right.Read, "acme")]));

        Assert.IsType<Ruling.Denied>(world.Watch.AccessOf(ada.Caller).Decide(Right.Read, "acme", "order-1"));
    }

    [Fact]
    public async Task Gives_as_much_of_a_role_as_was_granted()
    {
        await using var world = await Owned();
        await world.User("ada");
        await world.Do(new GrantRole("ada", "writer", "acme", "order"));
        var access = world.Watch.AccessOf((await world.In("ada")).Caller);

        Assert.IsType<Ruling.Allowed>(access.Decide(Right.Append, "acme", "order-1"));
        Assert.IsType<Ruling.Denied>(access.Decide(Right.Append, "acme", "orders-1"));
        Assert.IsType<Ruling.Denied>(access.Decide(Right.Append, "beta", "order-1"));
    }

    [Fact]
    public async Task Is_for_administrators()
    {
        await using var world = await Owned();
        await world.User("ada", "operator");
        var ada = await world.In("ada");

        Assert.IsType<PolicyAnswer.Denied>(await world.Desk.Carry(new GrantRole("ada", "owner"), ada, Cancel));
        Assert.IsType<PolicyAnswer.Denied>(await world.Desk.Carry(new CreateUser("eve"), From("192.0.2.9"), Cancel));
        Assert.IsType<PolicyAnswer.Denied>(await world.Desk.Carry(new CreateUser("eve"), Origin.Server, Cancel));

        var denied = (await world.Audited()).OfType<AuditEvent.Denied>().Select(static one => (one.Who.Name, one.Act.What, one.Act.On));
        Assert.Equal([("user:ada", "grant-role", "user:ada"), ("server", "create-user", "user:eve")], denied);
    }

    [Fact]
    public async Task Is_denied_to_an_administrator_from_whom_it_was_taken()
    {
        await using var world = await Owned();
        await world.Do(new DefineRole("locked", [Permission.Deny(Right.Administer)]));
        await world.User("ada", "owner", "locked");

        Assert.IsType<PolicyAnswer.Denied>(await world.Desk.Carry(new CreateUser("eve"), await world.In("ada"), Cancel));
    }

    [Fact]
    public async Task Leaves_people_what_is_theirs()
    {
        await using var world = await Owned();
        await world.User("ada", "reader");
        await world.User("bob", "reader");
        var ada = await world.In("ada");
        var expires = world.Clock.GetUtcNow().AddDays(1);

        var key = await world.Keys.Issue("ada", "mine", [ReadOrders], expires, ada, Cancel);
        Assert.IsType<PolicyAnswer.Done>(key.Answer);
        Assert.IsType<PolicyAnswer.Denied>((await world.Keys.Issue("bob", "his", [ReadOrders], expires, ada, Cancel)).Answer);

        var program = From("192.0.2.3", world.CallerOf(key.Key!)!);
        Assert.IsType<PolicyAnswer.Denied>((await world.Keys.Issue("ada", "wider", [ReadOrders], expires, program, Cancel)).Answer);
        Assert.IsType<PolicyAnswer.Done>(await world.Desk.Carry(new RevokeKey(((Caller.Key)program.Caller).Id), ada, Cancel));
    }

    [Fact]
    public async Task Never_leaves_nobody_to_administer()
    {
        await using var world = await Owned();
        await world.Do(new DefineRole("locked", [Permission.Deny(Right.Administer)]));

        await Refused(new RevokeRole("olga", "owner"));
        await Refused(new DisableUser("olga"));
        await Refused(new GrantRole("olga", "locked"));

        await world.User("ada", "owner");
        await world.Do(new RevokeRole("olga", "owner"));

        async Task Refused(PolicyCommand command) => Assert.Equal(
            "LAST_ADMINISTRATOR", Assert.IsType<PolicyAnswer.Rejected>(await world.Desk.Carry(command, world.Owner, Cancel)).Code);
    }

    [Fact]
    public async Task Refuses_what_makes_no_sense()
    {
        await using var world = await Owned();
        var soon = world.Clock.GetUtcNow().AddDays(1);
        (PolicyCommand Command, string Code)[] cases =
        [
            (new CreateUser("Ada"), "USER_NAME"),
            (new CreateUser(""), "USER_NAME"),
            (new CreateUser("olga"), "USER_EXISTS"),
            (new DisableUser("ada"), "USER_UNKNOWN"),
            (new DefineRole("owner", [ReadOrders]), "ROLE_BUILT_IN"),
            (new DefineRole("clerk", []), "PERMISSIONS"),
            (new DefineRole("clerk", [ReadOrders with { Category = "Order" }]), "PERMISSION"),
            (new DefineRole("clerk", [ReadOrders with { Category = "order*" }]), "PERMISSION"),
            (new DefineRole("clerk", [ReadOrders with { Tenant = "ac*" }]), "PERMISSION"),
            (new DefineRole("clerk", [Permission.Allow(Right.Append, Platform.Tenant, Platform.Audit)]), "PERMISSION"),
            (new DefineRole("clerk", [Permission.Allow(Right.Read, Platform.Tenant, Platform.Credential)]), "PERMISSION"),
            (new DefineRole("clerk", [ReadOrders with { Right = (Right)99 }]), "PERMISSION"),
            (new RemoveRole("owner"), "ROLE_BUILT_IN"),
            (new RemoveRole("clerk"), "ROLE_UNKNOWN"),
            (new GrantRole("olga", "clerk"), "ROLE_UNKNOWN"),
            (new GrantRole("olga", "reader", "a*"), "TENANT"),
            (new GrantRole("olga", "reader", "*", "order-1"), "CATEGORY"),
            (new IssueKey("1", "", "olga", [ReadOrders], soon, ""), "KEY_LABEL"),
            (new IssueKey("1", "one", "olga", [], soon, ""), "PERMISSIONS"),
            (new IssueKey("1", "one", "olga", [ReadOrders], world.Clock.GetUtcNow(), ""), "KEY_LIFE"),
            (new IssueKey("1", "one", "olga", [ReadOrders], soon.AddDays(366), ""), "KEY_LIFE"),
            (new RevokeKey("1"), "KEY_UNKNOWN"),
        ];

        foreach (var (command, code) in cases)
            Assert.Equal(code, Assert.IsType<PolicyAnswer.Rejected>(await world.Desk.Carry(command, world.Owner, Cancel)).Code);
    }

    [Fact]
    public async Task Keeps_a_role_that_somebody_has()
    {
        await using var world = await Owned();
        await world.Do(new DefineRole("clerk", [ReadOrders]), new GrantRole("olga", "clerk"));

        Assert.Equal("ROLE_IN_USE", Assert.IsType<PolicyAnswer.Rejected>(await world.Desk.Carry(new RemoveRole("clerk"), world.Owner, Cancel)).Code);
        await world.Do(new RevokeRole("olga", "clerk"), new RemoveRole("clerk"));
    }

    [Fact]
    public async Task Says_nothing_twice()
    {
        await using var world = await Owned();
        await world.User("ada", "reader");
        var before = await world.Ledger.ReadRange(Cancel);

        await world.Do(new GrantRole("ada", "reader"), new EnableUser("ada"), new RevokeRole("ada", "writer"));

        Assert.Equal(before, await world.Ledger.ReadRange(Cancel));
    }

    [Fact]
    public async Task Decides_again_when_another_copy_was_faster()
    {
        await using var world = await Owned();
        await using var other = await Unclaimed(new FaultyLedger(world.Ledger, leaveOpen: true), world.Clock, Quick(world.Clock, chance: new SeededChance(99)));

        for (var round = 0; round < 10; round++)
        {
            var answers = await Task.WhenAll(
                world.Desk.Carry(new CreateUser($"a{round}"), world.Owner, Cancel),
                other.Desk.Carry(new CreateUser($"b{round}"), world.Owner, Cancel),
                other.Desk.Carry(new CreateUser($"a{round}"), world.Owner, Cancel));

            Assert.Equal(2, answers.Count(static one => one is PolicyAnswer.Done));
            Assert.Single(answers, static one => one is PolicyAnswer.Rejected { Code: "USER_EXISTS" });
        }
    }

    [Fact]
    public async Task Is_recorded_with_its_record_in_the_audit()
    {
        await using var world = await Owned();
        await world.Do(new CreateUser("ada"));

        var acted = (await world.Audited()).OfType<AuditEvent.Acted>().Last();
        Assert.Equal(new AuditEvent.Acted(new AuditWho("user:olga", null, "192.0.2.2", "trace-1"), new AuditAct("create-user", "user:ada"), "done"), acted);
    }

    [Fact]
    public async Task Changes_nothing_when_the_ledger_takes_nothing()
    {
        var clock = new ManualClock();
        var faulty = new FaultyLedger(new InMemoryLedger(clock));
        await using var world = await Owned(faulty, clock);
        faulty.Answer(new AppendOutcome.ReadOnly("for a test"));

        Assert.IsType<PolicyAnswer.Unavailable>(await world.Desk.Carry(new CreateUser("ada"), world.Owner, Cancel));
        Assert.DoesNotContain("ada", world.Watch.Current.Users.Keys);
        Assert.Equal(0, faulty.Waiting);
    }

    [Fact]
    public async Task Is_remembered_by_the_next_start()
    {
        var clock = new ManualClock();
        var ledger = new InMemoryLedger(clock);
        await using var world = await Owned(ledger, clock);
        await world.Do(new DefineRole("clerk", [ReadOrders]));
        await world.User("ada", "clerk");
        var key = await world.Key("ada", TimeSpan.FromDays(1), ReadOrders);

        await using var next = await Unclaimed(new FaultyLedger(ledger, leaveOpen: true), clock);

        Assert.Equal(world.Watch.Current.Users["ada"].Password, next.Watch.Current.Users["ada"].Password);
        Assert.IsType<Ruling.Allowed>(next.Watch.AccessOf(next.CallerOf(key)!).Decide(Right.Read, "acme", "order-1"));
        Assert.IsType<Ruling.Denied>(next.Watch.AccessOf(next.CallerOf(key)!).Decide(Right.Read, "acme", "orders-1"));
    }
}
