using Ledgerfold.Http.Permitting;
using Ledgerfold.Server.Security.Governing;
using Ledgerfold.Server.Security.Permitting;
using Ledgerfold.Server.Security.Proving;
using Ledgerfold.Testing;
using static Ledgerfold.Server.Tests.Security.SecurityWorld;

namespace Ledgerfold.Server.Tests.Security;

public sealed class Holding_access
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    [Fact]
    public async Task Is_lost_with_the_change_that_takes_it()
    {
        await using var world = await Owned();
        await world.User("ada", "reader");
        (string Name, PolicyCommand Change)[] changes =
        [
            ("role", new RevokeRole("ada", "reader")),
            ("disabled", new DisableUser("ada")),
            ("sessions", new EndSessions("ada")),
            ("password", new SetPassword("ada", PasswordHash.Of(Password, world.Options.Chance, 1))),
        ];
        foreach (var (name, change) in changes)
        {
            await world.Do(new EnableUser("ada"), new GrantRole("ada", "reader"));
            using var lease = world.Watch.Lease((await world.In("ada")).Caller, Reads);
            await world.Do(new CreateUser($"beside-{name}"));
            Assert.False(lease.Lost.IsCancellationRequested, name);

            await world.Do(change);

            Assert.True(lease.Lost.IsCancellationRequested, name); // when the change is answered: well within a second
            Assert.NotNull(lease.Why);
        }
    }

    [Fact]
    public async Task Is_lost_when_its_key_expires_or_is_revoked()
    {
        await using var world = await Owned();
        await world.User("shop", "reader");
        var caller = world.CallerOf(await world.Key("shop", 3 * Day, Permission.Allow(Right.Read)))!;
        using var expiring = world.Watch.Lease(caller, Reads);
        var revoked = world.CallerOf(await world.Key("shop", Day, Permission.Allow(Right.Read)))!;
        using var revoking = world.Watch.Lease(revoked, Reads);

        await world.Do(new RevokeKey(revoked.Id));
        Assert.True(revoking.Lost.IsCancellationRequested);
        world.Clock.Advance((3 * Day) - TimeSpan.FromSeconds(1));
        Assert.False(expiring.Lost.IsCancellationRequested);
        world.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(expiring.Lost.IsCancellationRequested);
    }

    [Fact]
    public async Task Is_lost_when_the_session_is_over()
    {
        await using var world = await Owned();
        using var lease = world.Watch.Lease(world.Owner.Caller, Reads);

        world.Clock.Advance(world.Options.SessionMax - TimeSpan.FromSeconds(1));
        Assert.False(lease.Lost.IsCancellationRequested);
        world.Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.True(lease.Lost.IsCancellationRequested);
    }

    [Fact]
    public async Task Is_not_given_to_whoever_has_none()
    {
        await using var world = await Owned();
        using var lease = world.Watch.Lease(Caller.Nobody, Reads);

        Assert.True(lease.Lost.IsCancellationRequested);
    }

    [Fact]
    public async Task Is_lost_by_what_another_copy_changes()
    {
        await using var world = await Owned();
        await world.User("ada", "reader");
        await using var other = await Unclaimed(new FaultyLedger(world.Ledger, leaveOpen: true), world.Clock);
        using var lease = other.Watch.Lease((await world.In("ada")).Caller, Reads);
        var lost = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var told = lease.Lost.Register(lost.SetResult);

        await world.Do(new RevokeRole("ada", "reader"));

        await lost.Task.WaitAsync(TimeSpan.FromSeconds(1), TimeProvider.System, Cancel);
    }

    private static Ruling Reads(Access access) => access.DecideQuery("acme", EventQuery.OfCategory("order"));
}
