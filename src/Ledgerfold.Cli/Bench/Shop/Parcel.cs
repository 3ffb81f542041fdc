using System.Collections.Immutable;
using Ledgerfold.Model;
using Ledgerfold.Model.Deciding;
using Ledgerfold.Model.Events;
using Ledgerfold.Model.Processing;
using Ledgerfold.Storage;

namespace Ledgerfold.Cli.Bench.Shop;

/// <summary>Weighs a parcel.</summary>
internal sealed record WeighParcel(string Parcel);

/// <summary>Hands a parcel over.</summary>
internal sealed record HandOverParcel(string Parcel);

/// <summary>
/// A parcel on its way: the process that the model is measured with. It is announced, weighed, handed over, and looked for when that takes
/// too long.
/// </summary>
internal static class Parcel
{
    public const string Process = "parcel";
    private const int AppendParcels = 500;

    public abstract record Event;

    public sealed record ParcelAnnounced(string Parcel, DateTimeOffset LookedForAt) : Event;

    public sealed record ParcelWeighed(string Parcel) : Event;

    public sealed record ParcelHandedOver(string Parcel) : Event;

    public sealed record Awaited(string Parcel, DateTimeOffset LookedForAt) : Event;

    public sealed record State(int Steps);

    public static readonly EventTypes Types = EventTypes.Of<Event>();

    private static readonly Decider<int> Decider = new("parcel", 0, static (count, _) => count + 1);

    private static readonly Process<State> Delivery = new Process<State>(Process)
        .Starts<ParcelAnnounced>(static announced => announced.Parcel, static (announced, react) =>
        {
            react.At("looked for", announced.LookedForAt);
            react.Run("weigh", new WeighParcel(announced.Parcel));
            return new State(0);
        })
        .Done("weigh", static (state, _, react) =>
        {
            react.Run("hand over", new HandOverParcel(react.Key));
            return new State(state.Steps + 1);
        })
        .Done("hand over", static (state, _, react) =>
        {
            react.End();
            return new State(state.Steps + 1);
        })
        .Timer("looked for", End);

    private static readonly Process<State> Waiting = new Process<State>("waiting")
        .Starts<Awaited>(static awaited => awaited.Parcel, static (awaited, react) =>
        {
            react.At("looked for", awaited.LookedForAt);
            return new State(0);
        })
        .Timer("looked for", End);

    /// <summary>With the whole process.</summary>
    public static Module Delivered { get; } = Bare("parcels").Runs(Delivery);

    /// <summary>With a process that only waits for its timer.</summary>
    public static Module Awaiting { get; } = Bare("waiting").Runs(Waiting);

    /// <summary>Appends what begins so many instances.</summary>
    public static async Task Begin(EmbeddedLedger ledger, long from, long count, Func<long, Event> begins)
    {
        var codec = new EventCodec(Types);
        for (var block = from; block < from + count; block += AppendParcels)
        {
            var writes = ImmutableArray.CreateBuilder<StreamWrite>();
            for (var number = block; number < Math.Min(block + AppendParcels, from + count); number++)
            {
                var (type, _, data) = codec.Encode(begins(number));
                var begun = new NewEvent { Id = Guid.NewGuid(), Type = type, Data = data };
                writes.Add(new StreamWrite { Stream = $"announced-{number}", Events = [begun] });
            }

            Appending.Check(await ledger.Append(new AppendRequest { Writes = writes.DrainToImmutable() }));
        }
    }

    public static string NameOf(long number) => $"p{number}";

    private static Module Bare(string name) => new Module(name)
        .Events(Types)
        .Decides(Decider, static parcels => parcels
            .On<WeighParcel>(static one => one.Parcel, static (one, _) => Decision.Of(new ParcelWeighed(one.Parcel)))
            .On<HandOverParcel>(static one => one.Parcel, static (one, _) => Decision.Of(new ParcelHandedOver(one.Parcel))));

    private static State End(State state, Reactions react)
    {
        react.End();
        return state;
    }
}
