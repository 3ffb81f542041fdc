using Ledgerfold.Http.Permitting;
using Ledgerfold.Server.Security.Governing;
using Ledgerfold.Server.Security.Permitting;
using Ledgerfold.Server.Security.Proving;
using static Ledgerfold.Server.Tests.Security.SecurityWorld;

namespace Ledgerfold.Server.Tests.Security;

public sealed class Coming_in_with_a_key
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private static readonly Permission ReadAll = Permission.Allow(Right.Read);

    [Fact]
    public async Task Acts_for_its_user_within_its_scope()
    {
        await using var world = await Owned();
        await world.User("shop", "writer");
        var key = await world.Key("shop", Day, ReadAll, Permission.Allow(Right.Administer, Platform.Tenant, Platform.Access));

        var caller = world.CallerOf(key)!;

        Assert.Equal("shop", caller.User);
        Assert.IsType<Ruling.Allowed>(world.Watch.AccessOf(caller).Decide(Right.Read, "acme", "order-1"));
        Assert.IsType<Ruling.Denied>(world.Watch.AccessOf(caller).Decide(Right.Append, "acme", "order-1"));
        Assert.False(Policies.MayAdminister(world.Watch.AccessOf(caller)));
    }

    [Fact]
    public async Task Ends_when_it_expires()
    {
        await using var world = await Owned();
        await world.User("shop", "writer");
        var key = await world.Key("shop", Day, ReadAll);
        var caller = world.CallerOf(key)!;

        world.Clock.Advance(Day - TimeSpan.FromTicks(1));
        Assert.NotNull(world.CallerOf(key));
        world.Clock.Advance(TimeSpan.FromTicks(1));

        Assert.Null(world.CallerOf(key));
        Assert.IsType<Ruling.Denied>(world.Watch.AccessOf(caller).Decide(Right.Read, "acme", "order-1"));
    }

    [Fact]
    public async Task Ends_when_it_is_revoked()
    {
        await using var world = await Owned();
        await world.User("shop", "writer");
        var key = await world.Key("shop", Day, ReadAll);
        var caller = world.CallerOf(key)!;

        await world.Do(new RevokeKey(caller.Id));

        Assert.Null(world.CallerOf(key));
        Assert.IsType<Ruling.Denied>(world.Watch.AccessOf(caller).Decide(Right.Read, "acme", "order-1"));
    }

    [Fact]
    public async Task Rests_while_its_user_is_disabled()
    {
        await using var world = await Owned();
        await world.User("shop", "writer");
        var key = await world.Key("shop", Day, ReadAll);

        await world.Do(new DisableUser("shop"));
        Assert.Null(world.CallerOf(key));
        await world.Do(new EnableUser("shop"));

        Assert.NotNull(world.CallerOf(key));
    }

    [Fact]
    public async Task Needs_the_whole_key()
    {
        await using var world = await Owned();
        await world.User("shop", "writer");
        var key = await world.Key("shop", Day, ReadAll);
        var other = await world.Key("shop", Day, ReadAll);

        Assert.NotNull(world.CallerOf(key));
        Assert.Null(world.CallerOf(key[..^1] + (key[^1] == '0' ? '1' : '0')));
        Assert.Null(world.CallerOf(key[..20] + other[20..]));
        Assert.Null(world.CallerOf("lf_0000000000000000_" + key[20..]));
        foreach (var text in (string?[])[null, "", "lf_", key[1..], key + "0", key.ToUpperInvariant(), key.Replace('_', '-'), new string('_', key.Length)])
            Assert.Null(KeyText.Parse(text));
    }

    [Fact]
    public void Shows_its_secret_to_nobody_who_prints_it()
    {
        var key = KeyText.Draw(Ledgerfold.Seams.SystemChance.Instance);

        Assert.DoesNotContain(key.Secret, key.ToString(), StringComparison.Ordinal);
        Assert.Equal(key, KeyText.Parse(key.Reveal()));
    }
}
