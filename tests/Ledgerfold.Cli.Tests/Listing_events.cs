using static Ledgerfold.Cli.Tests.LedgerInDirectory;

namespace Ledgerfold.Cli.Tests;

public sealed class Listing_events
{
    [Theory]
    [InlineData("1 2 3 4")]
    [InlineData("2 4", "--stream", "order-2")]
    [InlineData("1 2 4", "--category", "order")]
    [InlineData("1 3", "--type", "A", "--type", "C")]
    [InlineData("2", "--tag", "day:1", "--tag", "sku:x")]
    [InlineData("2 3", "--tag", "correlation:c-1")]
    [InlineData("3 4", "--after", "2")]
    [InlineData("1 2", "--before", "3")]
    [InlineData("4 3", "--backward", "--limit", "2")]
    [InlineData("", "--stream", "order-9")]
    [InlineData("", "--limit", "0")]
    public async Task Shows_what_is_asked_for(string positions, params string[] options)
    {
        using var ledger = await Created();
        var appended = await ledger.Run(
            """
            {"writes":[{"stream":"order-1","events":[{"type":"A","data":1,"tags":["day:1"]}]}]}
            {"writes":[{"stream":"order-2","events":[{"type":"B","data":1,"tags":["day:1","sku:x"],"correlationId":"c-1"}]}]}
            {"writes":[{"stream":"stock-1","events":[{"type":"C","data":1,"correlationId":"c-1"}]}]}
            {"writes":[{"stream":"order-2","events":[{"type":"D","data":1,"tags":["sku:x"]}]}]}
            """,
            "events append", []);
        Assert.Equal(0, appended.ExitCode);

        var listed = await ledger.List(options);

        Assert.Equal(positions, string.Join(' ', listed.Select(line => Parse(line).GetProperty("position").GetString())));
    }

    [Fact]
    public async Task Is_a_table_for_people()
    {
        using var ledger = await Created();
        await ledger.Append($$$"""{"type":"OrderCreated","data":{"text":"{{{new string('x', 500)}}}"}}""", """{"type":"B","data":1}""");

        var ended = await ledger.Run("events list");

        Assert.Equal((0, ""), (ended.ExitCode, ended.Errors));
        Assert.Matches("^POSITION +TIME +STREAM +VERSION +TYPE +DATA$", ended.Lines[0]);
        Assert.Matches(@"^ +1  \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}Z  order-1 +1  OrderCreated  \{""text"":""x+…$", ended.Lines[1]);
        Assert.All(ended.Lines, line => Assert.True(line.Length <= 160));
        Assert.DoesNotContain('\u001b', ended.Output);
    }

    [Fact]
    public async Task Shows_no_control_character_of_an_event_in_the_table()
    {
        using var ledger = await Created();
        var data = Convert.ToBase64String("\u001b[2J\u009b31m\u202e\r\n\0"u8);
        await ledger.Append($$"""{"type":"x\u202ey","dataBase64":"{{data}}"}""", """{"type":"B","data":"]0;"}""");

        var ended = await ledger.Run("events list");

        Assert.Equal(0, ended.ExitCode);
        Assert.DoesNotContain(ended.Output, character => character != '\n' && (char.IsControl(character) || character == '\u202e'));
        Assert.Contains(@"x\u202ey", ended.Output);
    }

    [Fact]
    public async Task Gives_the_exact_bytes_of_data_that_is_no_json_on_one_line()
    {
        using var ledger = await Created();
        var broken = Convert.ToBase64String("{\r\n \"a\" : [1,\n1e400]}"u8);
        await ledger.Append(
            """{"type":"A","dataBase64":"AAEC"}""", $$"""{"type":"B","contentType":"application/json","dataBase64":"{{broken}}"}""",
            """{"type":"C","contentType":"application/json","dataBase64":"e30="}""",
            """{"type":"D","contentType":"application/json","dataBase64":"ew=="}""");

        var lines = await ledger.List();

        Assert.Equal(4, lines.Length);
        Assert.EndsWith(""","contentType":"application/octet-stream","dataBase64":"AAEC"}""", lines[0]);
        Assert.EndsWith($$""","data":{   "a" : [1, 1e400]},"dataBase64":"{{broken}}"}""", lines[1]);
        Assert.EndsWith(""","data":{}}""", lines[2]);
        Assert.EndsWith(""","contentType":"application/json","dataBase64":"ew=="}""", lines[3]);
    }

    [Fact]
    public async Task Gives_lines_that_another_ledger_takes_as_they_are()
    {
        using var ledger = await Created();
        using var copy = await Created();
        var broken = Convert.ToBase64String("{\n}"u8);
        await ledger.Append(
            """{"type":"A","data":{"a" : 1},"tags":["b:1"],"headers":{"h":"x"},"effectiveAt":"2026-01-01T00:00:00Z"}""",
            $$"""{"type":"B","contentType":"application/json","dataBase64":"{{broken}}"}""");
        var lines = await ledger.List();

        var ended = await copy.Append(lines);

        Assert.Equal(0, ended.ExitCode);
        Assert.Equal(lines.Select(WithoutTime), (await copy.List()).Select(WithoutTime));

        static string WithoutTime(string line) => line.Replace(Parse(line).GetProperty("recordedAt").GetString()!, "");
    }

    [Fact]
    public async Task Shows_one_event_by_its_id_and_where_a_stream_stands()
    {
        using var ledger = await Created();
        const string Id = "0198c1f0-7b1e-7c7d-8f3a-2b9d1e6a4c05";
        await ledger.Append($$"""{"type":"A","data":1,"id":"{{Id}}"}""");

        var shown = await ledger.Run("events show", "--id", Id, "--json");
        var stream = await ledger.Run("streams show", "--stream", "order-1", "--json");
        var people = await ledger.Run("events show", "--id", Id);
        var noEvent = await ledger.Run("events show", "--id", "0198c1f0-7b1e-7c7d-8f3a-2b9d1e6a4c06");
        var noStream = await ledger.Run("streams show", "--stream", "order-2");

        Assert.Equal(await ledger.List(), shown.Lines);
        Assert.StartsWith("""{"stream":"order-1","version":"1","closed":false,"tenant":"default","first":{""", Assert.Single(stream.Lines));
        Assert.Matches(@"(?m)^type +A$", people.Output);
        Assert.Equal((3, ""), (noEvent.ExitCode, noEvent.Output));
        Assert.Equal((3, ""), (noStream.ExitCode, noStream.Output));
    }

    [Fact]
    public async Task Ends_quietly_when_its_reader_has_enough()
    {
        using var ledger = await Created();
        var data = new string('x', 900);
        var lines = Enumerable.Range(0, 2000).Select(_ => $$"""{"type":"A","data":"{{data}}"}""");
        await ledger.Run(string.Join('\n', lines), "events append", ["--stream", "order-1", "--pipeline", "500"]);
        await using var list = ledger.Start("events list", "--json");

        await list.Receive();
        list.CloseOutput();

        Assert.Equal((0, ""), (await list.WaitForExitCode(), (await list.WaitForEnd("")).Errors));
    }
}
