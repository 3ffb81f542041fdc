using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Ledgerfold.Tests.Samples;

public sealed class Evolving_an_event
{
    public abstract record Event;

    // begin added
    public sealed record CustomerJoined(string FirstName, string LastName, string Language = "en") : Event; // Language came later
    // end

    // begin types
    public static EventTypes Types => EventTypes.Of<Event>()
        .Named<CustomerJoined>("CustomerJoined", version: 2)
        .Upcast("CustomerJoined", version: 1, WithTwoNames)
        .Upcast("CustomerSignedUp", version: 1, old => [old with { Type = "CustomerJoined" }]); // its name of long ago

    private static ImmutableArray<EncodedEvent> WithTwoNames(EncodedEvent old)
    {
        var json = JsonNode.Parse(old.Data.Span)!.AsObject();
        var name = json["name"]!.GetValue<string>().Split(' ', 2);
        json.Remove("name");
        json["firstName"] = name[0];
        json["lastName"] = name[^1];
        return [old with { Version = 2, Data = JsonSerializer.SerializeToUtf8Bytes(json) }];
    }
    // end

    [Fact]
    public async Task Makes_old_events_newer_as_they_are_read()
    {
        var module = new Module("customers").Events(Types).Projects(Names);
        await using var shop = await RunningShop.Start(module);
        await Write(shop.Ledger, "customer-1", "CustomerSignedUp", 1, """{"name":"Ada Lovelace"}""");
        await Write(shop.Ledger, "customer-2", "CustomerJoined", 1, """{"name":"Alan Turing"}""");
        await Write(shop.Ledger, "customer-3", "CustomerJoined", 2, """{"firstName":"Grace","lastName":"Hopper","language":"fr","since":1906}""");

        var names = new List<string?>();
        foreach (var stream in new[] { "customer-1", "customer-2", "customer-3" })
            names.Add((await shop.Projections.Of(Names).Get(stream, Consistency.Latest(TimeSpan.FromSeconds(20)))).OrThrow());

        Assert.Equal(["Lovelace, Ada (en)", "Turing, Alan (en)", "Hopper, Grace (fr)"], names);
    }

    private static readonly Projection<string> Names = new("customer-names", perStreamOf: "customer")
    {
        Apply = static (name, fact, _) => fact is CustomerJoined joined ? $"{joined.LastName}, {joined.FirstName} ({joined.Language})" : name,
    };

    // begin unknown
    public static readonly Projection<LastSeen> Activity = new("activity")
    {
        Query = EventQuery.All, // events of every module
        Unknown = UnknownEvents.PassOver,
        Key = static (_, recorded) => recorded.Actor,
        Apply = static (_, _, recorded) => new LastSeen(recorded.RecordedAt),
    };
    // end

    public sealed record LastSeen(DateTimeOffset At);

    [Fact]
    public async Task Passes_over_what_other_modules_wrote()
    {
        await using var shop = await RunningShop.Start(Shop.Module, new Module("activity").Events(EventTypes.Of<Event>()).Projects(Activity));
        await shop.Do(new CreateOrder("42", "ada", 30m));

        Assert.True(await shop.Engine.WaitUntil(Activity, 1, TimeSpan.FromSeconds(20)));
        Assert.Empty((await shop.Engine.ReadStatus(Activity)).Held);
    }

    public sealed record PlaceOrder(string OrderId, string Customer, decimal Total);

    [Fact]
    public async Task Keeps_the_name_of_a_command_whose_record_is_renamed()
    {
        await using var shop = await RunningShop.Start();
        var origin = new CommandOrigin { Id = Guid.AllBitsSet };
        await shop.Commands.Send(new CreateOrder("42", "ada", 30m), origin);

        // begin command
        var module = new Module("shop")
            .Events(EventTypes.Of<Order.Event>())
            .Decides(Order.Decider, orders => orders.On<PlaceOrder>(command => command.OrderId, Decide))
            .Names<PlaceOrder>("CreateOrder"); // the record was called so when the first answers were stored
        // end

        var again = await new Commands(module, shop.Ledger).Send(new PlaceOrder("42", "ada", 30m), origin);
        Assert.True(Assert.IsType<CommandAnswer.Accepted>(again).Repeated);

        static Decision Decide(PlaceOrder command, Order.Status status) => Order.Decide(new CreateOrder(command.OrderId, command.Customer, command.Total), status);
    }

    private static async Task Write(ILedger ledger, string stream, string type, int version, string json) =>
        await ledger.Append(AppendRequest.To(stream, Expectation.NoStream, new NewEvent
        {
            Id = Guid.CreateVersion7(),
            Type = type,
            SchemaVersion = version,
            Data = System.Text.Encoding.UTF8.GetBytes(json),
        }));
}
