using Ledgerfold.Http.Permitting;
using Ledgerfold.Server.Security.Auditing;
using Ledgerfold.Server.Security.Governing;
using Ledgerfold.Server.Security.Permitting;
using Ledgerfold.Server.Security.Proving;
using Ledgerfold.Testing;
using static Ledgerfold.Server.Tests.Security.SecurityWorld;

namespace Ledgerfold.Server.Tests.Security;

public sealed class Signing_in
{
    [Fact]
    public async Task Needs_name_and_password()
    {
        await using var world = await Owned();

        Assert.IsType<SignInAnswer.Entered>(await world.SignIn.Enter("olga", Password, From("a"), Cancel));
        Assert.IsType<SignInAnswer.Wrong>(await world.SignIn.Enter("olga", Password + "!", From("a"), Cancel));
        Assert.IsType<SignInAnswer.Wrong>(await world.SignIn.Enter("nobody", Password, From("a"), Cancel));
        Assert.IsType<SignInAnswer.Wrong>(await world.SignIn.Enter("OLGA", Password, From("a"), Cancel));
        Assert.IsType<SignInAnswer.Wrong>(await world.SignIn.Enter("olga", new string('x', 100_000), From("a"), Cancel));
    }

    [Fact]
    public async Task Is_not_for_those_who_have_no_password_or_are_disabled()
    {
        await using var world = await Owned();
        await world.Do(new CreateUser("shop"));
        await world.User("ada");
        await world.Do(new DisableUser("ada"));

        Assert.IsType<SignInAnswer.Wrong>(await world.SignIn.Enter("shop", "", From("a"), Cancel));
        Assert.IsType<SignInAnswer.Wrong>(await world.SignIn.Enter("ada", Password, From("a"), Cancel));
    }

    [Fact]
    public async Task Makes_whoever_fails_wait_longer_each_time()
    {
        await using var world = await Owned();
        for (var free = 0; free < 5; free++)
            Assert.IsType<SignInAnswer.Wrong>(await world.SignIn.Enter("olga", "wrong", From("a"), Cancel));

        for (var seconds = 1; seconds <= 8; seconds *= 2)
        {
            var wait = Assert.IsType<SignInAnswer.Wait>(await world.SignIn.Enter("olga", Password, From("a"), Cancel));
            Assert.Equal(TimeSpan.FromSeconds(seconds), wait.For);
            world.Clock.Advance(wait.For);
            Assert.IsType<SignInAnswer.Wrong>(await world.SignIn.Enter("olga", "wrong", From("a"), Cancel));
        }

        world.Clock.Advance(TimeSpan.FromSeconds(16));
        Assert.IsType<SignInAnswer.Entered>(await world.SignIn.Enter("olga", Password, From("a"), Cancel));
        Assert.IsType<SignInAnswer.Wrong>(await world.SignIn.Enter("olga", "wrong", From("a"), Cancel));
    }

    [Fact]
    public async Task Does_not_keep_somebody_out_because_another_address_failed()
    {
        await using var world = await Owned();
        for (var tries = 0; tries < 10; tries++)
            await world.SignIn.Enter("olga", "wrong", From("a"), Cancel);

        Assert.IsType<SignInAnswer.Entered>(await world.SignIn.Enter("olga", Password, From("b"), Cancel));
    }

    [Fact]
    public async Task Makes_an_address_wait_that_guesses_at_many_names_even_if_it_gets_in_itself()
    {
        await using var world = await Owned();
        await world.User("eve");
        SignInAnswer answer = new SignInAnswer.Wrong();
        for (var tries = 0; tries < 30 && answer is not SignInAnswer.Wait; tries++)
        {
            answer = await world.SignIn.Enter($"user{tries}", "wrong", From("a"), Cancel);
            if (tries < 15)
                Assert.IsType<SignInAnswer.Entered>(await world.SignIn.Enter("eve", Password, From("a"), Cancel));
        }

        Assert.IsType<SignInAnswer.Wait>(answer);
    }

    [Fact]
    public async Task Keeps_a_guessed_name_waiting_only_briefly_from_elsewhere()
    {
        await using var world = await Owned();
        for (var tries = 0; tries < 40; tries++)
            await world.SignIn.Enter("olga", "wrong", From($"source{tries}"), Cancel);

        var wait = Assert.IsType<SignInAnswer.Wait>(await world.SignIn.Enter("olga", Password, From("new"), Cancel));
        Assert.True(wait.For <= TimeSpan.FromSeconds(30));
        world.Clock.Advance(wait.For);
        Assert.IsType<SignInAnswer.Entered>(await world.SignIn.Enter("olga", Password, From("new"), Cancel));
    }

