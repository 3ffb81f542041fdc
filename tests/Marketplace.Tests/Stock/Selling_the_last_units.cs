using Ledgerfold.Model.Commanding;
using Ledgerfold.Testing;
using Marketplace.Offers;
using Marketplace.Orders;
using Marketplace.Stock;
using Marketplace.Vendors;

namespace Marketplace.Tests.Stock;

/// <summary>The rooms put together, on a ledger, with a clock of their own.</summary>
public sealed class Selling_the_last_units : IAsyncDisposable
{
    private readonly InMemoryLedger _ledger = new();
    private readonly ManualClock _clock = new(StockCase.Noon);
    private readonly Commands _commands;

    public Selling_the_last_units() =>
        _commands = new Commands([Vendor.Module, Offer.Module, Inventory.Module, Order.Module], _ledger, new CommandsOptions { Clock = _clock });

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _commands.DisposeAsync();
        await _ledger.DisposeAsync();
    }

    [Fact]
    public async Task Gives_them_to_as_many_as_there_are_however_many_ask_at_once()
    {
        await Send(new ReceiveStock("tea", "V1", "berlin", 10));

        var answers = await Task.WhenAll(Enumerable.Range(1, 100).Select(n => Send(StockCase.Reserve($"r{n}", 1))));

        Assert.Equal(10, answers.Count(static answer => answer is CommandAnswer.Accepted));
        Assert.Equal(90, answers.Count(static answer => answer is CommandAnswer.Rejected { Code: "INSUFFICIENT_STOCK" }));
        Assert.Equal(1 + 100, (await _ledger.ReadRange(Cancel)).Head);
    }

    [Fact]
    public async Task Has_them_again_once_their_time_has_passed_although_nobody_swept()
    {
        await Send(new ReceiveStock("tea", "V1", "berlin", 1));
        await Send(StockCase.Reserve("r1", 1, 60));
        var early = await Send(StockCase.Reserve("r2", 1, 60));
        _clock.Advance(TimeSpan.FromSeconds(60));

        Assert.IsType<CommandAnswer.Rejected>(early);
        Assert.Equal("RESERVATION_EXPIRED", Assert.IsType<CommandAnswer.Rejected>(await Send(StockCase.Commit("r1"))).Code);
        Assert.IsType<CommandAnswer.Accepted>(await Send(StockCase.Reserve("r3", 1, 60)));
        Assert.IsType<CommandAnswer.Accepted>(await Send(StockCase.Commit("r3")));
    }

    [Fact]
    public async Task Answers_a_click_that_comes_twice_as_the_first_time()
    {
        var origin = new CommandOrigin { Id = new Guid(7, 0, 0, new byte[8]) };
        await Send(new ReceiveStock("tea", "V1", "berlin", 1));
        await Send(StockCase.Reserve("r1", 1));
        await _commands.Send(StockCase.Reserve("r2", 1), origin, Cancel);
        await Send(StockCase.Release("r1"));

        var again = await _commands.Send(StockCase.Reserve("r2", 1), origin, Cancel);

        Assert.True(Assert.IsType<CommandAnswer.Rejected>(again) is { Code: "INSUFFICIENT_STOCK", Repeated: true });
    }

    private Task<CommandAnswer> Send(object command) => _commands.Send(command, cancel: Cancel);
}
