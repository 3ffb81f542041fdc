using System.Buffers;
using System.Text;
using System.Text.Json;
using Ledgerfold.Model.CloudEvents;
using Ledgerfold.Testing;

namespace Ledgerfold.Model.Tests.CloudEvents;

public sealed class Exchanging_with_others
{
    private const string Plain = """{"specversion":"1.0","id":"7","source":"/shop","type":"OrderCreated","subject":"order-1"}""";

    private readonly CloudEventWriter _writer = new("here");
    private readonly InMemoryLedger _ledger = new();

    /// <summary>What comes in goes out again, attribute by attribute; and what went out is known when it comes in again.</summary>
    [Fact]
    public async Task Gives_back_what_it_took_in()
    {
        for (ulong seed = 1; seed <= 300; seed++)
        {
            var random = new SeededRandom(seed);
            var sent = RandomEvent(random, $"{seed}");
            var bytes = Sent(sent);
            Assert.True(Reader().TryReadOne(bytes, out var request, out var refused), $"seed {seed}: {refused}");
            Assert.IsType<AppendOutcome.Appended>(await _ledger.Append(request, TestContext.Current.CancellationToken));
            var recorded = await _ledger.ReadById("t", request.Writes[0].Events[0].Id, TestContext.Current.CancellationToken);

            var given = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(Write(recorded!))!;

            foreach (var (name, value) in sent)
            {
                var expected = name == "time" ? Times.ToText(DateTimeOffset.Parse($"{value}")) : value is JsonElement json ? json.GetRawText() : Canonical(value);
                var actual = given[name].ValueKind == JsonValueKind.String ? given[name].GetString() : given[name].GetRawText();
                Assert.True(expected == actual, $"seed {seed}: {name} went in as {expected} and came out as {actual}");
            }

            string[] ours = ["recordedtime", "globalposition", "streamversion", "tenant", "schemaversion", "datacontenttype", "data"];
            Assert.Empty(given.Keys.Except(sent.Keys).Except(ours));
            Assert.True(Reader().TryReadOne(Write(recorded!), out var again, out refused), $"seed {seed}: {refused}");
            Assert.True(Assert.IsType<AppendOutcome.Appended>(await _ledger.Append(again, TestContext.Current.CancellationToken)).Repeated);
        }
    }

    [Fact]
    public async Task Gives_back_in_headers_what_it_took_in_by_headers()
    {
        for (ulong seed = 1; seed <= 300; seed++)
        {
            var random = new SeededRandom(seed);
            var sent = RandomEvent(random, $"{seed}").Where(static one => one.Key is not ("data" or "data_base64"))
                .ToDictionary(static one => one.Key, static one => Canonical(one.Value));
            sent["datacontenttype"] = "application/x-raw";
            var data = Encoding.UTF8.GetBytes(RandomText(random));
            var inHeaders = sent.ToDictionary(static one => one.Key, static one => HeaderText.Encode(one.Value));
            Assert.All(inHeaders.Values, static value => Assert.Matches("^[!-~]*$", value));
            var decoded = inHeaders.Select(static one => KeyValuePair.Create(one.Key, HeaderText.TryDecode(one.Value, out var text) ? text : "?"));
            Assert.True(Reader().TryRead(decoded, data, out var request, out var refused), $"seed {seed}: {refused}");
            Assert.IsType<AppendOutcome.Appended>(await _ledger.Append(request, TestContext.Current.CancellationToken));
            var recorded = await _ledger.ReadById("t", request.Writes[0].Events[0].Id, TestContext.Current.CancellationToken);

            var given = _writer.AttributesOf(recorded!).ToDictionary();

            Assert.Equal(data, recorded!.Data.ToArray());
            foreach (var (name, value) in sent)
                Assert.Equal(name == "time" ? Times.ToText(DateTimeOffset.Parse(value)) : value, given[name]);
        }
    }

    [Fact]
    public async Task Calls_its_own_events_by_their_own_names_and_knows_them_again()
    {
        var item = new NewEvent
        {
            Id = Guid.Parse("0198c1f0-7b1e-7c7d-8f3a-2b9d1e6a4c05"),
            Type = "OrderCreated",
            Data = "{\n}"u8.ToArray(),
            Tags = ["vendor:V2"],
            Actor = "anna",
            SchemaVersion = 3,
            EffectiveAt = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
            CorrelationId = "c",
            CausationId = "d",
            TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            Headers = [new("Of mine", "\u0007"), new("ce-part", "p")],
        };
        await _ledger.Append(AppendRequest.To("order-1", Expectation.Any, item) with { Tenant = "t" }, TestContext.Current.CancellationToken);
        var recorded = (await _ledger.ReadById("t", item.Id, TestContext.Current.CancellationToken))!;

        var given = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(Write(recorded))!;
        Assert.Equal(
            ("/ledgers/here/tenants/t", $"{item.Id}", "1", "1", "2026-01-02T03:04:05.000000Z", "p"),
            (Text("source"), Text("id"), Text("streamversion"), Text("globalposition"), Text("effectivetime"), Text("part")));
        Assert.Equal(("c", "d", item.TraceParent), (Text("correlationid"), Text("causationid"), Text("traceparent")));
        Assert.True(Reader().TryReadOne(Write(recorded), out var again, out var refused), $"{refused}");
        Assert.True(Assert.IsType<AppendOutcome.Appended>(await _ledger.Append(again, TestContext.Current.CancellationToken)).Repeated);
        Exporting.CloudEventRules.Check(Encoding.UTF8.GetString(Write(recorded)));

        string? Text(string name) => given[name].GetString();
    }

