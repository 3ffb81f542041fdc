using System.Collections.Immutable;
using System.Text;
using Ledgerfold.Testing;

namespace Ledgerfold.Model.Tests.Exporting;

/// <summary>Events in which everything optional is on and off, with names, headers and data as odd as the ledger takes them.</summary>
internal sealed class RandomHistory(ulong seed)
{
    public static readonly EventQuery Everything = new() { Items = [new QueryItem(), new QueryItem { Category = "$audit" }] };

    private static readonly string[] Streams = ["order-1", "order-2", "stock-é", "stock-a b\"c", "order-💶<&>'", "$audit-1", "z9-\u2028\ufeff"];
    private static readonly string[] Types = ["OrderCreated", "order/paid", "Ünïcode", "quote\"back\\slash", "$export.begin", "$export.end"];
    private static readonly string[] Tags = ["vendor:V2", "e:\"1\"", "e:[]", "name:va:lue", "emoji:😀", "sep:\u2029"];
    private static readonly string[] Texts = ["", "plain", "line\nbreak\r\n", "\0\u0001\u001f\u007f\u0085", "\"quoted\" \\ back", "😀\uffff\ufdd0", "{}"];
    private static readonly string[] ContentTypes =
        ["application/json", "text/json", "application/vnd.shop+json; charset=utf-8", "application/octet-stream", "text/plain", "no media type", "a/b; c=\"d e\""];
    private static readonly byte[][] Data =
    [
        .. new[]
        {
            "{}", "null", "true", "\"text\"", "1e400", "{\"a\":1,\"a\":2}", " {\"a\":1}", "{\"a\": [1 , 2]}\t", "{\n\"a\":1\r\n}", "{\"a\":\"\\u00e9é\\/\"}", "{broken", "[1,2] [3]",
            new string('[', 62) + new string(']', 62), new string('[', 63) + new string(']', 63), new string('[', 64) + new string(']', 64), new string('[', 500) + new string(']', 500),
            "\"\\ud800\"", "-0.0", "\ufeff{}", "\"\u2028\"",
        }.Select(Encoding.UTF8.GetBytes),
        [0], [0xff, 0xfe], [0x22, 0xc3, 0x22],
    ];

    private readonly SeededRandom _random = new(seed);

    public static async Task<InMemoryLedger> Of(ulong seed, int appends, params string[] tenants)
    {
        var ledger = new InMemoryLedger(new ManualClock());
        await new RandomHistory(seed).AppendTo(ledger, appends, tenants.Length == 0 ? [Tenants.Default] : tenants);
        return ledger;
    }

    public async Task AppendTo(ILedger ledger, int appends, string[] tenants)
    {
        for (var n = 0; n < appends; n++)
        {
            var streams = Streams.ToArray();
            _random.Shuffle<string>(streams);
            var request = new AppendRequest
            {
                Tenant = _random.Pick(tenants),
                Writes = [.. streams[.._random.Between(1, 3)].Select(stream => new StreamWrite
                {
                    Stream = stream,
                    Events = [.. Enumerable.Range(0, _random.Between(1, 4)).Select(_ => Event())],
                })],
            };
            Assert.IsType<AppendOutcome.Appended>(await ledger.Append(request));
        }
    }

    private NewEvent Event()
    {
        var id = new byte[16];
        _random.Fill(id);
        return new NewEvent
        {
            Id = new Guid(id),
            Type = _random.Pick(Types),
            SchemaVersion = _random.OneIn(5) ? int.MaxValue : _random.Between(1, 3),
            Data = _random.OneIn(30) ? Big() : _random.Pick(Data),
            ContentType = _random.Coin() ? NewEvent.Json : _random.Pick(ContentTypes),
            EffectiveAt = _random.OneIn(3) ? DateTimeOffset.UnixEpoch.AddTicks(_random.Below(1L << 58)) : null,
            CorrelationId = _random.Coin() ? $"talk \"{_random.Below(3)}\"" : null,
            CausationId = _random.OneIn(3) ? "cause\\1" : null,
            Actor = _random.OneIn(3) ? "ann/é" : null,
            TraceParent = _random.OneIn(3) ? "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" : null,
            Tags = [.. Tags.Where(_ => _random.OneIn(3))],
            Headers = Headers(),
        };
    }

    private ImmutableArray<KeyValuePair<string, string>> Headers()
    {
        if (_random.Coin())
            return [];
        var count = _random.OneIn(10) ? Limits.HeadersMax : _random.Between(1, 4);
        return [.. Enumerable.Range(0, count).Select(n => new KeyValuePair<string, string>($"h\"{n}", _random.Pick(Texts)))];
    }

    private byte[] Big()
    {
        var bytes = new byte[_random.Between(50_000, 200_000)];
        if (_random.Coin())
            _random.Fill(bytes);
        else
            Encoding.ASCII.GetBytes($"\"{new string('x', bytes.Length - 2)}\"", bytes);
        return bytes;
    }
}
