namespace Ledgerfold.Tests.Samples;

public sealed class Choosing_consistency
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Eventual()
    {
        await using var shop = await RunningShop.Start();
        var token = await shop.Do(new CreateOrder("42", "ada", 30m));

        // begin eventual
        var answer = await shop.Summaries.Get("order-42", Consistency.Eventual);

        var summary = answer.OrThrow(); // at once; perhaps the row is not there yet
        var isNewEnough = answer.Freshness.Position >= token;
        // end
        Assert.True(summary is not null || !isNewEnough); // a batch may have come between
        Assert.True(await shop.Engine.WaitUntil(OrderSummary.Projection, token, Soon));
        Assert.NotNull((await shop.Summaries.Get("order-42")).OrThrow());
    }

    [Fact]
    public async Task At_least_as_new_as_a_token()
    {
        await using var shop = await RunningShop.Start();

        // begin token
        var accepted = (CommandAnswer.Accepted)await shop.Commands.Send(new CreateOrder("42", "ada", 30m));

        var answer = await shop.Summaries.Get("order-42", Consistency.AtLeast(accepted.Token, within: Soon));

        Assert.Equal(30m, answer.OrThrow()!.Total); // the own write is there, or OrThrow throws a TimeoutException
        // end
    }

    [Fact]
    public async Task A_token_that_does_not_come_in_time()
    {
        await using var shop = await RunningShop.Start();
        var token = await shop.Do(new CreateOrder("42", "ada", 30m));

        // begin deadline
        var answer = await shop.Summaries.Get("order-42", Consistency.AtLeast(token + 1, within: TimeSpan.FromMilliseconds(5)));

        if (answer is ReadAnswer<OrderSummary?>.Stale stale)
            Assert.True(stale.Freshness.Position < stale.Wanted); // show what there is with a warning, or answer 503
        // end
        Assert.IsType<ReadAnswer<OrderSummary?>.Stale>(answer);
    }

    [Fact]
    public async Task A_session()
    {
        await using var shop = await RunningShop.Start();

        // begin session
        var session = new ReadSession();
        var accepted = (CommandAnswer.Accepted)await shop.Commands.Send(new CreateOrder("42", "ada", 30m));
        session.Saw(accepted.Token);

        var first = await shop.Summaries.Get("order-42", Consistency.In(session, within: Soon));
        var later = new ReadSession(session.Position); // travelled in a cookie, perhaps to another server
        var second = await shop.Summaries.Get("order-42", Consistency.In(later, within: Soon));

        Assert.True(second.Freshness.Position >= first.Freshness.Position); // a reload never goes back in time
        // end
        Assert.NotNull(first.OrThrow());
        Assert.NotNull(second.OrThrow());
    }

    [Fact]
    public async Task A_causal_past()
    {
        await using var shop = await RunningShop.Start();
        var question = await shop.Do(new CreateOrder("42", "ada", 30m));

        // begin causal
        var reply = (CommandAnswer.Accepted)await shop.Commands.Send(new CancelOrder("42", "sold out"));

        // who has seen the reply must see what it replies to, in whatever stream that stands
        var answer = await shop.Summaries.Get("order-42", Consistency.AtLeast(reply.Token, within: Soon));

        Assert.Equal(new OrderSummary("ada", 30m, Order.Status.Cancelled), answer.OrThrow());
        // end
        Assert.True(reply.Token > question);
    }

    [Fact]
    public async Task Latest()
    {
        await using var shop = await RunningShop.Start();
        await shop.Do(new CreateOrder("42", "ada", 30m));

        // begin latest
        var answer = await shop.Summaries.Get("order-42", Consistency.Latest(within: Soon));

        Assert.NotNull(answer.OrThrow()); // everything that anybody was told is done when the question came
        // end
    }

    [Fact]
    public async Task Strong_by_condition()
    {
        await using var shop = await RunningShop.Start(Accounts.Module);

        // begin strong
        var answers = await Task.WhenAll(
            shop.Commands.Send(new ClaimName("account-1", "ada")),
            shop.Commands.Send(new ClaimName("account-2", "ada"))); // two streams, two servers if you like

        Assert.Single(answers.OfType<CommandAnswer.Accepted>());
        Assert.Equal("NAME_TAKEN", Assert.Single(answers.OfType<CommandAnswer.Rejected>()).Code);
        // end
    }
}
