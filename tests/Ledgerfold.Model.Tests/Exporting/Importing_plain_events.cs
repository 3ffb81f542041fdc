using System.Text;
using Ledgerfold.Model.Exporting;
using Ledgerfold.Testing;
using static Ledgerfold.Model.Tests.Exporting.Files;

namespace Ledgerfold.Model.Tests.Exporting;

public sealed class Importing_plain_events
{
    private const string Id = "0198c1f0-7b1e-7c7d-8f3a-2b9d1e6a4c05";

    private static readonly string Deep = $",\"data\":{new string('[', 64)}{new string(']', 64)}";

    private readonly InMemoryLedger _ledger = new();

    [Fact]
    public async Task Takes_what_the_specification_knows()
    {
        const string Time = ""","time":"2026-01-31T12:00:00.123456+01:00","data": {"a": 1e400 },"datacontenttype":"application/json" """;
        var line = Plain(Id, "order-7", Time + ""","tags":"[\"vendor:V2\"]","partitionkey":"p","flag":true""");

        Assert.IsType<ImportOutcome.Imported>(await _ledger.Import(line));

        var recorded = Assert.Single(await _ledger.All());
        Assert.Equal((Guid.Parse(Id), "order-7", "OrderCreated", 1), (recorded.Id, recorded.Stream, recorded.Type, recorded.SchemaVersion));
        Assert.Equal("""{"a": 1e400 }""", Encoding.UTF8.GetString(recorded.Data.Span));
        Assert.Equal(new DateTimeOffset(2026, 1, 31, 11, 0, 0, 123, 456, TimeSpan.Zero), recorded.EffectiveAt);
        Assert.Equal(["vendor:V2"], recorded.Tags);
        Assert.Equal([new("ce-partitionkey", "p"), new("ce-flag", "true"), new("ledgerfold-source", "/shop")], recorded.Headers);
    }

    [Fact]
    public async Task Makes_an_id_of_source_and_id_that_are_no_uuid_the_same_one_every_time()
    {
        var lines = $"{Plain("1")}\n{Plain("2")}\n{Plain("1").Replace("/shop", "/other", StringComparison.Ordinal)}";

        Assert.IsType<ImportOutcome.Imported>(await _ledger.Import(lines));
        var again = await _ledger.Import(lines, Any with { Name = "again" });

        var all = await _ledger.All();
        Assert.Equal(Guid.Parse("492d9420-97db-5307-9971-3e07efc602e3"), all[0].Id);
        Assert.Equal(3, all.Select(one => one.Id).Distinct().Count());
        Assert.All(all, one => Assert.Equal(5, one.Id.Version));
        Assert.Contains(new("ledgerfold-id", "1"), all[0].Headers);
        Assert.Equal(3, Assert.IsType<ImportOutcome.Imported>(again).Counts.Found);
    }

    [Fact]
    public async Task Minds_no_blank_lines_marks_and_line_ends()
    {
        var file = $"\ufeff\r\n{Plain("1")}\r\n \t\n  {Plain("2")}  \r\n{Plain("3")}\n\n\r\n";

        Assert.Equal(3, (await _ledger.Import(file)).Counts.Appended);
        Assert.Equal(["{}", "{}", "{}"], (await _ledger.All()).Select(one => Encoding.UTF8.GetString(one.Data.Span)));
    }

