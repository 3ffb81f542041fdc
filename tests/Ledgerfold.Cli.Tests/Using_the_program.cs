namespace Ledgerfold.Cli.Tests;

public sealed class Using_the_program
{
    [Theory]
    [InlineData("", "Required command")]
    [InlineData("evnts list", "evnts")]
    [InlineData("events list", "--data")]
    [InlineData("events list --data", "--data")]
    [InlineData("events list --data d --after x", "--after")]
    [InlineData("events list --data d --after -1", "--after: at least 0")]
    [InlineData("events list --data d --follow --backward", "--follow: only forward")]
    [InlineData("events list --data d --tag nocolon", "--tag: name:value")]
    [InlineData("events list --data d --category 1x", "--category: ")]
    [InlineData("events append --data d --stream a-1 --expect -1", "--expect: any, none, or a version")]
    [InlineData("events append --data d --stream a-1 --pipeline 0", "--pipeline: from 1 to 10000")]
    [InlineData("events show --data d --id x", "--id")]
    [InlineData("ledger backup --data d", "--to")]
    [InlineData("correlations show --data d", "id")]
    [InlineData("correlations show c --data d --after -1", "--after: at least 0")]
    [InlineData("ledger verify --data d extra", "extra")]
    [InlineData("completion csh", "csh")]
    public async Task Wrongly_ends_with_2_and_says_what_is_wrong(string arguments, string message)
    {
        var ended = await RunningProgram.Run("", arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal((2, ""), (ended.ExitCode, ended.Output));
        Assert.Contains(message, ended.Errors);
    }

    [Fact]
    public async Task Shows_no_control_character_of_a_wrong_argument()
    {
        var ended = await RunningProgram.Run("", "events", "li\u001b[31mst");

        Assert.Equal(2, ended.ExitCode);
        Assert.DoesNotContain('\u001b', ended.Errors);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("events --help")]
    [InlineData("events append --help")]
    [InlineData("events list --help")]
    [InlineData("events show --help")]
    [InlineData("streams show --help")]
    [InlineData("correlations show --help")]
    [InlineData("ledger create --help")]
    [InlineData("ledger verify --help")]
    [InlineData("ledger stat --help")]
    [InlineData("ledger repair --help")]
    [InlineData("ledger rebuild-index --help")]
    [InlineData("ledger backup --help")]
    [InlineData("bench ledger --help")]
    [InlineData("bench model --help")]
    [InlineData("completion --help")]
    public async Task Begins_its_help_with_an_example(string arguments)
    {
        var ended = await RunningProgram.Run("", arguments.Split(' '));

        Assert.Equal((0, ""), (ended.ExitCode, ended.Errors));
        Assert.Equal("Example:", ended.Lines[0]);
        Assert.Contains("ledgerfold ", string.Concat(ended.Lines.Skip(1).TakeWhile(line => line != "Description:")));
    }

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    [InlineData("pwsh")]
    public async Task Prints_a_completion_script_that_asks_it_what_may_come_next(string shell)
    {
        var ended = await RunningProgram.Run("", "completion", shell);

        Assert.Equal(0, ended.ExitCode);
        Assert.Contains("[suggest:", ended.Output);
    }

    [Fact]
    public async Task Suggests_verbs()
    {
        var ended = await RunningProgram.Run("", "[suggest:9]", "ledger re");

        var nouns = await RunningProgram.Run("", "[suggest:3]", "cor");

        Assert.Equal((0, true), (ended.ExitCode, ended.Lines.Contains("rebuild-index")));
        Assert.Equal((0, true), (nouns.ExitCode, nouns.Lines.Contains("correlations")));
    }
}
