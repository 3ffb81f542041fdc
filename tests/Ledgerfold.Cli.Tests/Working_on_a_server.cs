using System.Text.Json.Nodes;

namespace Ledgerfold.Cli.Tests;

public sealed class Working_on_a_server
{
    private const string Id = "0198c1f0-7b1e-7c7d-8f3a-2b9d1e6a4c05";

    [Fact]
    public async Task Is_answered_as_without_one()
    {
        await using var server = await ServerInDirectory.Start();
        await Fill(server);
        var first = await FirstPosition(server);
        string[][] questions =
        [
            ["events list"],
            ["events list", "--category", "order", "--limit", "2"],
            ["events list", "--backward", "--after", $"{first}", "--limit", "2"],
            ["events list", "--type", "Created", "--type", "Paid", "--tag", "vendor:V 2"],
            ["events list", "--before", $"{first + 2}"],
            ["events list", "--stream", "mail-1%é?"],
            ["events list", "--tenant", "other"],
            ["events show", "--id", Id],
            ["streams show", "--stream", "order-1"],
            ["streams show", "--stream", "mail-1%é?"],
            ["correlations show", "c 1"],
            ["correlations show", "c 1", "--after", $"{first + 1}"],
        ];
        foreach (string[] question in questions)
        {
            var online = await server.Run(question[0], [.. question[1..], "--json"]);
            var offline = await server.RunOnDirectory(question[0], [.. question[1..], "--json"]);

            Assert.Equal((0, 0), (online.ExitCode, offline.ExitCode));
            Assert.Equal(offline.Lines.Length, online.Lines.Length);
            Assert.All(offline.Lines.Zip(online.Lines), static pair => Assert.True(
                JsonNode.DeepEquals(JsonNode.Parse(pair.First), JsonNode.Parse(pair.Second)), $"{pair.First}\n{pair.Second}"));
            var table = await server.Run(question[0], question[1..]);
            if (question[0] is "events list" or "correlations show")
                Assert.Equal((await server.RunOnDirectory(question[0], question[1..])).Output, table.Output);
        }
    }

    [Fact]
    public async Task Appends_line_by_line()
    {
        await using var server = await ServerInDirectory.Start();

        var ended = await server.Send(
            """
            {"type":"A","data":1}
            [{"type":"B","data":1},{"type":"C","data":1}]
            no event
            {"writes":[{"stream":"order-2","expect":"3","events":[{"type":"A","data":1}]}]}
            {"writes":[{"stream":"order-2","expect":"none","events":[{"type":"A","data":1}]}]}
            """,
            "events append", "--stream", "order-1");

        Assert.Equal((1, 5), (ended.ExitCode, ended.Lines.Length));
        Assert.Equal(["true", "true", "false", "false", "true"], ended.Lines.Select(static line => JsonNode.Parse(line)!["ok"]!.ToJsonString()));
        var wrong = JsonNode.Parse(ended.Lines[3])!;
        Assert.Equal(("wrong-version", "order-2", "3", "0"), ((string?)wrong["code"], (string?)wrong["stream"], (string?)wrong["expected"], (string?)wrong["actual"]));
        Assert.Equal(3 + long.Parse((string)JsonNode.Parse(ended.Lines[0])!["position"]!), long.Parse((string)JsonNode.Parse(ended.Lines[4])!["position"]!));
    }

    [Fact]
    public async Task Expects_a_version()
    {
        await using var server = await ServerInDirectory.Start();
        const string Line = """{"type":"A","data":1}""";

        int[] codes =
        [
            (await server.Send(Line, "events append", "--stream", "order-1", "--expect", "none")).ExitCode,
            (await server.Send(Line, "events append", "--stream", "order-1", "--expect", "none")).ExitCode,
            (await server.Send(Line, "events append", "--stream", "order-1", "--expect", "1")).ExitCode,
            (await server.Send(Line, "events append", "--stream", "order-1", "--expect", "1")).ExitCode,
        ];

        Assert.Equal([0, 5, 0, 5], codes);
    }

    [Fact]
    public async Task Says_that_an_answer_was_lost_and_goes_on()
    {
        await using var server = await ServerInDirectory.Start();
        await using var program = server.Begin("events append", "--stream", "order-1");
        await program.Send("""{"type":"A","data":1}""");
        await program.Receive();
        await server.Murder();
        await program.Send("""{"type":"B","data":1}""");

        Assert.Equal("unreachable", (string?)JsonNode.Parse(await program.Receive())!["code"]);
        await server.Restart(alreadyDead: true);
        await program.Send("""{"type":"C","data":1}""");
        Assert.Equal("true", JsonNode.Parse(await program.Receive())!["ok"]!.ToJsonString());
        Assert.Equal(1, (await program.Finish()).ExitCode);
    }

