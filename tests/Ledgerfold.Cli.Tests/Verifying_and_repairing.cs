using static Ledgerfold.Cli.Tests.LedgerInDirectory;

namespace Ledgerfold.Cli.Tests;

public sealed class Verifying_and_repairing
{
    [Fact]
    public async Task Names_segment_offset_position_and_what_is_readable_when_one_bit_has_flipped()
    {
        using var ledger = await Created();
        await ledger.Append("""{"type":"A","data":"first"}""", """{"type":"B","data":"second"}""", """{"type":"C","data":"third"}""");
        ledger.FlipBit(bytes => bytes.AsSpan().IndexOf("second"u8));

        var people = await ledger.Run("ledger verify");
        var json = await ledger.Run("ledger verify", "--json");

        Assert.Equal((6, 6), (people.ExitCode, json.ExitCode));
        Assert.StartsWith("damaged: 1 problem", people.Output);
        Assert.Matches($@"(?m)^{Path.GetFileName(ledger.Segment)} +[1-9]\d* +2  ", people.Output);
        Assert.Contains("readable positions: 1-1, 3-3", people.Output);
        var report = Parse(Assert.Single(json.Lines));
        Assert.False(report.GetProperty("sound").GetBoolean());
        var problem = Assert.Single(report.GetProperty("problems").EnumerateArray());
        Assert.Equal((Path.GetFileName(ledger.Segment), "2"), (
            problem.GetProperty("file").GetString(), problem.GetProperty("position").GetString()));
        Assert.Equal("""[{"from":"1","through":"1"},{"from":"3","through":"3"}]""", report.GetProperty("readable").GetRawText());
    }

    [Fact]
    public async Task Reads_up_to_the_damage_and_takes_no_writes()
    {
        using var ledger = await Created();
        await ledger.Append("""{"type":"A","data":"first"}""", """{"type":"B","data":"second"}""", """{"type":"C","data":"third"}""");
        ledger.FlipBit(bytes => bytes.AsSpan().IndexOf("second"u8));

        var listed = await ledger.Run("events list", "--json");
        var behind = await ledger.List("--after", "2");
        var appended = await ledger.Append("""{"type":"D","data":1}""");
        var repaired = await ledger.Run("ledger repair", "--accept-tail-loss", "--reason", "a test");

        Assert.Equal((6, "1"), (listed.ExitCode, Parse(Assert.Single(listed.Lines)).GetProperty("position").GetString()));
        Assert.Equal("3", Parse(Assert.Single(behind)).GetProperty("position").GetString());
        Assert.Equal((1, ""), (appended.ExitCode, appended.Output));
        Assert.StartsWith("damaged: ", appended.Errors);
        Assert.Equal((6, ""), (repaired.ExitCode, repaired.Output));
    }

    [Fact]
    public async Task Waits_for_an_operator_to_accept_the_loss_of_a_suspect_end()
    {
        using var ledger = await Created();
        await ledger.Append("""{"type":"A","data":1}""", """{"type":"B","data":1}""");
        ledger.FlipBit(bytes => bytes.AsSpan().LastIndexOfAnyExcept((byte)0));

        var refused = await ledger.Append("""{"type":"C","data":1}""");
        var verified = await ledger.Run("ledger verify");
        var unasked = await ledger.Run("ledger repair", "--reason", "a test");
        var unexplained = await ledger.Run("ledger repair", "--accept-tail-loss");
        var repaired = await ledger.Run("ledger repair", "--accept-tail-loss", "--reason", "a \"test\"", "--json");
        var verifiedAgain = await ledger.Run("ledger verify");
        var appended = await ledger.Append("""{"type":"C","data":1}""");

        Assert.Equal((1, ""), (refused.ExitCode, refused.Output));
        Assert.StartsWith("suspect-tail: ", refused.Errors);
        Assert.Equal([6, 2, 2], [verified.ExitCode, unasked.ExitCode, unexplained.ExitCode]);
        Assert.Contains("--accept-tail-loss", unasked.Errors);
        Assert.Equal(0, repaired.ExitCode);
        var report = Parse(Assert.Single(repaired.Lines));
        Assert.Equal((true, "2"), (report.GetProperty("repaired").GetBoolean(), report.GetProperty("head").GetString()));
        Assert.True(File.Exists(Path.Combine(ledger.Data, report.GetProperty("quarantineFile").GetString()!)));
        Assert.Equal(0, verifiedAgain.ExitCode);
        Assert.Equal("3", Parse(Assert.Single(appended.Lines)).GetProperty("position").GetString());
        Assert.Equal(["A", "B", "C"], (await ledger.List()).Select(line => Parse(line).GetProperty("type").GetString()));
    }

    [Fact]
    public async Task Repairs_nothing_that_is_sound()
    {
        using var ledger = await Created();
        await ledger.Append("""{"type":"A","data":1}""");

        var repaired = await ledger.Run("ledger repair", "--accept-tail-loss", "--reason", "a test", "--json");

        Assert.Equal((0, """{"repaired":false,"head":"1","quarantinedBytes":0}"""), (repaired.ExitCode, Assert.Single(repaired.Lines)));
    }
}
