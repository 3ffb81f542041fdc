using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Ledgerfold.Model.Exporting;
using Ledgerfold.Testing;

namespace Ledgerfold.Model.Tests.Exporting;

public sealed class Exporting_a_ledger
{
    [Fact]
    public async Task Writes_a_line_that_anybody_can_read()
    {
        var clock = new ManualClock();
        await using var ledger = new InMemoryLedger(clock);
        await ledger.Append(AppendRequest.To("order-1", Expectation.Any, new NewEvent
        {
            Id = Guid.Parse("0198c1f0-7b1e-7c7d-8f3a-2b9d1e6a4c05"),
            Type = "OrderCreated",
            SchemaVersion = 2,
            Data = """{"total": "12.30"}"""u8.ToArray(),
            EffectiveAt = DateTimeOffset.UnixEpoch,
            CorrelationId = "c",
            CausationId = "k",
            Actor = "ann",
            TraceParent = "00-1",
            Tags = ["vendor:V2"],
            Headers = [new("note", "a\nb")],
        }), TestContext.Current.CancellationToken);

        var lines = Files.Lines(await ledger.Export(new ExportRequest { Ledger = "L1" }));

        Assert.Equal(
            """{"specversion":"1.0","id":"0198c1f0-7b1e-7c7d-8f3a-2b9d1e6a4c05","source":"/ledgers/L1/tenants/default","type":"OrderCreated","subject":"order-1" """.TrimEnd()
            + $$$""","time":"{{{Times.ToText(clock.GetUtcNow())}}}","globalposition":"1","streamversion":"1","tenant":"default","schemaversion":2 """.TrimEnd()
            + ""","effectivetime":"1970-01-01T00:00:00.000000Z","correlationid":"c","causationid":"k","actor":"ann","traceparent":"00-1","tags":"[\"vendor:V2\"]" """.TrimEnd()
            + ""","headers":"{\"note\":\"a\\nb\"}","datacontenttype":"application/json","data":{"total": "12.30"}}""",
            lines[1]);
        Assert.Equal(
            """{"format":1,"tenant":"default","query":{"items":[]},"after":"0","through":"1"}""",
            JsonDocument.Parse(lines[0]).RootElement.GetProperty("data").GetRawText());
        Assert.Equal(
            $$"""{"events":"1","sha256":"{{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{lines[0]}\n{lines[1]}\n")))}}"}""",
            JsonDocument.Parse(lines[2]).RootElement.GetProperty("data").GetRawText());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Holds_what_a_read_of_query_and_range_finds_and_is_the_same_every_time(ulong seed)
    {
        var ledger = await RandomHistory.Of(seed, 30);
        EventQuery[] queries =
            [EventQuery.All, EventQuery.OfCategory("order"), EventQuery.Tagged("vendor:V2"), EventQuery.OfTypes("OrderCreated"), EventQuery.OfStream("$audit-1")];
        foreach (var query in queries)
        {
            var request = new ExportRequest { Query = query, After = 3, Before = 60 };
            var file = await ledger.Export(request);

            var expected = (await ledger.All(query)).Where(one => one.Position is > 3 and < 60).Select(one => $"{one.Position}");
            Assert.Equal(expected, Files.Events(file).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("globalposition").GetString()));
            Assert.Equal(file, await ledger.Export(request));
        }
    }

    [Fact]
    public async Task Says_so_where_there_is_nothing()
    {
        await using var ledger = new InMemoryLedger();
        await using var other = new InMemoryLedger();

        var file = await ledger.Export(new ExportRequest { After = 5 });

        Assert.Equal(2, Files.Lines(file).Length);
        Assert.Equal(default, await other.Imports(file));
    }

    [Fact]
    public async Task Has_an_erased_event_without_its_data()
    {
        await using var inner = await RandomHistory.Of(1, 3);
        var ledger = new WatchedLedger(inner) { OnRead = static one => one.Version == 1 ? Erased(one) : one };
        await using var other = new InMemoryLedger();

        var file = await ledger.Export();
        var counts = await other.Imports(file);

        Assert.All(Files.Lines(file), CloudEventRules.Check);
        Assert.True(counts.Erased > 0);
        Assert.Equal(Files.Events(file).Length, counts.Appended + counts.Erased);
        Assert.Equal(Files.Events(file).Count(line => line.Contains("\"erased\":true", StringComparison.Ordinal)), counts.Erased);
        Assert.Equal(counts.Erased, (await other.Verify(file)).Erased);
    }

    [Fact]
    public async Task Refuses_a_request_that_breaks_a_rule()
    {
        await using var ledger = new InMemoryLedger();

        await Assert.ThrowsAsync<ArgumentException>(() => ledger.Export(new ExportRequest { After = -1 }));
        await Assert.ThrowsAsync<ArgumentException>(() => ledger.Export(new ExportRequest { Ledger = "" }));
        await Assert.ThrowsAsync<ArgumentException>(() => ledger.Export(new ExportRequest { Query = EventQuery.OfStream("nonsense") }));
    }

    private static RecordedEvent Erased(RecordedEvent one) => new()
    {
        Position = one.Position,
        Id = one.Id,
        Tenant = one.Tenant,
        Stream = one.Stream,
        Version = one.Version,
        Type = one.Type,
        SchemaVersion = one.SchemaVersion,
        RecordedAt = one.RecordedAt,
        ContentType = one.ContentType,
        Data = default,
        Tags = one.Tags,
        Erased = true,
    };
}
