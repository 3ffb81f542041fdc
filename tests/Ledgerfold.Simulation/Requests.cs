using System.Collections.Immutable;
using Ledgerfold.Testing;

namespace Ledgerfold.Simulation;

/// <summary>
/// Draws what callers ask for, over so few streams, types, tags and cursors that they meet. Expectations are mostly right; repeats, parts
/// of former appends and mixtures come often.
/// </summary>
internal sealed class Requests(SeededRandom random, Expected expected)
{
    public const string OtherTenant = "other";
    public const string PlatformCategory = "$audit";

    public static readonly string[] TenantNames = [Tenants.Default, OtherTenant];
    public static readonly string[] Consumers = ["billing", "mail"];
    public static readonly string[] Streams = ["order-0", "order-1", "order-2", "stock-0", "stock-1", "$audit-1"];
    private static readonly string[] Categories = ["order", "stock", PlatformCategory];
    private static readonly string[] Types = ["A", "B", "C"];
    private static readonly string[] Tags = ["third:0", "third:1", "third:2", "e:0", "e:1"];

    private readonly List<AppendRequest> _sent = [];

    public string Tenant() => random.OneIn(6) ? OtherTenant : Tenants.Default;

    public string Stream() => random.Pick(Streams);

    /// <summary>An event that was sent once, if any was.</summary>
    public (string Tenant, Guid Id)? SentId()
    {
        if (_sent.Count == 0)
            return null;
        var request = random.Pick(_sent);
        var events = Events.Of(request);
        return events.IsEmpty ? null : (request.Tenant, random.Pick(events).Id);
    }

    public AppendRequest Append()
    {
        if (_sent.Count > 0 && random.OneIn(4))
            return Again(random.Pick(_sent));
        var request = New();
        _sent.Add(request);
        return request;
    }

    public ReadRequest Read()
    {
        var head = expected.Head;
        return new ReadRequest
        {
            Tenant = Tenant(),
            Query = Query(),
            After = random.Coin() ? 0 : random.Below(head + 3),
            Before = random.Coin() ? long.MaxValue : random.Below(head + 3),
            Limit = random.OneIn(3) ? random.Below(9) : null,
            Backward = random.OneIn(3),
        };
    }

    private EventQuery Query() => new() { Items = [.. Enumerable.Range(0, random.Below(3)).Select(_ => Item())] };

    private QueryItem Item() => new()
    {
        Types = random.OneIn(3) ? [random.Pick(Types)] : [],
        Tags = random.Coin() ? random.OneIn(4) ? [Ledgerfold.Tags.OfCorrelation($"talk{random.Below(3)}")] : Some(Tags, 2) : [],
        Stream = random.OneIn(4) ? Stream() : null,
        Category = random.OneIn(4) ? random.Pick(Categories) : null,
    };

    private AppendRequest New()
    {
        var tenant = Tenant();
        var order = Streams.ToArray();
        random.Shuffle<string>(order);
        var writes = order[..(random.OneIn(4) ? 2 : 1)].Select(stream => Write(tenant, stream)).ToImmutableArray();
        var request = new AppendRequest { Tenant = tenant, Writes = writes };
        if (random.OneIn(6))
            request = request with { Condition = new AppendCondition(Query(), random.OneIn(12) ? expected.Head + 1000 : Near(0)) };
        if (random.OneIn(5))
            request = request with { CursorMoves = [Move(request)] };
        return request;
    }

    private StreamWrite Write(string tenant, string stream)
    {
        var count = random.Below(20) switch { 0 => 0, < 15 => 1, < 18 => 2, _ => random.Between(3, 7) };
        var version = expected.HeadOf(tenant, stream).Version;
        return new StreamWrite
        {
            Stream = stream,
            Expect = random.Below(8) switch
            {
                < 4 => Expectation.Any,
                < 7 => Expectation.Exactly(version),
                _ => Expectation.Exactly(random.Below(version + 2)),
            },
            Events = [.. Enumerable.Range(0, count).Select(_ => Event())],
            Close = count > 0 && random.OneIn(90),
        };
    }

    private NewEvent Event() => new()
    {
        Id = Id(),
        Type = random.Pick(Types),
        Data = Data(),
        EffectiveAt = random.OneIn(4) ? DateTimeOffset.UnixEpoch.AddMicroseconds(random.Below(1L << 40)) : null,
        CorrelationId = random.OneIn(3) ? $"talk{random.Below(3)}" : null,
        Actor = random.OneIn(4) ? "actor" : null,
        Tags = Some(Tags, 2),
        Headers = random.OneIn(6) ? [new("h", "v")] : [],
    };

    /// <summary>Zeros at times, because a batch with sectors of zeros looks like a torn one.</summary>
    private byte[] Data()
    {
        var data = new byte[random.Below(12) switch
        {
            0 => random.Below(8), // at times nothing, which is refused
            < 9 => 1 + random.Below(200),
            < 11 => 1 + random.Below(1500),
            _ => 1 + random.Below(3000),
        }];
        if (!random.OneIn(5))
            random.Fill(data);
        return data;
    }

    private CursorMove Move(AppendRequest request)
    {
        var (consumer, partition) = (random.Pick(Consumers), random.Below(2));
        var stands = expected.CursorOf(request.Tenant, consumer, partition).Position;
        return new CursorMove
        {
            Consumer = consumer,
            Partition = partition,
            Expected = random.OneIn(6) ? Near(1) : stands,
            Next = Near(Events.Of(request).Length),
            HeldKeys = random.OneIn(3) ? [$"key{random.Below(3)}"] : [],
        };
    }

    private AppendRequest Again(AppendRequest sent) => random.Below(9) switch
    {
        0 => Bent(sent, write => write with { Events = [.. write.Events.Where(_ => random.Coin())], Close = false }),
        1 => Bent(sent, write => write with { Events = [.. write.Events.Reverse()] }),
        2 => Bent(sent, write => write with { Events = [.. write.Events.Select(item => random.Coin() ? item with { Type = "C" } : item)] }),
        3 => Bent(sent, write => write with { Events = [.. write.Events, Event()] }),
        4 => sent with { Tenant = Tenant() },
        5 => sent with { CursorMoves = [Move(sent)] },
        _ => sent,
    };

    private static AppendRequest Bent(AppendRequest sent, Func<StreamWrite, StreamWrite> bend) =>
        sent with { Writes = [.. sent.Writes.Select(bend)] };

    private ImmutableArray<string> Some(string[] from, int most) =>
        [.. Enumerable.Range(0, random.Below(most + 1)).Select(_ => random.Pick(from)).Distinct(StringComparer.Ordinal)];

    private long Near(int beyond) => Math.Max(0, expected.Head + beyond - random.Below(4));

    private Guid Id()
    {
        Span<byte> bytes = stackalloc byte[16];
        random.Fill(bytes);
        return new Guid(bytes);
    }
}
