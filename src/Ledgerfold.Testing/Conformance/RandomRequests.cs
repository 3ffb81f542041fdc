using System.Collections.Immutable;
using System.Text;

namespace Ledgerfold.Testing.Conformance;

/// <summary>
/// Requests drawn from a seed over few streams, types and tags, so that they meet: random enough to surprise, small enough to collide.
/// </summary>
internal sealed class RandomRequests(Random random, long head)
{
    public const string OtherTenant = "other";
    public const string Platform = "$audit";

    private static readonly string[] Streams = ["order-0", "order-1", "order-2", "order-3", "stock-0", "$audit-1", "stock-é"];
    private static readonly string[] Categories = ["order", "stock", Platform, "orders"];
    private static readonly string[] Types = ["A", "B", "C", "D"];
    private static readonly string[] Tags = ["third:0", "third:1", "third:2", "e:0", "e:1", "e:3", "never:1"];

    /// <summary>A query that finds every event these requests can write, the platform's too.</summary>
    public static EventQuery Everything { get; } = new() { Items = [new QueryItem(), new QueryItem { Category = Platform }] };

    public Random Random => random;

    public long Head { get; set; } = head;

    public string Tenant() => Chance(4) ? OtherTenant : Tenants.Default;

    public string Stream() => Pick(Streams);

    public ImmutableArray<string> DistinctStreams(int count)
    {
        var streams = Streams.ToArray();
        random.Shuffle(streams);
        return [.. streams[..count]];
    }

    public bool Chance(int oneIn) => random.Next(oneIn) == 0;

    public Guid Id()
    {
        Span<byte> bytes = stackalloc byte[16];
        random.NextBytes(bytes);
        return new Guid(bytes);
    }

    public NewEvent Event() => new()
    {
        Id = Id(),
        Type = Pick(Types),
        SchemaVersion = random.Next(1, 4),
        Data = Encoding.UTF8.GetBytes($"{{\"n\":{random.Next(100)}}}"),
        EffectiveAt = Chance(3) ? DateTimeOffset.UnixEpoch.AddTicks(random.NextInt64(1L << 50)) : null,
        CorrelationId = Chance(2) ? $"talk{random.Next(4)}" : null,
        CausationId = Chance(3) ? "cause" : null,
        Actor = Chance(3) ? "actor" : null,
        Tags = [.. Some(Tags, 3)],
        Headers = Chance(4) ? [new("h", $"{random.Next(3)}")] : [],
    };

    public ReadRequest Read() => new()
    {
        Tenant = Tenant(),
        Query = Query(),
        After = Chance(2) ? 0 : random.NextInt64(Head + 3),
        Before = Chance(2) ? long.MaxValue : random.NextInt64(Head + 3),
        Limit = Chance(3) ? random.Next(12) : null,
        Backward = Chance(2),
    };

    public EventQuery Query() => new() { Items = [.. Enumerable.Range(0, random.Next(4)).Select(_ => Item())] };

    private QueryItem Item() => new()
    {
        Types = Chance(2) ? [.. Some(Types, 2)] : [],
        Tags = Chance(2) ? Chance(4) ? [$"correlation:talk{random.Next(5)}"] : [.. Some(Tags, 2)] : [],
        Stream = Chance(4) ? Pick(Streams) : null,
        Category = Chance(4) ? Pick(Categories) : null,
    };

    private T Pick<T>(T[] from) => from[random.Next(from.Length)];

    private IEnumerable<string> Some(string[] from, int most) =>
        Enumerable.Range(0, random.Next(most + 1)).Select(_ => Pick(from)).Distinct();
}
