using static Ledgerfold.Cli.Tests.LedgerInDirectory;

namespace Ledgerfold.Cli.Tests;

public sealed class Moving_events
{
    private static readonly string[] Three =
    [
        """{"type":"OrderCreated","data":{"total": "12.30"},"tags":["vendor:V2"],"headers":{"note":"a"}}""",
        """{"type":"OrderPaid","data":1e400,"actor":"ann"}""",
        """{"type":"Scanned","dataBase64":"AP8="}""",
    ];

    [Fact]
    public async Task Come_into_another_directory_as_they_were_and_are_verified_there()
    {
        using var first = await Created();
        using var second = await Created();
        await first.Append(Three);
        var file = first.Beside("events.ndjson");

        var exported = await first.Run("events export", "--to", file, "--json");
        var imported = await second.Run("events import", "--from", file, "--json");
        var again = await second.Run("events import", "--from", file);
        var verified = await second.Run("events verify", "--from", file, "--json");

        Assert.Equal([0, 0, 0, 0], [exported.ExitCode, imported.ExitCode, again.ExitCode, verified.ExitCode]);
        var report = Parse(Assert.Single(exported.Lines));
        Assert.Equal(("0", "3", 3, new FileInfo(file).Length), (
            report.GetProperty("after").GetString(), report.GetProperty("through").GetString(), report.GetProperty("events").GetInt32(), report.GetProperty("bytes").GetInt64()));
        Assert.Equal(
            """{"ok":true,"appended":3,"found":0,"passedOver":0,"erased":0,"verified":{"same":true,"events":3,"equal":3,"missing":0,"different":0,"erased":0,"differences":[]}}""",
            Assert.Single(imported.Lines));
        Assert.Equal(
            [
                "imported: 0 events; 0 stood there already, 3 were done by an earlier run, 0 are erased and left out",
                "verified: of 3 events 3 are the same, 0 are missing, 0 are different, 0 are erased in the file",
            ],
            again.Lines);
        Assert.True(Parse(Assert.Single(verified.Lines)).GetProperty("same").GetBoolean());
        var (was, now) = (await first.List(), await second.List());
        foreach (var name in (string[])["id", "stream", "version", "type", "data", "dataBase64", "contentType", "tags", "actor"])
            Assert.Equal(was.Select(line => Raw(line, name)), now.Select(line => Raw(line, name)));
        Assert.Contains("ledgerfold-recorded-at", Raw(now[0], "headers"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Go_through_a_pipe_and_only_those_asked_for()
    {
        using var first = await Created();
        using var second = await Created();
        await first.Append(Three);

        var exported = await first.Run("events export", "--type", "OrderPaid", "--after", "1");
        var imported = await second.Run(exported.Output, "events import", ["--tenant", "moved"]);

        Assert.Equal((0, ""), (exported.ExitCode, exported.Errors));
        Assert.Equal(3, exported.Lines.Length);
        Assert.Equal(0, imported.ExitCode);
        Assert.StartsWith("imported: 1 events", Assert.Single(imported.Lines), StringComparison.Ordinal);
        Assert.Equal("\"OrderPaid\"", Raw(Assert.Single(await second.List("--tenant", "moved")), "type"));
    }

    [Fact]
    public async Task End_with_a_code_for_what_is_wrong()
    {
        using var ledger = await Created();
        await ledger.Append(Three);
        var file = ledger.Beside("events.ndjson");
        await ledger.Run("events export", "--to", file);
        var whole = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        var cut = await FileOf("cut", whole[..^5]);
        var nonsense = await FileOf("nonsense", "nonsense\n"u8.ToArray());
        var other = await FileOf("other", """{"specversion":"1.0","id":"1","source":"/a","type":"A","subject":"order-1"}"""u8.ToArray());

        var exists = await ledger.Run("events export", "--to", file);
        var undirected = await ledger.Run("events export", "--json");
        var unnamed = await ledger.Run("events export", "--stream", "nonsense");
        var missing = await ledger.Run("events import", "--from", ledger.Beside("nowhere"));
        var refused = await ledger.Run("events import", "--from", nonsense, "--json");
        var damaged = await ledger.Run("events import", "--from", cut);
        var damagedPipe = await RunningProgram.Run(whole[..^5], "events", "import", "--data", ledger.Data);
        var conflict = await ledger.Run("events import", "--from", other, "--json");
        var different = await ledger.Run("events verify", "--from", other);
        var unsound = await ledger.Run("events verify", "--from", cut);

        Assert.Equal([5, 2, 2, 3], [exists.ExitCode, undirected.ExitCode, unnamed.ExitCode, missing.ExitCode]);
        Assert.Equal([1, 6, 6, 5, 6, 6], [refused.ExitCode, damaged.ExitCode, damagedPipe.ExitCode, conflict.ExitCode, different.ExitCode, unsound.ExitCode]);
        Assert.Contains(""" "code":"refused","line":1,"field":"","rule":"one JSON object""".TrimStart(), refused.Output, StringComparison.Ordinal);
        Assert.Contains("refused: line 5: the file ends in the midst of this line", damaged.Errors, StringComparison.Ordinal);
        Assert.Equal("\"other-events\"", Raw(Assert.Single(conflict.Lines), "code"));
        Assert.Contains("line 1: ", different.Output, StringComparison.Ordinal);
        Assert.Equal(3, (await ledger.List()).Length);

        async Task<string> FileOf(string name, byte[] bytes)
        {
            await File.WriteAllBytesAsync(ledger.Beside(name), bytes, TestContext.Current.CancellationToken);
            return ledger.Beside(name);
        }
    }

    private static string Raw(string line, string name) => Parse(line).TryGetProperty(name, out var value) ? value.GetRawText() : "";
}