    [Fact]
    public void Takes_the_id_of_this_ledger_only_from_this_ledger()
    {
        const string Id = "0198c1f0-7b1e-7c7d-8f3a-2b9d1e6a4c05";
        var own = IdOf("/ledgers/here/tenants/t", Id);
        Guid[] others = [IdOf("/ledgers/there/tenants/t", Id), IdOf("/ledgers/here/tenants/other", Id), IdOf("/shop", Id), IdOf("/shop", "7"), IdOf("/shop", "8")];

        Assert.Equal(Guid.Parse(Id), own);
        Assert.Equal(6, others.Append(own).Distinct().Count());
        Assert.Equal(others[3], IdOf("/shop", "7"));

        Guid IdOf(string source, string id)
        {
            var json = JsonSerializer.SerializeToUtf8Bytes(new { specversion = "1.0", id, source, type = "A", subject = "order-1" });
            Assert.True(Reader().TryReadOne(json, out var request, out _));
            return request.Writes[0].Events[0].Id;
        }
    }

    [Fact]
    public void Appends_a_batch_as_one_with_each_stream_once()
    {
        var batch = $"[{Of("1", "a-1")},{Of("2", "b-1")},{Of("3", "a-1")}]";

        Assert.True(Reader().TryReadBatch(Encoding.UTF8.GetBytes(batch), out var request, out _));

        Assert.Equal(["a-1 2", "b-1 1"], request.Writes.Select(static write => $"{write.Stream} {write.Events.Length}"));

        static string Of(string id, string stream) => Plain.Replace("\"7\"", $"\"{id}\"", StringComparison.Ordinal).Replace("order-1", stream, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("specversion", null)]
    [InlineData("specversion", "\"0.3\"")]
    [InlineData("id", null)]
    [InlineData("id", "\"\"")]
    [InlineData("id", "7")]
    [InlineData("source", null)]
    [InlineData("source", "\"\"")]
    [InlineData("source", "\"not a uri\"")]
    [InlineData("type", null)]
    [InlineData("type", "\"\"")]
    [InlineData("subject", null)]
    [InlineData("subject", "\"\"")]
    [InlineData("subject", "\"$command-1\"")]
    [InlineData("subject", "\"Order 1\"")]
    [InlineData("time", "\"yesterday\"")]
    [InlineData("time", "\"2026-01-31T12:00:00\"")]
    [InlineData("time", "5")]
    [InlineData("datacontenttype", "\"json\"")]
    [InlineData("dataschema", "\"relative/schema\"")]
    [InlineData("dataschema", "\"\"")]
    [InlineData("data_base64", "\"*\"")]
    [InlineData("extension", "{}")]
    [InlineData("extension", "1.5")]
    [InlineData("extension", "2147483648")]
    [InlineData("extension", "\"\\u0001\"")]
    [InlineData("extension", "\"\\ud800\"")]
    [InlineData("extension", "\"\\ufffe\"")]
    [InlineData("tenant", "\"other\"")]
    [InlineData("erased", "true")]
    [InlineData("effectivetime", "\"2026-01-31T12:00:00Z\"")]
    [InlineData("schemaversion", "0")]
    [InlineData("globalposition", "\"x\"")]
    [InlineData("tags", "\"vendor:V2\"")]
    public void Refuses_what_breaks_a_rule_and_names_it(string attribute, string? value)
    {
        var attributes = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(Plain)!;
        attributes.Remove(attribute);
        var members = attributes.Select(static one => $"\"{one.Key}\":{one.Value.GetRawText()}");
        if (value is not null)
            members = members.Append($"\"{attribute}\":{value}");
        var json = $"{{{string.Join(',', members)}}}";

        Assert.False(Reader().TryReadOne(Encoding.UTF8.GetBytes(json), out _, out var refused));
        Assert.Equal(attribute, refused!.Field);
        Assert.False(Reader().TryReadBatch(Encoding.UTF8.GetBytes($"[{Plain},{json}]"), out _, out refused));
        Assert.Equal($"[1].{attribute}", refused!.Field);
    }

    [Theory]
    [InlineData("[]", "")]
    [InlineData("{}", "")]
    [InlineData("[1]", "[0]")]
    [InlineData("[", "")]
    [InlineData("[" + Plain + "," + Plain + "]", "[1].id")]
    [InlineData("""[{"Big":"name"}]""", "[0]")]
    [InlineData("""[{"id":"1","id":"2"}]""", "[0].id")]
    public void Refuses_a_batch_that_is_none(string json, string field)
    {
        Assert.False(Reader().TryReadBatch(Encoding.UTF8.GetBytes(json), out _, out var refused));
        Assert.Equal(field, refused!.Field);
    }

    [Fact]
    public void Refuses_an_event_for_another_stream_than_it_is_sent_to()
    {
        var reader = new CloudEventReader("t", _writer) { Stream = "order-2", Expect = Expectation.NoStream };
        Assert.False(reader.TryReadOne(Encoding.UTF8.GetBytes(Plain), out _, out var refused));
        Assert.Equal("subject", refused!.Field);

        var without = Plain.Replace(",\"subject\":\"order-1\"", "", StringComparison.Ordinal);
        Assert.True(reader.TryReadOne(Encoding.UTF8.GetBytes(without), out var request, out _));
        Assert.Equal(("order-2", Expectation.NoStream), (request.Writes[0].Stream, request.Writes[0].Expect));
    }

    [Theory]
    [InlineData("Euro € 😀", "Euro%20%E2%82%AC%20%F0%9F%98%80")]
    [InlineData("100%\"", "100%25%22")]
    [InlineData("", "")]
    public void Writes_texts_into_headers_as_the_binding_says(string text, string header)
    {
        Assert.Equal(header, HeaderText.Encode(text));
        Assert.True(HeaderText.TryDecode(header, out var decoded));
        Assert.Equal(text, decoded);
    }

    [Theory]
    [InlineData("\"a \\\"b\\\" %41\"", "a \"b\" A")]
    [InlineData("Euro € 😀", "Euro € 😀")]
    [InlineData("%e2%82%ac", "€")]
    [InlineData("%E2%82", null)]
    [InlineData("%4", null)]
    [InlineData("%xy", null)]
    public void Reads_headers_as_the_binding_says(string header, string? text)
    {
        Assert.Equal(text is not null, HeaderText.TryDecode(header, out var decoded));
        Assert.Equal(text, decoded);
    }

    private CloudEventReader Reader() => new("t", _writer);

    private byte[] Write(RecordedEvent recorded)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes))
            _writer.Write(json, recorded);
        return bytes.WrittenSpan.ToArray();
    }

    /// <summary>As somebody else would send it; data to the byte as it is.</summary>
    private static byte[] Sent(Dictionary<string, object> sent)
    {
        var members = sent.Select(static one => $"\"{one.Key}\":{(one.Value is JsonElement json ? json.GetRawText() : JsonSerializer.Serialize(one.Value))}");
        return Encoding.UTF8.GetBytes($"{{{string.Join(',', members)}}}");
    }

    private static string Canonical(object value) => value is bool flag ? (flag ? "true" : "false") : $"{value}";

    private static Dictionary<string, object> RandomEvent(SeededRandom random, string id)
    {
        var sent = new Dictionary<string, object>
        {
            ["specversion"] = "1.0",
            ["id"] = id + RandomText(random),
            ["source"] = random.Between(0, 1) == 0 ? "/shop" : "https://example.org/a%20b?c#d",
            ["type"] = "com.example." + random.Between(1, 9),
            ["subject"] = $"order-{random.Between(1, 5)}",
        };
        Maybe("time", () => random.Between(0, 1) == 0 ? "2026-01-31T12:00:00.123456Z" : "1999-12-31T23:59:59+05:30");
        Maybe("dataschema", () => "https://example.org/schema");
        Maybe("correlationid", () => $"c{random.Between(1, 9)}");
        Maybe("causationid", () => "x");
        Maybe("traceparent", () => "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        Maybe("tracestate", () => "a=b");
        Maybe("partitionkey", () => RandomText(random));
        Maybe("sampled", () => true);
        Maybe("count", () => random.Between(0, 1000) - 500);
        Maybe("schemaversion", () => random.Between(1, 9));
        Maybe("tags", () => """["vendor:V2"]""");
        switch (random.Between(0, 3))
        {
            case 0:
                sent["data"] = JsonSerializer.Deserialize<JsonElement>("""{"a": [1e400, "é\u0000"] }""");
                break;
            case 1:
                (sent["datacontenttype"], sent["data_base64"]) = ("text/plain; charset=utf-8", Convert.ToBase64String(Encoding.UTF8.GetBytes("x" + RandomText(random))));
                break;
            case 2:
                sent["data_base64"] = "AP8=";
                break;
        }

        return sent;

        void Maybe(string name, Func<object> value)
        {
            if (random.Between(0, 1) == 0)
                sent[name] = value();
        }
    }

    private static string RandomText(SeededRandom random)
    {
        string[] parts = ["a", " ", "%", "\"", "€", "😀", "\\", "ß", "7", "~", "%41"];
        return string.Concat(Enumerable.Range(0, random.Between(1, 8)).Select(_ => parts[random.Between(0, parts.Length - 1)]));
    }
}
