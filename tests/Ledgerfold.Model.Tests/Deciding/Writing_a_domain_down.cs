using Ledgerfold.Model.Commanding;
using Ledgerfold.Model.Deciding;
using Ledgerfold.Model.Events;
using Ledgerfold.Model.Tests.Domain;
using Ledgerfold.Testing;
using Xunit.Sdk;

namespace Ledgerfold.Model.Tests.Deciding;

/// <summary>The order of the documentation, from its decisions to its answers.</summary>
public sealed class Writing_a_domain_down
{
    private static readonly Scenario Shop = new(Modules.Shop);

    [Fact]
    public void Says_what_follows_from_a_command() => Shop
        .When(new CreateOrder("42", "C1", 30m))
        .Then(new Order.OrderCreated("42", "C1", 30m));

    [Fact]
    public void Says_what_follows_after_events() => Shop
        .Given(new Order.OrderCreated("42", "C1", 30m))
        .When(new ConfirmOrder("42"))
        .Then(new Order.OrderConfirmed("42"));

    [Fact]
    public void Says_that_nothing_follows() => Shop
        .Given(new Order.OrderCreated("42", "C1", 30m), new Order.OrderConfirmed("42"))
        .When(new ConfirmOrder("42"))
        .Then();

    [Fact]
    public void Says_what_is_rejected() => Shop
        .Given(new Order.OrderCreated("42", "C1", 30m))
        .When(new CreateOrder("42", "C1", 30m))
        .ThenRejected("ORDER_EXISTS", "orderId");

    [Fact]
    public void Tells_what_came_instead()
    {
        var decision = Shop.When(new CreateOrder("42", "C1", 30m));

        var wrong = Assert.ThrowsAny<XunitException>(() => decision.Then(new Order.OrderCreated("42", "C1", 31m)));
        Assert.Contains("""OrderCreated v1 {"orderId":"42","customer":"C1","total":30}""", wrong.Message);
        Assert.ThrowsAny<XunitException>(() => decision.Then());
        Assert.ThrowsAny<XunitException>(() => decision.ThenRejected("ORDER_EXISTS"));
        Assert.ThrowsAny<XunitException>(() => Shop.When(new ConfirmOrder("42")).Then());
        Assert.ThrowsAny<XunitException>(() => Shop.When(new ConfirmOrder("42")).ThenRejected("ORDER_NOT_PENDING", "orderId"));
    }

    [Fact]
    public void Decides_by_the_time_and_the_actor_of_the_command()
    {
        var noon = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
        var decider = new Decider<int>("order", 0, static (state, _) => state + 1);
        var module = new Module("late").Events(EventTypes.Of<Order.Event>()).Decides(decider, orders => orders
            .On<CancelOrder>(command => command.OrderId, static (command, _, context) => context.At.Hour >= 12
                ? Decision.Reject("TOO_LATE")
                : Decision.Of(new Order.OrderCancelled(command.OrderId, context.Actor!))));

        new Scenario(module).At(noon).When(new CancelOrder("1", "")).ThenRejected("TOO_LATE");
        new Scenario(module).At(noon.AddHours(-1)).By(new CommandOrigin { Actor = "ada" })
            .When(new CancelOrder("1", "")).Then(new Order.OrderCancelled("1", "ada"));
    }

    [Fact]
    public void Compares_tags_and_effective_times_too()
    {
        var decider = new Decider<int>("order", 0, static (state, _) => state);
        var fact = new Fact(new Order.OrderConfirmed("1")) { Tags = ["a:1", "b:2"], EffectiveAt = DateTimeOffset.UnixEpoch };
        var module = new Module("tags").Events(EventTypes.Of<Order.Event>()).Decides(decider, orders => orders
            .On<ConfirmOrder>(command => command.OrderId, (_, _) => Decision.Of(fact)));
        var decision = new Scenario(module).When(new ConfirmOrder("1"));

        decision.Then(fact with { Tags = ["b:2", "a:1"] });
        Assert.ThrowsAny<XunitException>(() => decision.Then(fact with { Tags = [] }));
        Assert.ThrowsAny<XunitException>(() => decision.Then(fact with { EffectiveAt = null }));
    }

    [Fact]
    public async Task Stores_tags_and_effective_times()
    {
        await using var ledger = new InMemoryLedger();
        var commands = new Commands(Modules.Bank, ledger);

        await commands.Tell(new ClaimName("a", "Ada"));

        Assert.Equal(["name:Ada"], Assert.Single(await ledger.All()).Tags);
    }
}
