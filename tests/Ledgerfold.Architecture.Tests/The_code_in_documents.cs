using Ledgerfold.Architecture.Tests.Samples;

namespace Ledgerfold.Architecture.Tests;

public sealed class The_code_in_documents
{
    private const string Source = "class Shop\n{\n    // begin sum\n    int Sum(int a)\n    {\n\n        return a;\n    }\n\n    // end\n}\n";

    [Fact]
    public void Is_quoted_from_files_that_tests_compile()
    {
        var documents = Repository.WithExtension(".md").Where(file => file.Path == "README.md" || file.Path.StartsWith("docs/", StringComparison.Ordinal));
        var findings = new List<Finding>();
        foreach (var document in documents)
        {
            var (text, wrong) = new QuotedCode(Find).Check(document);
            if (text != document.Text && Environment.GetEnvironmentVariable("LEDGERFOLD_APPROVE") == "1")
                File.WriteAllText(Repository.FullPath(document.Path), text);
            else
                findings.AddRange(wrong);
        }

        Finding.None(findings);

        static SourceFile? Find(string path) => Repository.Paths.Contains(path) ? Repository.Read(path) : null;
    }

    [Fact]
    public async Task Does_what_the_first_steps_say()
    {
        var said = await FirstSteps.Run(Guid.Parse("6f0d9c52-2f3b-4f0e-9a51-0c1d2e3f4a5b"), TestContext.Current.CancellationToken);

        Assert.Equal(["at position 1, repeated: False", "1 order-42 v1 OrderCreated"], said);
    }

    [Theory]
    [InlineData("int Sum(int a)\n{\n\n    return a;\n}", null)]
    [InlineData("int Sum(int a)\n{\n    return a;\n}", "not what its source says")]
    [InlineData("int Sum(int a)\n{\n\n    return b;\n}", "not what its source says")]
    [InlineData("", "not what its source says")]
    public void Is_seen_to_differ_and_set_right(string code, string? complaint)
    {
        var document = $"# Sums\n<!-- quoted from shop.cs: sum -->\n```csharp\n{code}\n```\nAfter.\n";

        var (text, findings) = Check(document);

        Assert.Equal("# Sums\n<!-- quoted from shop.cs: sum -->\n```csharp\nint Sum(int a)\n{\n\n    return a;\n}\n```\nAfter.\n", text);
        if (complaint is null)
            Assert.Empty(findings);
        else
            Assert.Contains(complaint, Assert.Single(findings).Message);
    }

    [Theory]
    [InlineData("", "no test compiles")]
    [InlineData("<!-- quoted from gone.cs: sum -->\n", "gone.cs does not exist")]
    [InlineData("<!-- quoted from shop.cs: product -->\n", "nothing between // begin product")]
    public void Is_seen_to_have_no_source(string marker, string complaint)
    {
        var (text, findings) = Check($"{marker}```csharp\nvar a = 1;\n```\n");

        Assert.Contains(complaint, Assert.Single(findings).Message);
        Assert.Contains("var a = 1;", text);
    }

    [Fact]
    public void May_be_of_other_languages() => Assert.Empty(Check("```bash\nls\n```\n```json\n{}\n```\n").Findings);

    private static (string Text, List<Finding> Findings) Check(string text) =>
        new QuotedCode(path => path == "shop.cs" ? new SourceFile(path, Source) : null).Check(new SourceFile("docs/page.md", text));
}
