namespace Ledgerfold.Architecture.Tests;

public sealed class The_documents
{
    private static readonly SourceFile Guide = new("docs/guide.md", "# First steps\n\n## Run `it`, now\n");

    [Fact]
    public void Point_only_at_what_exists() =>
        Finding.None(new DocumentLinks([.. Repository.WithExtension(".md")], Repository.Paths).Check());

    [Theory]
    [InlineData("[gone](gone.md)", "link to gone.md is dead")]
    [InlineData("[out](../../out.md)", "link to ../../out.md is dead")]
    [InlineData("[heading](guide.md#last-steps)", "names a heading")]
    [InlineData("[own heading](#nowhere)", "names a heading")]
    [InlineData("see `src/Ledgerfold.Storage/Gone.cs`", "path src/Ledgerfold.Storage/Gone.cs does not exist")]
    [InlineData("see `Gone.cs`", "path Gone.cs does not exist")]
    [InlineData("see `deeper/guide.md`", "path deeper/guide.md does not exist")]
    [InlineData("run `dotnet run --project tests/Gone`", "path tests/Gone does not exist")]
    [InlineData("```\ndotnet run --project tests/Gone\n```", "path tests/Gone does not exist")]
    public void Are_seen_to_point_at_nothing(string text, string complaint)
    {
        var finding = Assert.Single(Check(text));

        Assert.Contains(complaint, finding.Message);
    }

    [Theory]
    [InlineData("[guide](guide.md) [top](../README.md) [folder](.) [elsewhere](https://example.org/gone.md)")]
    [InlineData("[heading](guide.md#first-steps), [another](guide.md#run-it-now)")]
    [InlineData("`src/Ledgerfold.Storage/There.cs`, `There.cs`, `src/Ledgerfold.Storage/`, `docs`, `guide.md`, `../README.md`")]
    [InlineData("`Order.Created`, `a/b`, `[link](gone.md)`, `dotnet run --project src/Ledgerfold.Storage -- --flag`")]
    public void May_point_at_files_folders_and_headings(string text) => Assert.Empty(Check(text));

    private static IEnumerable<Finding> Check(string text)
    {
        string[] paths = ["README.md", "docs/guide.md", "docs/page.md", "src/Ledgerfold.Storage/There.cs"];
        return new DocumentLinks([new SourceFile("docs/page.md", text), Guide], paths).Check();
    }
}
