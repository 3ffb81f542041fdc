using Ledgerfold.Server.Security.Auditing;
using Ledgerfold.Server.Security.Governing;
using Ledgerfold.Server.Security.Proving;
using static Ledgerfold.Server.Tests.Security.SecurityWorld;

namespace Ledgerfold.Server.Tests.Security;

public sealed class Becoming_the_first_owner
{
    [Fact]
    public async Task Lets_whoever_has_the_link_administer()
    {
        await using var world = await Unclaimed();
        var token = await world.OwnerToken();

        Assert.IsType<PolicyAnswer.Done>(await world.FirstStart.Redeem(token, "olga", Password, From("a"), Cancel));

        Assert.True(Policies.MayAdminister(world.Watch.AccessOf((await world.In("olga")).Caller)));
        Assert.Contains(await world.Audited(), static one => one is AuditEvent.Acted { Act: { What: "become-owner", On: "user:olga" }, Who.Source: "a" });
    }

    [Fact]
    public async Task Works_once()
    {
        await using var world = await Unclaimed();
        var token = await world.OwnerToken();
        await world.FirstStart.Redeem(token, "olga", Password, From("a"), Cancel);

        await Refuses(world, token, "eve");
        Assert.Null(await world.FirstStart.Offer(new Uri("http://localhost"), TextWriter.Null, Cancel));
    }

    [Fact]
    public async Task Works_for_one_of_two_who_try_at_once()
    {
        await using var world = await Unclaimed();
        var token = await world.OwnerToken();

        var answers = await Task.WhenAll(
            world.FirstStart.Redeem(token, "olga", Password, From("a"), Cancel), world.FirstStart.Redeem(token, "eve", Password, From("b"), Cancel));

        Assert.Single(answers, static one => one is PolicyAnswer.Done);
        Assert.Single(world.Watch.Current.Users);
    }

    [Fact]
    public async Task Works_for_a_day()
    {
        await using var world = await Unclaimed();
        var token = await world.OwnerToken();
        world.Clock.Advance(TimeSpan.FromHours(24));

        await Refuses(world, token, "eve");

        Assert.IsType<PolicyAnswer.Done>(await world.FirstStart.Redeem(await world.OwnerToken(), "olga", Password, From("b"), Cancel));
    }

    [Fact]
    public async Task Voids_the_link_of_the_start_before()
    {
        await using var world = await Unclaimed();
        var first = await world.OwnerToken();
        await world.OwnerToken();

        await Refuses(world, first, "eve");
    }

    [Fact]
    public async Task Needs_the_token_a_name_and_a_password()
    {
        await using var world = await Unclaimed();
        await Refuses(world, new string('0', Secret.Length), "eve");
        var token = await world.OwnerToken();

        await Refuses(world, "", "eve");
        await Refuses(world, new string('0', Secret.Length), "eve");
        await Refuses(world, token, "Not A Name", code: "USER_NAME");
        Assert.Equal("PASSWORD", Assert.IsType<PolicyAnswer.Rejected>(await world.FirstStart.Redeem(token, "olga", "short", From("a"), Cancel)).Code);

        Assert.IsType<PolicyAnswer.Done>(await world.FirstStart.Redeem(token, "olga", Password, From("a"), Cancel));
    }

    private static async Task Refuses(SecurityWorld world, string token, string user, string code = "OWNER_LINK") => Assert.Equal(
        code, Assert.IsType<PolicyAnswer.Rejected>(await world.FirstStart.Redeem(token, user, Password, From("a"), Cancel)).Code);
}
