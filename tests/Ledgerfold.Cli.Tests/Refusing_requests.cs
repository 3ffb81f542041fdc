using System.Text;
using static Ledgerfold.Cli.Tests.LedgerInDirectory;

namespace Ledgerfold.Cli.Tests;

public sealed class Refusing_requests
{
    [Fact]
    public async Task Answers_in_their_place_and_goes_on()
    {
        using var ledger = await Created();

        var ended = await ledger.Append(
            """{"type":"A","data":1}""", """{"type":"B" "data":1}""", "", "   \r", """{"type":"","data":1}""", """{"type":"C","data":1}""");

        Assert.Equal(1, ended.ExitCode);
        Assert.Equal(["True", "False", "False", "True"], ended.Lines.Select(line => Parse(line).GetProperty("ok").GetBoolean().ToString()));
        Assert.StartsWith("""{"ok":false,"code":"refused","field":"","rule":"one JSON value in a line; at byte 12 """, ended.Lines[1]);
        Assert.StartsWith("""{"ok":false,"code":"refused","field":"writes[0].events[0].type","rule":"1 to 512 bytes""", ended.Lines[2]);
        Assert.Equal(2, (await ledger.List()).Length);
    }

    [Fact]
    public async Task Ends_with_5_where_all_that_failed_were_conflicts()
    {
        using var ledger = await Created();

        await ledger.Append("""{"type":"A","data":1}""");
        var ended = await ledger.Run("""{"type":"B","data":1}""", "events append", ["--stream", "order-1", "--expect", "7"]);

        Assert.Equal(5, ended.ExitCode);
        Assert.Equal("""{"ok":false,"code":"wrong-version","stream":"order-1","expected":"7","actual":"1"}""", Assert.Single(ended.Lines));
    }

    [Fact]
    public async Task Ends_with_1_where_anything_else_failed_too()
    {
        using var ledger = await Created();

        var ended = await ledger.Run(
            "{\"type\":\"A\",\"data\":1}\n{}", "events append", ["--stream", "order-1", "--expect", "7"]);

        Assert.Equal(1, ended.ExitCode);
        Assert.Equal(["wrong-version", "refused"], ended.Lines.Select(line => Parse(line).GetProperty("code").GetString()));
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("order-..\\..")]
    [InlineData("order-\u001b[2J")]
    [InlineData("Order-1")]
    [InlineData("order")]
    [InlineData("")]
    public async Task Refuses_a_hostile_stream_and_changes_nothing(string stream)
    {
        using var ledger = await Created();
        var before = Directory.GetFiles(ledger.Beside(""), "*", SearchOption.AllDirectories);

        var ended = await ledger.Run("""{"type":"A","data":1}""", "events append", ["--stream", stream]);

        Assert.Equal(1, ended.ExitCode);
        Assert.Equal("writes[0].stream", Parse(Assert.Single(ended.Lines)).GetProperty("field").GetString());
        Assert.Empty(await ledger.List());
        Assert.Equal(before.Length, Directory.GetFiles(ledger.Beside(""), "*", SearchOption.AllDirectories).Length);
    }

    [Fact]
    public async Task Refuses_a_line_beyond_the_bound_and_reads_the_next()
    {
        using var ledger = await Created();
        var huge = $$"""{"type":"A","data":"{{new string('x', 17 * 1024 * 1024)}}"}""";
        var large = $$"""{"type":"A","data":"{{new string('x', 2 * 1024 * 1024)}}"}""";

        var ended = await ledger.Append(huge, large, """{"type":"B","data":1}""");

        Assert.Equal(1, ended.ExitCode);
        Assert.Equal("""{"ok":false,"code":"refused","field":"","rule":"a line of at most 16777216 bytes"}""", ended.Lines[0]);
        Assert.StartsWith("""{"ok":false,"code":"refused","field":"writes[0].events[0]","rule":"at most 1048576 bytes""", ended.Lines[1]);
        Assert.Equal("1", Parse(ended.Lines[2]).GetProperty("position").GetString());
    }

    [Fact]
    public async Task Refuses_invalid_utf8()
    {
        using var ledger = await Created();

        var ended = await RunningProgram.Run(
            [.. "{\"type\":\"A\",\"data\":\""u8, 0xFF, .. "\"}"u8], "events", "append", "--data", ledger.Data, "--stream", "order-1");

        Assert.Equal(1, ended.ExitCode);
        Assert.Equal("""{"ok":false,"code":"refused","field":"","rule":"a line of valid UTF-8"}""", Assert.Single(ended.Lines));
    }

    [Fact]
    public async Task Tells_of_an_id_that_says_something_else()
    {
        using var ledger = await Created();
        const string Id = "0198c1f0-7b1e-7c7d-8f3a-2b9d1e6a4c05";

        var ended = await ledger.Append(
            $$"""{"type":"A","data":1,"id":"{{Id}}"}""", $$"""{"type":"A","data":2,"id":"{{Id}}"}""",
            $$"""[{"type":"A","data":1,"id":"{{Id}}"},{"type":"B","data":1}]""");

        Assert.Equal(5, ended.ExitCode);
        Assert.Equal($$"""{"ok":false,"code":"id-conflict","id":"{{Id}}","position":"1"}""", ended.Lines[1]);
        Assert.Equal("mixed-repeat", Parse(ended.Lines[2]).GetProperty("code").GetString());
    }

    [Fact]
    public async Task Tells_of_the_event_that_fails_a_condition()
    {
        using var ledger = await Created();
        const string Conditional =
            """
            {"writes":[{"stream":"order-2","events":[{"type":"B","data":1}]}],
            "condition":{"failIfMatch":{"items":[{"tags":{"sku":"x"}}]},"after":"AFTER"}}
            """;

        var ended = await ledger.Append(
            """{"type":"A","data":1,"tags":["sku:x"]}""", After(0), After(1), After(99));

        Assert.Equal(1, ended.ExitCode);
        Assert.Equal("""{"ok":false,"code":"condition-failed","position":"1"}""", ended.Lines[1]);
        Assert.True(Parse(ended.Lines[2]).GetProperty("ok").GetBoolean());
        Assert.Equal(("refused", "condition.after"), (
            Parse(ended.Lines[3]).GetProperty("code").GetString(), Parse(ended.Lines[3]).GetProperty("field").GetString()));

        static string After(int position) => Conditional.ReplaceLineEndings("").Replace("AFTER", $"{position}");
    }

    [Fact]
    public async Task Needs_a_stream_for_the_short_forms()
    {
        using var ledger = await Created();

        var ended = await ledger.Run("""{"type":"A","data":1}""", "events append", []);

        Assert.Equal(1, ended.ExitCode);
        Assert.Equal("writes[0].stream", Parse(Assert.Single(ended.Lines)).GetProperty("field").GetString());
    }

    [Fact]
    public async Task Is_locked_out_while_another_appends()
    {
        using var ledger = await Created();
        await using var first = ledger.Start("events append", "--stream", "order-1");
        await first.Send("""{"type":"A","data":1}""");
        await first.Receive();

        var second = await ledger.Append("""{"type":"B","data":1}""");

        Assert.Equal((5, ""), (second.ExitCode, second.Output));
        Assert.StartsWith("locked: ", second.Errors);
        Assert.Equal(0, (await first.Finish(Encoding.UTF8.GetBytes("""{"type":"C","data":1}"""))).ExitCode);
    }
}
