using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Ledgerfold.Model;
using Ledgerfold.Model.Commanding;
using Ledgerfold.Model.Events;

namespace Ledgerfold.Cli.Bench.Shop;

/// <summary>
/// Commands on a number of orders, and the events they would leave, in the shape of the standard event: 256 bytes of JSON, a 36-character
/// stream name, tenant, actor, trace parent, a correlation shared by six, two tags. Everything follows from a number, so that a command can
/// be sent again word for word. Immutable: any thread.
/// </summary>
internal sealed class OrderTraffic
{
    public const string Tenant = StandardEvents.Tenant;

    private const string Caller = "web";
    private const int ConversationCommands = 6;
    private const int DataBytes = 256;
    private const int BlockEvents = 512;
    private const int CommonValues = 100;
    private const int RareValues = 1_000;
    private const int Actors = 500;

    private readonly string[] _orders;
    private readonly string[] _vendors = [.. Enumerable.Range(0, CommonValues).Select(value => $"V{value}")];
    private readonly string[] _accounts = [.. Enumerable.Range(0, RareValues).Select(value => $"A{value}")];
    private readonly string[] _actors = [.. Enumerable.Range(0, Actors).Select(value => $"user:{value}")];
    private readonly string[] _notes = [.. Enumerable.Range(0, RareValues).Select(NoteOf)];
    private readonly string[] _traces = [.. Enumerable.Range(0, RareValues).Select(TraceOf)];

    public OrderTraffic(int orders) => _orders = [.. Enumerable.Range(0, orders).Select(OrderOf)];

    /// <summary>What an application on these orders consists of.</summary>
    public static Module Shop { get; } = new Module("shop")
        .Events(EventTypes.Of<Order.Event>(OrderJson.Default.Options))
        .Decides(Order.Decider, static orders => orders
            .On<AddItem>(static command => command.OrderId, Order.Decide)
            .On<RemoveItem>(static command => command.OrderId, Order.Decide))
        .Projects(OrderSummary.Projection);

    public int Orders => _orders.Length;

    /// <summary>The stream of an order.</summary>
    public string StreamOf(int order) => Order.Decider.StreamOf(_orders[order]);

    public string IdOf(int order) => _orders[order];

    /// <summary>The command of a number, on an order that follows from it too.</summary>
    public AddItem Command(long number)
    {
        var chance = StandardEvents.Mix((ulong)number);
        return Command(chance, (int)(StandardEvents.Mix(chance) % (ulong)_orders.Length));
    }

    /// <summary>Who sends it, under an id of its own.</summary>
    public CommandOrigin Origin(long number)
    {
        var chance = StandardEvents.Mix((ulong)number ^ 0x0D15EA5E);
        var talk = StandardEvents.Mix((ulong)(number / ConversationCommands) ^ 0xC0);
        return new CommandOrigin
        {
            Id = StandardEvents.GuidOf(chance, StandardEvents.Mix(chance)),
            Caller = Caller,
            Tenant = Tenant,
            Actor = _actors[chance % Actors],
            CorrelationId = StandardEvents.GuidOf(talk, StandardEvents.Mix(talk)).ToString(),
            TraceParent = _traces[(chance >> 16) % RareValues],
        };
    }

    /// <summary>Appends so many events to all orders in turn, so that those of one lie as far apart as they can.</summary>
    public async Task Fill(ILedger ledger, long events, int callers = 4)
    {
        var codec = new EventCodec(Shop.EventTypes);
        var block = Math.Min(BlockEvents, _orders.Length);
        var blocks = new BlockNumbers(0, (events + block - 1) / block);
        await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(async () =>
        {
            while (blocks.TryTake(out var number))
                Appending.Check(await ledger.Append(Block(codec, number * block, (int)Math.Min(block, events - (number * block)))));
        })));
    }

    /// <summary>An append of the event that the command of a number leaves on an order.</summary>
    public AppendRequest Append(EventCodec codec, long number, int order) =>
        new() { Tenant = Tenant, Writes = [Write(codec, number, order)] };

    private AppendRequest Block(EventCodec codec, long first, int events)
    {
        var writes = new StreamWrite[events];
        for (var e = 0; e < events; e++)
            writes[e] = Write(codec, first + e, (int)((first + e) % _orders.Length));
        return new AppendRequest { Tenant = Tenant, Writes = ImmutableCollectionsMarshal.AsImmutableArray(writes) };
    }

    private StreamWrite Write(EventCodec codec, long number, int order)
    {
        var command = Command(StandardEvents.Mix((ulong)number), order);
        var origin = Origin(number);
        var (type, version, data) = codec.Encode(
            new Order.ItemAdded(command.Vendor, command.Account, command.Quantity, command.Currency, command.Note));
        var item = new NewEvent
        {
            Id = origin.Id!.Value,
            Type = type,
            SchemaVersion = version,
            Data = data,
            CorrelationId = origin.CorrelationId,
            CausationId = origin.Id.ToString(),
            Actor = origin.Actor,
            TraceParent = origin.TraceParent,
            Tags = Order.TagsOf(command.Vendor, command.Account),
        };
        return new StreamWrite { Stream = StreamOf(order), Events = [item] };
    }

    private AddItem Command(ulong chance, int order) => new(
        _orders[order],
        _vendors[chance % CommonValues],
        _accounts[(chance >> 8) % RareValues],
        1 + (int)((chance >> 24) % 9),
        "EUR",
        _notes[(chance >> 32) % RareValues]);

    private static string OrderOf(int number)
    {
        var chance = StandardEvents.Mix((ulong)number ^ 0x5E);
        return string.Create(30, (High: chance, Low: StandardEvents.Mix(chance)), static (name, halves) =>
        {
            halves.High.TryFormat(name, out _, "x16");
            (halves.Low >> 8).TryFormat(name[16..], out _, "x14");
        });
    }

    /// <summary>As long as makes the event's data <see cref="DataBytes"/> long, give or take its numbers.</summary>
    private static string NoteOf(int number)
    {
        const int rest = 73;
        return new string((char)('a' + (number % 26)), DataBytes - rest);
    }

    private static string TraceOf(int number)
    {
        var chance = StandardEvents.Mix((ulong)number ^ 0x7A);
        return $"00-{StandardEvents.Mix(chance):x16}{chance:x16}-{StandardEvents.Mix(chance ^ 1):x16}-01";
    }
}