    [Fact]
    public async Task Takes_text_and_bytes()
    {
        var file = $"{Plain("1", more: ""","datacontenttype":"text/plain","data":"é\n" """)}\n{Plain("2", more: ""","data_base64":"AP8=" """)}";

        Assert.IsType<ImportOutcome.Imported>(await _ledger.Import(file));

        var all = await _ledger.All();
        Assert.Equal(("text/plain", "é\n"), (all[0].ContentType, Encoding.UTF8.GetString(all[0].Data.Span)));
        Assert.Equal("application/octet-stream", all[1].ContentType);
        Assert.Equal([0x00, 0xff], all[1].Data.ToArray());
    }

    public static TheoryData<string, string> Broken => new()
    {
        { "nonsense", "" },
        { "[]", "" },
        { Plain("2")[..^1], "" },
        { Plain("2") + Plain("3"), "" },
        { Plain("2", more: Deep), "" },
        { Plain("2", more: ",\"Upper\":1"), "" },
        { Plain("2", more: ",\"id\":\"3\""), "id" },
        { Plain(""), "id" },
        { Plain("00000000-0000-0000-0000-000000000000"), "id" },
        { Plain("2").Replace("\"1.0\"", "\"0.3\"", StringComparison.Ordinal), "specversion" },
        { Plain("2").Replace("/shop", "", StringComparison.Ordinal), "source" },
        { Plain("2").Replace("subject", "other", StringComparison.Ordinal), "subject" },
        { Plain("2", "no stream"), "subject" },
        { Plain("2").Replace("OrderCreated", "", StringComparison.Ordinal), "type" },
        { Plain("2").Replace("OrderCreated", new string('x', 513), StringComparison.Ordinal), "type" },
        { Plain("2", more: ",\"actor\":\"\\ud800\""), "actor" },
        { Plain("2", more: ",\"actor\":\"a\\u0000b\""), "actor" },
        { Plain("2", more: ",\"time\":\"2026-01-31T12:00:00\""), "time" },
        { Plain("2", more: ",\"time\":\"yesterday\""), "time" },
        { Plain("2", more: ",\"effectivetime\":5"), "effectivetime" },
        { Plain("2", more: ",\"schemaversion\":0"), "schemaversion" },
        { Plain("2", more: ",\"schemaversion\":2147483648"), "schemaversion" },
        { Plain("2", more: ",\"tags\":[\"a:b\"]"), "tags" },
        { Plain("2", more: ",\"tags\":\"a:b\""), "tags" },
        { Plain("2", more: ",\"tags\":\"[\\\"nocolon\\\"]\""), "tags" },
        { Plain("2", more: ",\"headers\":\"{\\\"a\\\":1}\""), "headers" },
        { Plain("2", more: ",\"headers\":\"{\\\"a\\\":\\\"1\\\",\\\"a\\\":\\\"2\\\"}\""), "headers" },
        { Plain("2", more: ",\"headers\":\"{\\\"\\\\ud800\\\":\\\"1\\\"}\""), "headers" },
        { Plain("2", more: ",\"data\":1,\"data_base64\":\"AA==\""), "data_base64" },
        { Plain("2", more: ",\"data_base64\":\"?\""), "data_base64" },
        { Plain("2", more: ",\"data_base64\":\"\""), "data" },
        { Plain("2", more: ",\"datacontenttype\":\"text/plain\",\"data\":{}"), "data" },
        { Plain("2", more: ",\"extension\":{}"), "extension" },
        { Plain("2", more: ",\"globalposition\":\"7\""), "id" },
        { Plain(Id, more: ",\"globalposition\":\"-7\""), "globalposition" },
        { Plain("1"), "id" },
    };

    [Theory, MemberData(nameof(Broken))]
    public async Task Names_line_attribute_and_rule_and_appends_nothing(string line, string field)
    {
        var outcome = await _ledger.Import($"{Plain("1")}\n{line}\n");

        var refused = Assert.IsType<ImportOutcome.Refused>(outcome);
        Assert.Equal((2, field, false), (refused.Fault.Line, refused.Fault.Field, refused.Fault.IsDamage));
        Assert.NotEmpty(refused.Fault.Rule);
        Assert.Empty(await _ledger.All());
    }

    [Fact]
    public async Task Refuses_text_that_is_no_utf8_and_a_line_without_end()
    {
        var bad = Encoding.Latin1.GetBytes(Plain("2", more: ",\"actor\":\"\u00e9\""));
        var endless = new byte[(16 * 1024 * 1024) + 2];
        Array.Fill(endless, (byte)' ');

        Assert.Equal("line 1: valid UTF-8", Assert.IsType<ImportOutcome.Refused>(await _ledger.Import(bad)).Fault.ToString());
        Assert.Contains("at most 16777216 bytes", Assert.IsType<ImportOutcome.Refused>(await _ledger.Import(endless)).Fault.Rule, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refuses_events_of_the_platform_unless_told()
    {
        var line = Plain("1", "$command-1");

        Assert.Equal("subject", Assert.IsType<ImportOutcome.Refused>(await _ledger.Import(line, new ImportOptions())).Fault.Field);
        Assert.IsType<ImportOutcome.Imported>(await _ledger.Import(line, Any));
    }

    [Fact]
    public async Task Refuses_a_stream_that_has_other_events_unless_told()
    {
        await _ledger.Import(Plain("here"));
        var file = $"{Plain("1", "stock-1")}\n{Plain("2")}\n";

        var conflict = Assert.IsType<ImportOutcome.Conflict>(await _ledger.Import(file, new ImportOptions()));
        var told = await _ledger.Import(file, new ImportOptions { IntoExisting = true });

        Assert.Equal((2, "other-events"), (conflict.Line, conflict.Code));
        Assert.Equal(2, Assert.IsType<ImportOutcome.Imported>(told).Counts.Appended);
        Assert.Equal(["order-1", "stock-1", "order-1"], (await _ledger.All()).Select(one => one.Stream));
    }

    [Fact]
    public async Task Refuses_an_id_that_says_something_else()
    {
        await _ledger.Import(Plain("1", more: ",\"data\":1"));

        var conflict = Assert.IsType<ImportOutcome.Conflict>(await _ledger.Import(Plain("1", more: ",\"data\":2")));

        Assert.Equal((1, "id-conflict"), (conflict.Line, conflict.Code));
        Assert.Contains("its data is another", conflict.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refuses_events_that_stand_in_another_order()
    {
        await _ledger.Import($"{Plain("2")}\n{Plain("1")}");

        var turned = Assert.IsType<ImportOutcome.Conflict>(await _ledger.Import($"{Plain("1")}\n{Plain("2")}"));
        var before = Assert.IsType<ImportOutcome.Conflict>(await _ledger.Import($"{Plain("0")}\n{Plain("2")}"));

        Assert.Equal((2, "order"), (turned.Line, turned.Code));
        Assert.Equal((2, "order"), (before.Line, before.Code));
    }

    [Fact]
    public async Task Refuses_an_event_that_comes_again_far_behind()
    {
        var file = $"{Plain("1")}\n{Plain("2")}\n{Plain("3")}\n{Plain("1")}\n";

        var conflict = Assert.IsType<ImportOutcome.Conflict>(await _ledger.Import(file, Any with { AppendEventsMax = 1 }));

        Assert.Equal((4, "order", 3), (conflict.Line, conflict.Code, conflict.Counts.Appended));
    }

    [Fact]
    public async Task Leaves_out_and_counts_what_was_erased()
    {
        var file = $"{Plain("1")}\n{Plain("2", more: ",\"erased\":true")}\n{Plain("3")}\n";

        Assert.Equal(new ImportCounts(2, 0, 0, 1), (await _ledger.Import(file)).Counts);
        var compared = await _ledger.Verify(Encoding.UTF8.GetBytes(file));
        Assert.Equal((3, 2, 1, true), (compared.Events, compared.Same, compared.Erased, compared.IsSame));
    }

    [Fact]
    public async Task Lets_nothing_of_a_lines_append_in_when_a_pipe_breaks_a_rule()
    {
        var file = Encoding.UTF8.GetBytes($"{Plain("1")}\n{Plain("2")}\n{Plain("3")}\nnonsense\n");

        var refused = Assert.IsType<ImportOutcome.Refused>(await _ledger.ImportPipe(file, Any with { AppendEventsMax = 2 }));

        Assert.Equal((4, 2), (refused.Fault.Line, refused.Counts.Appended));
        Assert.Equal(2, (await _ledger.All()).Count);
    }
}
