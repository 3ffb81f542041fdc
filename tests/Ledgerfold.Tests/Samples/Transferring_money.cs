namespace Ledgerfold.Tests.Samples;

public sealed class Transferring_money
{
    [Fact]
    public async Task Happens_on_both_sides_or_on_none()
    {
        await using var shop = await RunningShop.Start(Accounts.Module);

        // begin
        await shop.Commands.Send(new PayIn("ada", 10));

        var done = await shop.Commands.Send(new Transfer("ada", "bob", 7));
        var refused = await shop.Commands.Send(new Transfer("ada", "bob", 7));

        Assert.Equal(["account-ada", "account-bob"], ((CommandAnswer.Accepted)done).Versions.Select(one => one.Stream));
        Assert.Equal("NOT_ENOUGH", ((CommandAnswer.Rejected)refused).Code);
        // end
    }
}
