using static Ledgerfold.Cli.Tests.LedgerInDirectory;

namespace Ledgerfold.Cli.Tests;

public sealed class Appending_events
{
    private const string Id = "0198c1f0-7b1e-7c7d-8f3a-2b9d1e6a4c05";

    [Fact]
    public async Task Is_answered_by_one_line_a_request_in_their_order()
    {
        using var ledger = await Created();

        var ended = await ledger.Append(
            $$"""{"type":"OrderCreated","data":{},"id":"{{Id}}"}""", """[{"type":"A","data":1},{"type":"B","data":2}]""");

        Assert.Equal(0, ended.ExitCode);
        Assert.Equal("", ended.Errors);
        Assert.Equal(2, ended.Lines.Length);
        Assert.Equal($$"""{"ok":true,"position":"1","versions":{"order-1":"1"},"ids":["{{Id}}"],"repeated":false}""", ended.Lines[0]);
        Assert.StartsWith("""{"ok":true,"position":"3","versions":{"order-1":"3"},"ids":[""", ended.Lines[1]);
        Assert.Equal(2, Parse(ended.Lines[1]).GetProperty("ids").GetArrayLength());
    }

    [Fact]
    public async Task Is_answered_while_the_input_is_still_open()
    {
        using var ledger = await Created();
        await using var append = ledger.Start("events append", "--stream", "order-1");

        await append.Send("""{"type":"A","data":1}""");
        var first = Parse(await append.Receive());
        await append.Send("""{"type":"B","data":2}""");
        var second = Parse(await append.Receive());

        Assert.Equal(("1", "2"), (first.GetProperty("position").GetString(), second.GetProperty("position").GetString()));
        Assert.Equal(0, (await append.Finish()).ExitCode);
    }

    [Fact]
    public async Task Answers_a_repeated_id_with_its_first_position()
    {
        using var ledger = await Created();
        var line = $$"""{"type":"A","data":1,"id":"{{Id}}"}""";

        await ledger.Append(line);
        var ended = await ledger.Append("""{"type":"B","data":2}""", line);

        Assert.Equal(0, ended.ExitCode);
        Assert.Equal($$"""{"ok":true,"position":"1","versions":{"order-1":"1"},"ids":["{{Id}}"],"repeated":true}""", ended.Lines[1]);
    }

    [Theory]
    [InlineData("""{"a" : 1,  "a":1e400}""")]
    [InlineData("\"\\u001b[31m \\ud800 ü ☃\"")]
    [InlineData("[ ]")]
    [InlineData("null")]
    [InlineData("-0.00")]
    public async Task Keeps_data_byte_for_byte(string data)
    {
        using var ledger = await Created();

        var ended = await ledger.Append($$"""{ "data" : {{data}} , "type":"A"}""");

        Assert.Equal(0, ended.ExitCode);
        Assert.EndsWith($$""","contentType":"application/json","data":{{data}}}""", Assert.Single(await ledger.List()));
    }

    [Fact]
    public async Task Keeps_every_field()
    {
        using var ledger = await Created();
        const string Fields =
            """
            "schemaVersion":3,"effectiveAt":"2026-01-02T03:04:05.123456Z","correlationId":"c-1","causationId":"k-1","actor":"ann",
            "traceParent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01","tags":["vendor:V2","day:1"],
            "contentType":"application/vnd.shop+json","data":{"x":1},"headers":{"note":"line\nbreak"}
            """;

        var ended = await ledger.Append(($$"""{"type":"A","id":"{{Id}}",{{Fields}}}""").ReplaceLineEndings(""));

        Assert.Equal(0, ended.ExitCode);
        var listed = Parse(Assert.Single(await ledger.List()));
        foreach (var field in Parse($"{{{Fields}}}").EnumerateObject())
            Assert.Equal(field.Value.GetRawText(), listed.GetProperty(field.Name).GetRawText());
        Assert.Equal(("1", "default", "order-1", "1", "A", Id), (
            listed.GetProperty("position").GetString(), listed.GetProperty("tenant").GetString(), listed.GetProperty("stream").GetString(),
            listed.GetProperty("version").GetString(), listed.GetProperty("type").GetString(), listed.GetProperty("id").GetString()));
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$", listed.GetProperty("recordedAt").GetString());
    }

    [Fact]
    public async Task Takes_a_full_request_with_several_streams_a_condition_and_a_cursor_move()
    {
        using var ledger = await Created();
        const string Request =
            """
            {"writes":[{"stream":"order-7","expect":"none","events":[{"type":"A","data":1}]},
            {"stream":"stock-1","expect":0,"events":[{"type":"B","data":2,"tags":{"sku":"x"}}],"close":true}],
            "condition":{"failIfMatch":{"items":[{"types":["A"],"tags":["sku:x"]}]},"after":0},
            "cursorMoves":[{"consumer":"mailer","expected":"0","next":2,"heldKeys":["k"]}]}
            """;

        var ended = await ledger.Run(Request.ReplaceLineEndings(""), "events append", []);
        var again = await ledger.Run(
            """
            {"cursorMoves":[{"consumer":"mailer","expected":"1","next":2}]}
            {"writes":[{"stream":"stock-1","events":[{"type":"C","data":1}]}]}
            """,
            "events append", []);

        Assert.Equal(0, ended.ExitCode);
        Assert.StartsWith("""{"ok":true,"position":"2","versions":{"order-7":"1","stock-1":"1"},""", ended.Output);
        Assert.Equal(5, again.ExitCode);
        Assert.Equal(
            ["""{"ok":false,"code":"cursor-moved","consumer":"mailer","partition":0,"actual":"2"}""",
                """{"ok":false,"code":"stream-closed","stream":"stock-1"}"""],
            again.Lines);
    }

    [Fact]
    public async Task Keeps_tenants_apart()
    {
        using var ledger = await Created();

        await ledger.Append("""{"type":"A","data":1}""");
        var other = await ledger.Run(
            """{"type":"B","data":1}""", "events append", ["--stream", "order-1", "--expect", "none", "--tenant", "acme"]);

        Assert.Equal(0, other.ExitCode);
        Assert.Equal("A", Parse(Assert.Single(await ledger.List())).GetProperty("type").GetString());
        Assert.Equal("B", Parse(Assert.Single(await ledger.List("--tenant", "acme"))).GetProperty("type").GetString());
        Assert.Equal(2, (await ledger.List("--all-tenants")).Length);
    }

    [Fact]
    public async Task Answers_in_the_order_of_requests_with_many_in_flight()
    {
        using var ledger = await Created();
        var lines = Enumerable.Range(1, 3000).Select(n => n % 7 == 0
            ? $$"""{"writes":[{"stream":"order-1","expect":"none","events":[{"type":"T{{n}}","data":1}]}]}"""
            : $$"""{"type":"T{{n}}","data":{{n}}}""");

        var ended = await ledger.Run(string.Join('\n', lines), "events append", ["--stream", "order-1", "--pipeline", "64"]);

        Assert.Equal(5, ended.ExitCode);
        Assert.Equal(3000, ended.Lines.Length);
        var types = (await ledger.List()).Select(line => Parse(line).GetProperty("type").GetString()).ToArray();
        for (var n = 1; n <= 3000; n++)
        {
            var answer = Parse(ended.Lines[n - 1]);
            Assert.Equal(n % 7 != 0, answer.GetProperty("ok").GetBoolean());
            if (n % 7 != 0)
                Assert.Equal($"T{n}", types[int.Parse(answer.GetProperty("position").GetString()!) - 1]);
        }
    }
}
