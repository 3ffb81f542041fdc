using static Ledgerfold.Cli.Tests.LedgerInDirectory;

namespace Ledgerfold.Cli.Tests;

public sealed class Showing_a_conversation
{
    private const string Cart = "0198c1f0-7b1e-7c7d-8f3a-000000000001";
    private const string Order = "0198c1f0-7b1e-7c7d-8f3a-000000000002";
    private const string Command = "0198c1f0-7b1e-7c7d-8f3a-00000000000c";

    [Fact]
    public async Task Is_a_tree_for_people()
    {
        using var ledger = await Filled();

        var ended = await ledger.Run("correlations show", "c-1");

        Assert.Equal((0, ""), (ended.ExitCode, ended.Errors));
        Assert.Equal("CheckedOut  cart-1 version 1, position 1, by ann", ended.Lines[0]);
        Assert.Equal($"├─ CreateOrder  command {Command}", ended.Lines[1]);
        Assert.Matches(@"^│  └─ \+[\d.]+ ms  OrderCreated  order-1 version 1, position 2$", ended.Lines[2]);
        Assert.Matches(@"^│     └─ \+[\d.]+ ms  Mailed  mail-1 version 1, position 3$", ended.Lines[3]);
        Assert.Matches(@"^└─ \+[\d.]+ ms  Counted  cart-1 version 2, position 4$", ended.Lines[4]);
        Assert.Equal(@"(nothing here has the id lost\u202e)", ended.Lines[5]);
        Assert.Equal(@"└─ Strayed\u202e  cart-1 version 3, position 5", ended.Lines[6]);
        Assert.Matches(@"^5 events in 3 streams within [\d.]+ m?s from \d{4}-", ended.Lines[7]);
        Assert.Equal(8, ended.Lines.Length);
    }

    [Fact]
    public async Task Is_json_for_scripts()
    {
        using var ledger = await Filled();

        var tree = Parse(Assert.Single((await ledger.Run("correlations show", "c-1", "--json")).Lines));

        Assert.Equal(("c-1", 5), (tree.GetProperty("correlationId").GetString(), tree.GetProperty("events").GetInt32()));
        Assert.Equal(
            $"event: command:{Cart} event:{Command} event:{Order} event:{Cart} ghost: event:lost\u202e",
            string.Join(' ', tree.GetProperty("nodes").EnumerateArray().Select(node =>
                $"{node.GetProperty("kind").GetString()}:{(node.TryGetProperty("parent", out var parent) ? parent.GetString() : "")}")));
    }

    [Fact]
    public async Task Goes_on_behind_a_position()
    {
        using var ledger = await Filled();

        var tree = Parse(Assert.Single((await ledger.Run("correlations show", "c-1", "--after", "3", "--json")).Lines));

        Assert.Equal(2, tree.GetProperty("events").GetInt32());
        Assert.Equal(("ghost", "1"), (tree.GetProperty("nodes")[0].GetProperty("kind").GetString(), tree.GetProperty("nodes")[0].GetProperty("position").GetString()));
    }

    [Fact]
    public async Task Says_that_there_is_more_than_it_shows()
    {
        using var ledger = await Created();
        await ledger.Append($"[{string.Join(',', Enumerable.Repeat("""{"type":"A","data":1,"correlationId":"c-1"}""", 1_001))}]");

        var ended = await ledger.Run("correlations show", "c-1");

        Assert.Equal((0, 1_001), (ended.ExitCode, ended.Lines.Length));
        Assert.Contains("--after 1000", ended.Errors);
    }

    [Fact]
    public async Task Ends_with_3_where_nothing_has_the_id()
    {
        using var ledger = await Filled();

        var unknown = await ledger.Run("correlations show", "c-2");
        var foreign = await ledger.Run("correlations show", "c-1", "--tenant", "acme");

        Assert.Equal((3, "", 3, ""), (unknown.ExitCode, unknown.Output, foreign.ExitCode, foreign.Output));
        Assert.Contains("c-2", unknown.Errors);
    }

    private static async Task<LedgerInDirectory> Filled()
    {
        var ledger = await Created();
        var answer = """{\"command\":\"CreateOrder\",\"fingerprint\":\"x\",\"events\":1}""";
        var headers = $$$"""{"ledgerfold-answer":"{{{answer}}}","ledgerfold-cause":"{{{Cart}}}"}""";
        var appended = await ledger.Run(
            $$$"""
            {"writes":[{"stream":"cart-1","events":[{"type":"CheckedOut","data":1,"correlationId":"c-1","id":"{{{Cart}}}","actor":"ann"}]}]}
            {"writes":[{"stream":"order-1","events":[{"type":"OrderCreated","data":1,"correlationId":"c-1","id":"{{{Order}}}","causationId":"{{{Command}}}","headers":{{{headers}}} }]}]}
            {"writes":[{"stream":"mail-1","events":[{"type":"Mailed","data":1,"correlationId":"c-1","causationId":"{{{Order}}}"}]}]}
            {"writes":[{"stream":"cart-1","events":[{"type":"Counted","data":1,"correlationId":"c-1","causationId":"{{{Cart}}}"}]}]}
            {"writes":[{"stream":"cart-1","events":[{"type":"Strayed\u202e","data":1,"correlationId":"c-1","causationId":"lost\u202e"}]}]}
            """,
            "events append", []);
        Assert.Equal(0, appended.ExitCode);
        return ledger;
    }
}
