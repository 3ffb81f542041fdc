using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Ledgerfold.Model.Deciding;
using Ledgerfold.Model.Events;
using Ledgerfold.Model.Folding;
using Ledgerfold.Testing;

namespace Ledgerfold.Model.Tests.Timelines;

/// <summary>
/// Events that set, drop and shape fields of a bag, in two schema versions, of which the older is read as none, one or several facts. A
/// state names every event that it was made of in the order in which they came, so that one lost, doubled or out of order shows.
/// </summary>
internal static class RandomSubject
{
    public abstract record Event;

    public sealed record Put(string Key, string Field, int Value) : Event;

    public sealed record Listed(string Key, int Length) : Event;

    public sealed record Dropped(string Key, string Field) : Event;

    public sealed record Both(string Key, string Other, int Value) : Event;

    public sealed record Idle(string Key) : Event;

    public sealed record Ended(string Key) : Event;

    public sealed record Bag(ImmutableSortedDictionary<string, int> Fields, ImmutableArray<int> List, Bag? Inner, string Trail);

    public static readonly Bag Empty = new(ImmutableSortedDictionary<string, int>.Empty, [], null, "");

    /// <summary>Old events are so many of the newer ones as they say.</summary>
    public static EventTypes Types { get; } = EventTypes.Of<Event>().Named<Put>("Put", version: 2).Upcast("Put", 1, static old =>
    {
        var put = JsonSerializer.Deserialize<Put>(old.Data.Span, EventJson.Options)!;
        return [.. Enumerable.Range(0, put.Value % 4).Select(n => old with { Version = 2, Data = Json(put with { Field = $"{put.Field}{n}" }) })];
    });

    public static Decider<Bag> Decider() => new("bag", Empty, static (bag, fact) => Next(bag, fact, "x") ?? Empty);

    public static Projection<Bag> Projection(bool knowsItsEvents) => new("bags")
    {
        Query = EventQuery.OfCategory("bag"),
        Keys = static (fact, _) => fact is Both both ? [both.Key, both.Other] : [KeyOf(fact)],
        EventsOf = knowsItsEvents ? static key => EventQuery.Tagged($"key:{key}") : null,
        Apply = static (bag, fact, recorded) => Next(bag ?? Empty, fact, $"{recorded.Position}"),
    };

    public static NewEvent At(SeededRandom random, TimelineWorld world, string key, string other)
    {
        var field = random.Pick(["a", "b", "c/d", "e~f"]);
        object fact = random.Below(9) switch
        {
            0 => new Listed(key, random.Below(4)),
            1 => new Dropped(key, field),
            2 => new Both(key, other, random.Below(3)),
            3 => new Idle(key),
            4 when random.Coin() => new Ended(key),
            _ => new Put(key, field, random.Below(5)),
        };
        var isOld = fact is Put && random.OneIn(3);
        return world.NewEvent(fact.GetType().Name, Json(fact)) with
        {
            SchemaVersion = isOld || fact is not Put ? 1 : 2,
            Tags = fact is Both && other != key ? [$"key:{key}", $"key:{other}"] : [$"key:{key}"],
            EffectiveAt = random.Coin() ? world.Now.AddMinutes(random.Between(-20, 5)) : null,
        };
    }

    private static string KeyOf(object fact) => fact switch
    {
        Put put => put.Key,
        Listed listed => listed.Key,
        Dropped dropped => dropped.Key,
        Idle idle => idle.Key,
        _ => ((Ended)fact).Key,
    };

    private static Bag? Next(Bag bag, object fact, string mark) => fact switch
    {
        Put put when put.Field.StartsWith('b') => Marked(bag, mark) with { Inner = (bag.Inner ?? Empty) with { Fields = (bag.Inner ?? Empty).Fields.SetItem(put.Field, put.Value) } },
        Put put => Marked(bag, mark) with { Fields = bag.Fields.SetItem(put.Field, put.Value) },
        Listed listed => Marked(bag, mark) with { List = [.. Enumerable.Range(0, listed.Length)] },
        Dropped dropped => Marked(bag, mark) with { Fields = bag.Fields.Remove(dropped.Field), Inner = dropped.Field == "b" ? null : bag.Inner },
        Both both => Marked(bag, mark) with { Fields = bag.Fields.SetItem("both", both.Value) },
        Idle => bag,
        _ => null,
    };

    private static Bag Marked(Bag bag, string mark) => bag with { Trail = $"{bag.Trail},{mark}"[^Math.Min(bag.Trail.Length + mark.Length + 1, 40)..] };

    private static byte[] Json(object fact) => Encoding.UTF8.GetBytes(JsonSerializer.Serialize(fact, fact.GetType(), EventJson.Options));
}