    [Fact]
    public async Task Follows_over_a_restart_and_misses_nothing()
    {
        await using var server = await ServerInDirectory.Start();
        await Fill(server);
        var first = await FirstPosition(server);
        await using var program = server.Begin("events list", "--follow", "--json", "--after", $"{first}", "--limit", "5");
        List<long> positions = [];
        for (var n = 0; n < 3; n++)
            positions.Add(long.Parse((string)JsonNode.Parse(await program.Receive())!["position"]!));

        await server.Restart();
        await server.Send("""[{"type":"A","data":1},{"type":"B","data":2}]""", "events append", "--stream", "order-9");
        for (var n = 0; n < 2; n++)
            positions.Add(long.Parse((string)JsonNode.Parse(await program.Receive())!["position"]!));

        Assert.Equal(positions[..3].Concat([positions[2] + 1, positions[2] + 2]), positions);
        Assert.Equal([first + 1, first + 2, first + 3], positions[..3]);
        Assert.Equal(0, (await program.WaitForEnd()).ExitCode);
    }

    [Theory]
    [InlineData(3, "streams show", "--stream", "order-77")]
    [InlineData(3, "streams state", "--stream", "thing-1")]
    [InlineData(3, "correlations show", "nothing")]
    [InlineData(3, "projections show", "nothing")]
    [InlineData(3, "projections rebuild", "nothing", "--reason", "x", "--yes")]
    [InlineData(2, "projections rebuild", "nothing", "--reason", "x")]
    [InlineData(2, "projections rebuild", "nothing", "--yes")]
    [InlineData(3, "processes show", "nothing", "../../events")]
    [InlineData(3, "operations show", Id)]
    [InlineData(2, "events list", "--all-tenants")]
    [InlineData(2, "events list", "--data", "x")]
    [InlineData(2, "streams list", "--category", "*")]
    [InlineData(2, "roles define", "clerk", "--permission", "write * *")]
    [InlineData(3, "users disable", "nobody")]
    [InlineData(5, "users disable", "ann")]
    public async Task Ends_as_the_server_answers(int exitCode, string verb, params string[] more)
    {
        await using var server = await ServerInDirectory.Start();

        var ended = await server.Run(verb, more);

        Assert.Equal((exitCode, ""), (ended.ExitCode, ended.Output));
        Assert.NotEmpty(ended.Errors);
        Assert.DoesNotContain("   at ", ended.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Says_who_may_do_what()
    {
        await using var server = await ServerInDirectory.Start();

        foreach (var (verb, more) in (IEnumerable<(string, string[])>)
                 [
                     ("users create", ["ben"]),
                     ("roles define", ["clerk", "--permission", "read acme order", "--permission", "readPayload acme", "--permission", "deny read acme salary"]),
                     ("grants add", ["ben", "clerk", "--in", "acme"]),
                 ])
            Assert.Equal(0, (await server.Run(verb, more)).ExitCode);
        Assert.Equal(0, (await server.Send("another long password\n", "users set-password", "ben")).ExitCode);
        var key = JsonNode.Parse((await server.Run("keys create", "--label", "x", "--user", "ben", "--scope", "read", "--json")).Output)!;

        Assert.Equal("""{"user":"ben","role":"clerk","tenant":"acme","category":"*"}""", Assert.Single((await server.Run("grants list", "--user", "ben", "--json")).Lines));
        Assert.Equal(2, (await server.Run("users list", "--json")).Lines.Length);
        var limited = await RunningProgram.RunWithKey((string)key["key"]!, "", ["events", "list", "--stream", "salary-1", "--tenant", "acme", "--server", server.Address]);
        Assert.Equal((4, ""), (limited.ExitCode, limited.Output));
        Assert.StartsWith("forbidden: ", limited.Errors, StringComparison.Ordinal);
        var allowed = await RunningProgram.RunWithKey((string)key["key"]!, "", ["events", "list", "--stream", "order-1", "--tenant", "acme", "--server", server.Address]);
        Assert.Equal(0, allowed.ExitCode);
        Assert.Equal(0, (await server.Run("keys revoke", (string)key["id"]!)).ExitCode);
        Assert.Equal(4, (await RunningProgram.RunWithKey((string)key["key"]!, "", ["access", "show", "--server", server.Address])).ExitCode);
    }

    private static async Task<long> FirstPosition(ServerInDirectory server) =>
        long.Parse((string)JsonNode.Parse((await server.Run("events list", "--limit", "1", "--json")).Lines[0])!["position"]!);

    private static async Task Fill(ServerInDirectory server)
    {
        var appended = await server.Send(
            $$"""
            {"writes":[{"stream":"order-1","events":[{"type":"Created","data":{"a": [1,2.50]},"correlationId":"c 1","id":"{{Id}}","tags":["vendor:V 2"] }]}]}
            {"writes":[{"stream":"order-1","events":[{"type":"Paid","data":"<é>","correlationId":"c 1","causationId":"{{Id}}","headers":{"h":"x"} }]}]}
            {"writes":[{"stream":"mail-1%é?","events":[{"type":"Mailed","dataBase64":"AAEC","correlationId":"c 1","causationId":"elsewhere"}]}]}
            {"writes":[{"stream":"order-2","events":[{"type":"Created","data":1,"effectiveAt":"2026-01-31T12:00:00Z"}],"close":true}]}
            """,
            "events append");
        Assert.True(appended is { ExitCode: 0, Lines.Length: 4 }, appended.Output + appended.Errors);
    }
}
