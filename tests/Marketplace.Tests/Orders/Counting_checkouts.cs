using Ledgerfold;
using Ledgerfold.Model.Commanding;
using Ledgerfold.Testing;
using Marketplace.Orders;
using Microsoft.Extensions.Logging.Abstractions;
using static Marketplace.Tests.Orders.OrderCase;

namespace Marketplace.Tests.Orders;

public sealed class Counting_checkouts : IAsyncLifetime
{
    private readonly InMemoryLedger _ledger = new();
    private Commands _commands = null!;
    private CheckoutsUnderWay _underWay = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _commands = new Commands(Order.Module, _ledger);
        _underWay = new CheckoutsUnderWay(_ledger, TimeProvider.System, NullLogger<CheckoutsUnderWay>.Instance);
        await _underWay.StartAsync(Cancel);
    }

    [Theory]
    [InlineData("OrderConfirmed")]
    [InlineData("OrderRejected")]
    [InlineData("OrderPutOnHold")]
    [InlineData("OrderCancelled")]
    public async Task Tells_whoever_waits_of_the_event_that_decides(string type)
    {
        Assert.True(_underWay.TryEnter("default", "O1", out var decided));
        await _commands.Send(Basket, cancel: Cancel);

        await _commands.Send(Deciding(type, "O1"), cancel: Cancel);

        var told = await decided.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Cancel);
        Assert.Equal((type, "order-O1", 3), (told.Type, told.Stream, told.Version));
    }

    [Fact]
    public async Task Knows_the_orders_of_one_tenant_from_those_of_another()
    {
        Assert.True(_underWay.TryEnter("default", "O1", out var mine));
        Assert.True(_underWay.TryEnter("other", "O1", out var theirs));
        foreach (var command in new object[] { Basket, Deciding("OrderConfirmed", "O1") })
            await _commands.Send(command, new CommandOrigin { Tenant = "other" }, Cancel);

        await theirs.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Cancel);

        Assert.False(mine.IsCompleted);
    }

    [Fact]
    public async Task Lets_so_many_in_and_no_more_until_one_is_decided()
    {
        await _commands.Send(Basket, cancel: Cancel);
        Assert.True(_underWay.TryEnter("default", "O1", out var first));
        for (var n = 1; n < CheckoutsUnderWay.Max; n++)
            Assert.True(_underWay.TryEnter("default", $"waits-{n}", out _));

        Assert.False(_underWay.TryEnter("default", "one-more", out _));
        Assert.True(_underWay.TryEnter("default", "waits-1", out _)); // it is counted already
        await _commands.Send(Deciding("OrderRejected", "O1"), cancel: Cancel);
        await first.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Cancel);

        Assert.True(_underWay.TryEnter("default", "one-more", out _));
        _underWay.Leave("default", "one-more");
        _underWay.Leave("default", "never-there");
        Assert.True(_underWay.TryEnter("default", "one-more", out _));
        Assert.False(_underWay.TryEnter("default", "two-more", out _));
    }

    public async ValueTask DisposeAsync()
    {
        await _underWay.StopAsync(CancellationToken.None);
        _underWay.Dispose();
        await _commands.DisposeAsync();
        await _ledger.DisposeAsync();
    }

    private static object Deciding(string type, string orderId) => type switch
    {
        "OrderConfirmed" => new ConfirmOrder(orderId),
        "OrderRejected" => new RejectOrder(orderId, "A_CODE"),
        "OrderPutOnHold" => new PutOrderOnHold(orderId, "score 50"),
        _ => new CancelOrder(orderId, "no longer"),
    };
}
