using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Ledgerfold.Model.Deciding;

namespace Ledgerfold.Cli.Bench.Shop;

/// <summary>Puts something into an order.</summary>
internal sealed record AddItem(string OrderId, string Vendor, string Account, int Quantity, string Currency, string Note);

/// <summary>Takes something out of an order.</summary>
internal sealed record RemoveItem(string OrderId, string Vendor, string Account, int Quantity, string Currency, string Note);

/// <summary>An order that is changed for ever: the domain that the model is measured with, written as a user would.</summary>
internal static class Order
{
    public const string Category = "order";

    public abstract record Event;

    public sealed record ItemAdded(string Vendor, string Account, int Quantity, string Currency, string Note) : Event;

    public sealed record ItemRemoved(string Vendor, string Account, int Quantity, string Currency, string Note) : Event;

    public sealed record State(long Changes, long Quantity, string? LastVendor)
    {
        public static readonly State Initial = new(0, 0, null);
    }

    public static readonly Decider<State> Decider = new(Category, State.Initial, Apply)
    {
        Snapshots = SnapshotPolicy.Every(1_000),
        Json = OrderJson.Default.Options,
    };

    public static State Apply(State state, object fact) => fact switch
    {
        ItemAdded added => new(state.Changes + 1, state.Quantity + added.Quantity, added.Vendor),
        ItemRemoved removed => new(state.Changes + 1, state.Quantity - removed.Quantity, removed.Vendor),
        _ => state,
    };

    public static Decision Decide(AddItem command, State state) => command.Quantity <= 0
        ? Decision.Reject("NO_QUANTITY", "quantity")
        : Decision.Of(new Fact(new ItemAdded(command.Vendor, command.Account, command.Quantity, command.Currency, command.Note))
        {
            Tags = TagsOf(command.Vendor, command.Account),
        });

    public static Decision Decide(RemoveItem command, State state) => command.Quantity > state.Quantity
        ? Decision.Reject("NOT_SO_MANY", "quantity", $"{state.Quantity} are there")
        : Decision.Of(new Fact(new ItemRemoved(command.Vendor, command.Account, command.Quantity, command.Currency, command.Note))
        {
            Tags = TagsOf(command.Vendor, command.Account),
        });

    public static ImmutableArray<string> TagsOf(string vendor, string account) =>
        [$"vendor:{vendor}", $"account:{account}"];
}

/// <summary>The contracts of the events and states, generated when this is compiled.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    PropertyNameCaseInsensitive = false)]
[JsonSerializable(typeof(Order.ItemAdded))]
[JsonSerializable(typeof(Order.ItemRemoved))]
[JsonSerializable(typeof(Order.State))]
[JsonSerializable(typeof(OrderSummary.Row))]
internal sealed partial class OrderJson : JsonSerializerContext;