    [Fact]
    public async Task Hashes_again_when_more_rounds_are_asked_for_and_leaves_sessions_on()
    {
        var clock = new ManualClock();
        var ledger = new InMemoryLedger(clock);
        await using var world = await Owned(ledger, clock);
        var before = await world.In("olga");
        var options = Quick(clock, chance: new SeededChance(8)) with { Passwords = new PasswordRules { Rounds = 2 } };
        await using var raised = await Unclaimed(new FaultyLedger(ledger, leaveOpen: true), clock, options);

        await raised.In("olga");

        Assert.Equal(2, raised.Watch.Current.Users["olga"].Password!.Rounds);
        Assert.True(raised.Watch.Current.IsIn((Caller.Person)before.Caller, clock.GetUtcNow()));
        await raised.In("olga");
    }

    [Fact]
    public async Task Lasts_until_something_happens_to_the_user()
    {
        await using var world = await Owned();
        await world.User("ada", "reader");
        foreach (var end in (PolicyCommand[])
            [new EndSessions("ada"), new SetPassword("ada", PasswordHash.Of(Password, world.Options.Chance, 1)), new DisableUser("ada")])
        {
            var ada = await world.In("ada");
            await world.Do(new GrantRole("ada", "writer"), new RevokeRole("ada", "writer"));
            Assert.IsType<Ruling.Allowed>(world.Watch.AccessOf(ada.Caller).Decide(Right.Read, "acme", "order-1"));

            await world.Do(end);

            Assert.IsType<Ruling.Denied>(world.Watch.AccessOf(ada.Caller).Decide(Right.Read, "acme", "order-1"));
        }

        await world.Do(new EnableUser("ada"));
        await world.In("ada");
    }

    [Fact]
    public async Task Lasts_no_longer_than_a_session_may()
    {
        await using var world = await Owned();
        var olga = await world.In("olga");

        world.Clock.Advance(world.Options.SessionMax - TimeSpan.FromSeconds(1));
        Assert.True(Policies.MayAdminister(world.Watch.AccessOf(olga.Caller)));
        world.Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.False(Policies.MayAdminister(world.Watch.AccessOf(olga.Caller)));
    }

    [Fact]
    public async Task Is_needed_again_to_change_ones_own_password()
    {
        await using var world = await Owned();
        await world.User("ada", "reader");
        var ada = await world.In("ada");

        Assert.Equal("PASSWORD", Code(await world.SignIn.SetPassword("ada", "too short", Password, ada, Cancel)));
        Assert.Equal("PASSWORD_WRONG", Code(await world.SignIn.SetPassword("ada", "another long one", "wrong", ada, Cancel)));
        Assert.Equal("PASSWORD_WRONG", Code(await world.SignIn.SetPassword("ada", "another long one", null, ada, Cancel)));
        Assert.IsType<PolicyAnswer.Denied>(await world.SignIn.SetPassword("olga", "another long one", null, ada, Cancel));
        Assert.IsType<PolicyAnswer.Done>(await world.SignIn.SetPassword("ada", "another long one", Password, ada, Cancel));

        Assert.IsType<SignInAnswer.Wrong>(await world.SignIn.Enter("ada", Password, From("a"), Cancel));
        await world.In("ada", "another long one");

        static string Code(PolicyAnswer answer) => Assert.IsType<PolicyAnswer.Rejected>(answer).Code;
    }

    [Fact]
    public async Task Is_recorded_and_failures_are_counted_by_address()
    {
        await using var world = await Owned();
        await world.SignIn.Enter("olga", "wrong", From("a"), Cancel);
        await world.SignIn.Enter("olga", "wrong", From("a"), Cancel);
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        await world.Audit.Flushed;

        var audited = await world.Audited();
        Assert.Contains(audited, static one => one is AuditEvent.Acted { Who.Name: "user:olga", Act.What: "sign-in" });
        Assert.Equal([new DeniedFrom("a", 2)], Assert.Single(audited.OfType<AuditEvent.AnonymousDenied>()).Sources);
    }

    [Fact]
    public void Checks_a_password_against_what_it_was_made_of()
    {
        var hash = PasswordHash.Of(Password, Ledgerfold.Seams.SystemChance.Instance);

        Assert.True(hash.Rounds >= 210_000);
        Assert.True(hash.Fits(Password));
        Assert.False(hash.Fits(Password + " "));
        Assert.False(PasswordHash.Nobodys(1).Fits(Password));
        Assert.NotEqual(hash.Hash, PasswordHash.Of(Password, Ledgerfold.Seams.SystemChance.Instance).Hash);
    }
}
