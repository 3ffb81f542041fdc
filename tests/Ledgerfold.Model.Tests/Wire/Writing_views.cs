using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Ledgerfold.Model.Comparing;
using Ledgerfold.Model.Exploring;
using Ledgerfold.Model.Timelines;
using Ledgerfold.Model.Wire;

namespace Ledgerfold.Model.Tests.Wire;

public sealed class Writing_views
{
    private const string Id = "0198c1f0-7b1e-7c7d-8f3a-2b9d1e6a4c05";
    private const string Time = "2026-01-31T12:00:00.123456Z";
    private const string Place = "\"position\":\"9007199254740993\",\"stream\":\"order-1\",\"version\":\"2\",\"type\":\"Paid\",\"recordedAt\":\"" + Time
        + "\",\"effectiveAt\":\"" + Time + "\",\"actor\":\"ann\"";

    private static readonly DateTimeOffset At = new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero).AddMicroseconds(123_456);
    private static readonly EventMark Mark = new(9007199254740993, new Guid(Id), "order-1", 2, "Paid", At, At, "ann", "c");
    private static readonly EventMark Bare = Mark with { EffectiveAt = null, Actor = null, CorrelationId = null };

    [Fact]
    public void Writes_a_page_with_what_was_searched()
    {
        var page = new ExplorePage<EventMark>([Mark], 7, 3, new Searched(3, 7, 1), EarlyStop.Scanned);

        Assert.Equal(
            $$$"""{"items":[{"id":"{{{Id}}}",{{{Place}}},"correlationId":"c"}],"next":"7","prev":"3","searched":{"from":"3","to":"7","scanned":5,"matched":1},"stopped":"scanned"}""",
            Json(json => ExploringJson.Write(json, page, ExploringJson.Write)));
    }

    [Fact]
    public void Leaves_out_what_is_not_there()
    {
        var page = new ExplorePage<EventMark>([Bare], null, null, new Searched(1, 0, 0), EarlyStop.None);

        Assert.Equal(
            $$$"""{"items":[{"id":"{{{Id}}}","position":"9007199254740993","stream":"order-1","version":"2","type":"Paid","recordedAt":"{{{Time}}}"}]"""
            + ""","searched":{"from":"1","to":"0","scanned":0,"matched":0}}""",
            Json(json => ExploringJson.Write(json, page, ExploringJson.Write)));
    }

    [Theory]
    [InlineData(EarlyStop.Bytes, "bytes")]
    [InlineData(EarlyStop.Damage, "damage")]
    public void Says_why_a_page_ended_early(EarlyStop stop, string name)
    {
        var page = new ExplorePage<EventMark>([], 1, null, default, stop);

        Assert.Contains($"\"stopped\":\"{name}\"", Json(json => ExploringJson.Write(json, page, ExploringJson.Write)));
    }

    [Fact]
    public void Writes_a_stream_beginning_as_the_command_line_always_did()
    {
        var view = new StreamView("default", "order-1", 2, true, null, Bare, [new TypeCount("Paid", 2)], 2);

        Assert.StartsWith("""{"stream":"order-1","version":"2","closed":true,"tenant":"default","last":{"id":""", Json(json => ExploringJson.Write(json, view)));
        Assert.EndsWith(""","types":[{"type":"Paid","events":2}],"counted":2}""", Json(json => ExploringJson.Write(json, view)));
    }

    [Fact]
    public void Writes_a_tree_however_deep_it_is()
    {
        ImmutableArray<CorrelationNode> nodes = [.. Enumerable.Range(0, 1_000).Select(static n =>
            new CorrelationNode($"n{n}", CorrelationNodeKind.Ghost, n == 0 ? null : $"n{n - 1}", n, n == 0 ? null : 0.5, null, null))];
        var tree = new CorrelationTree("default", "c", nodes, new CorrelationTotals(0, null, null, []), default, 9);

        using var document = JsonDocument.Parse(Json(json => ExploringJson.Write(json, tree)));

        Assert.Equal(999, document.RootElement.GetProperty("nodes")[999].GetProperty("depth").GetInt32());
        Assert.Equal("""{"id":"n1","kind":"ghost","parent":"n0","depth":1,"latencyMs":0.5}""", document.RootElement.GetProperty("nodes")[1].GetRawText());
    }

    [Fact]
    public void Writes_the_nodes_of_a_tree_and_its_totals()
    {
        var tree = new CorrelationTree(
            "default",
            "c",
            [new(Id, CorrelationNodeKind.Event, "k", 1, 12.3, Mark, null), new("k", CorrelationNodeKind.Command, null, 0, null, null, "PayOrder")],
            new CorrelationTotals(1, At, At.AddMilliseconds(1.5), [new StreamCount("order-1", 1)]),
            new Searched(1, 9, 1),
            null);

        Assert.Equal(
            $$$"""{"correlationId":"c","tenant":"default","events":1,"first":"{{{Time}}}","last":"2026-01-31T12:00:00.124956Z","durationMs":1.5,"streams":[{"stream":"order-1","events":1}]"""
            + $$$""","nodes":[{"id":"{{{Id}}}","kind":"event","parent":"k","depth":1,"latencyMs":12.3,{{{Place}}}""" + """},{"id":"k","kind":"command","depth":0,"command":"PayOrder"}]"""
            + ""","searched":{"from":"1","to":"9","scanned":9,"matched":1}}""",
            Json(json => ExploringJson.Write(json, tree)));
    }

    [Fact]
    public void Writes_states_differences_and_who_set_what()
    {
        var five = JsonSerializer.SerializeToElement(5);

        Assert.Equal(
            """{"stream":"order-1","tenant":"default","fold":"order","version":"2","position":"9","state":5}""",
            Json(json => ExploringJson.Write(json, new StateView("default", "order-1", "order", 2, 9, five))));
        Assert.Equal(
            """{"stream":"order-1","tenant":"default","fold":"order","from":"1","to":"2","changes":[{"pointer":"/a","before":5},{"pointer":"/b","after":5}]}""",
            Json(json => ExploringJson.Write(json, new DifferenceView("default", "order-1", "order", 1, 2, [new FieldChange("/a", five, null), new FieldChange("/b", null, five)]))));
        Assert.Equal(
            $$$"""{"stream":"order-1","tenant":"default","fold":"order","version":"2","fields":"""
            + $$$"""[{"pointer":"/a","value":5,"by":{"id":"{{{Id}}}",{{{Place}}},"correlationId":"c"}},{"pointer":"/b","value":5}]}""",
            Json(json => ExploringJson.Write(json, new BlameView("default", "order-1", "order", 2, [new FieldBlame("/a", five, Mark), new FieldBlame("/b", five, null)]))));
    }

    [Fact]
    public void Withholds_data_and_headers_from_those_who_may_not_read_them()
    {
        var recorded = new RecordedEvent
        {
            Position = 1,
            Id = new Guid(Id),
            Tenant = "default",
            Stream = "order-1",
            Version = 1,
            Type = "Paid",
            SchemaVersion = 1,
            RecordedAt = At,
            ContentType = "application/json",
            Data = """{"secret":1}"""u8.ToArray(),
            Headers = [new("hidden", "too")],
        };

        var json = Json(json => RecordedEventJson.WriteWithheld(json, recorded));

        Assert.DoesNotContain("secret", json);
        Assert.DoesNotContain("hidden", json);
        Assert.EndsWith(""","contentType":"application/json","withheld":true}""", json);
    }

    [Theory]
    [InlineData("""{"type":"A","data":[[1]]}""", false)]
    [InlineData("""{"type":"A","data":[1]}""", true)]
    public void Takes_input_no_deeper_than_it_may_be(string input, bool isTaken)
    {
        var reader = new AppendRequestReader("default", "order-1", Expectation.Any, static () => new Guid(Id)) { DepthMax = 2 };

        Assert.Equal(isTaken, reader.TryRead(Encoding.UTF8.GetBytes(input), out var request, out var refused));
        Assert.Equal(isTaken ? null : "", refused?.Field);
        Assert.Equal(isTaken ? new Guid(Id) : null, request.Writes.FirstOrDefault()?.Events[0].Id);
    }

    private static string Json(Action<Utf8JsonWriter> fields)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            fields(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }
}
