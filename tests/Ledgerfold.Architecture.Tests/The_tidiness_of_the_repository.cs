namespace Ledgerfold.Architecture.Tests;

public sealed class The_tidiness_of_the_repository
{
    [Fact]
    public void Leaves_no_litter_in_the_root() => Finding.None(Tidiness.Litter(Repository.Paths));

    [Fact]
    public void Holds_no_forbidden_word() => Finding.None(Tidiness.Words(Repository.TextFiles));

    [Fact]
    public void Keeps_namespaces_and_folders_alike() =>
        Finding.None(Tidiness.Namespaces([.. Repository.TextFiles.Where(file => file.Path.StartsWith("src/", StringComparison.Ordinal))]));

    [Theory]
    [InlineData("PLAN.md")]
    [InlineData("notes/today.md")]
    public void Is_lost_by_litter(string path) => Assert.Single(Tidiness.Litter(["README.md", "src/A.cs", path]));

    [Fact]
    public void Is_lost_by_too_many_files() =>
        Assert.Contains(
            Tidiness.Litter([.. Enumerable.Range(1, 13).Select(number => $"{number}.md")]),
            finding => finding.Message.StartsWith("13 files", StringComparison.Ordinal));

    [Theory]
    [InlineData("// TO", "DO later")]
    [InlineData("cd /wo", "rk/main")]
    [InlineData("written by clau", "de")]
    [InlineData("https://api.nuget", ".org/v3")]
    public void Is_lost_by_a_forbidden_word(string head, string tail) =>
        Assert.Equal(2, Assert.Single(Tidiness.Words([new SourceFile("a.md", $"fine\n{head}{tail}\n")])).Line);

    [Theory]
    [InlineData("the method todo() and /workspace/ are fine")]
    public void Is_kept_by_other_words(string text) => Assert.Empty(Tidiness.Words([new SourceFile("a.md", text)]));

    [Theory]
    [InlineData("src/A/Deep/B.cs", "namespace A;\nclass B;", "its folder says Root.Deep")]
    [InlineData("src/A/B.cs", "class B;", "stand in no namespace")]
    [InlineData("src/A/Utils/B.cs", "namespace Root.Utils;", "Utils is a name for a drawer")]
    [InlineData("src/A/LogManager.cs", "namespace Root;", "LogManager is a name for a drawer")]
    [InlineData("src/B/B.cs", "namespace B;", "belongs to no project")]
    public void Is_lost_by_a_namespace_elsewhere(string path, string text, string complaint) =>
        Assert.Contains(complaint, Assert.Single(Namespaces(path, text)).Message);

    [Theory]
    [InlineData("src/A/Deep/B.cs", "// namespace X;\nnamespace Root.Deep;\nclass B;")]
    [InlineData("src/A/Program.cs", "return 0;")]
    [InlineData("src/A/Score.cs", "namespace Root;")]
    public void Is_kept_by_namespaces_that_follow_the_folders(string path, string text) => Assert.Empty(Namespaces(path, text));

    private static IEnumerable<Finding> Namespaces(string path, string text) =>
        Tidiness.Namespaces([new SourceFile("src/A/A.csproj", "<RootNamespace>Root</RootNamespace>"), new SourceFile(path, text)]);
}
