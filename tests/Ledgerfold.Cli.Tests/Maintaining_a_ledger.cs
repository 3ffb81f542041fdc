using static Ledgerfold.Cli.Tests.LedgerInDirectory;

namespace Ledgerfold.Cli.Tests;

public sealed class Maintaining_a_ledger
{
    [Fact]
    public async Task Creates_one_in_an_empty_directory_only()
    {
        using var ledger = Empty();
        Directory.CreateDirectory(ledger.Data);
        await File.WriteAllTextAsync(Path.Combine(ledger.Data, "mine.txt"), "precious", TestContext.Current.CancellationToken);

        var refused = await ledger.Run("ledger create");
        File.Delete(Path.Combine(ledger.Data, "mine.txt"));
        var created = await ledger.Run("ledger create");
        var again = await ledger.Run("ledger create");

        Assert.Equal([5, 0, 5], [refused.ExitCode, created.ExitCode, again.ExitCode]);
        Assert.StartsWith("not-empty: ", refused.Errors);
        Assert.Equal("", refused.Output + created.Output + again.Output);
    }

    [Fact]
    public async Task Finds_no_ledger_where_there_is_none_and_makes_none()
    {
        using var ledger = Empty();

        string[] verbs =
        [
            "events append", "events list", "ledger verify", "ledger stat", "ledger rebuild-index",
            "ledger repair --accept-tail-loss --reason x",
        ];
        foreach (var verb in verbs)
        {
            var ended = await ledger.Run(verb);
            Assert.Equal((3, "", true), (ended.ExitCode, ended.Output, ended.Errors.Contains("not-a-ledger: ")));
        }

        Assert.False(Directory.Exists(ledger.Data));
    }

    [Fact]
    public async Task Counts_what_it_holds()
    {
        using var ledger = await Created();
        await ledger.Append("""{"type":"A","data":1}""", """{"writes":[{"stream":"order-2","events":[{"type":"B","data":1}]}]}""");

        var json = Parse(Assert.Single((await ledger.Run("ledger stat", "--json")).Lines));
        var people = await ledger.Run("ledger stat");

        Assert.Equal(("2", 2, 1, 1, 2), (
            json.GetProperty("head").GetString(), json.GetProperty("streams").GetInt32(), json.GetProperty("segments").GetInt32(),
            json.GetProperty("format").GetInt32(), json.GetProperty("epoch").GetInt32()));
        Assert.True(json.GetProperty("bytes").GetProperty("log").GetInt64() > 0);
        Assert.Matches("(?m)^head +2$", people.Output);
    }

    [Fact]
    public async Task Backs_up_beside_a_writer_a_prefix_that_opens()
    {
        using var ledger = await Created();
        await using var append = ledger.Start("events append", "--stream", "order-1", "--pipeline", "8");
        for (var n = 0; n < 50; n++)
            await append.Send($$"""{"type":"T{{n}}","data":1}""");
        for (var n = 0; n < 50; n++)
            await append.Receive();

        var backup = await ledger.Run("ledger backup", "--to", ledger.Beside("copy"), "--json");
        await append.Send("""{"type":"Later","data":1}""");
        Assert.Equal(0, (await append.Finish()).ExitCode);
        var again = await ledger.Run("ledger backup", "--to", ledger.Beside("copy"));

        Assert.Equal(0, backup.ExitCode);
        Assert.Equal(5, again.ExitCode);
        var head = int.Parse(Parse(Assert.Single(backup.Lines)).GetProperty("head").GetString()!);
        var copy = await RunningProgram.Run("", "events", "list", "--data", ledger.Beside("copy"), "--json");
        Assert.Equal((await ledger.List()).Take(head), copy.Lines);
        var verified = await RunningProgram.Run("", "ledger", "verify", "--data", ledger.Beside("copy"));
        Assert.Equal(0, verified.ExitCode);
        var further = await RunningProgram.Run(
            """{"type":"Other","data":1}""", "events", "append", "--data", ledger.Beside("copy"), "--stream", "order-2");
        Assert.Equal((0, $"{head + 1}"), (further.ExitCode, Parse(Assert.Single(further.Lines)).GetProperty("position").GetString()));
    }

    [Fact]
    public async Task Rebuilds_the_index_from_the_log()
    {
        using var ledger = await Created();
        for (var generation = 0; generation < 2; generation++)
        {
            await using var append = ledger.Start("events append", "--stream", "order-1");
            await append.Send("""{"type":"A","data":1,"tags":["sku:x"]}""");
            await append.Receive();
            await append.Murder(); // the next writer seals this segment and begins another
        }

        await ledger.Append("""{"type":"B","data":1}""");
        foreach (var run in Directory.GetFiles(ledger.Data, "index-*"))
            File.WriteAllBytes(run, new byte[100]);

        var rebuilt = await ledger.Run("ledger rebuild-index", "--json");
        var verified = await ledger.Run("ledger verify");

        Assert.Equal(0, rebuilt.ExitCode);
        Assert.True(Parse(Assert.Single(rebuilt.Lines)).GetProperty("indexedSegments").GetInt32() > 0);
        Assert.Equal(0, verified.ExitCode);
        Assert.Equal(2, (await ledger.List("--tag", "sku:x")).Length);
    }
}
