using Ledgerfold.Architecture.Tests.Samples;

namespace Ledgerfold.Architecture.Tests;

public sealed class The_first_steps
{
    [Fact]
    public async Task Do_what_the_readme_says()
    {
        var said = await FirstSteps.Run(Guid.Parse("6f0d9c52-2f3b-4f0e-9a51-0c1d2e3f4a5b"), TestContext.Current.CancellationToken);

        Assert.Equal(["at position 1, repeated: False", "1 order-42 v1 OrderCreated"], said);
    }

    [Fact]
    public void Are_quoted_by_the_readme_as_they_run()
    {
        var lines = Repository.Read("tests/Ledgerfold.Architecture.Tests/Samples/FirstSteps.cs")!.Lines
            .SkipWhile(line => !line.EndsWith("// begin", StringComparison.Ordinal)).Skip(1)
            .TakeWhile(line => !line.EndsWith("// end", StringComparison.Ordinal))
            .Select(line => line.Length > 8 ? line[8..] : "");

        Assert.Contains($"```csharp\n{string.Join('\n', lines).TrimEnd()}\n```", Repository.Read("README.md")!.Text);
    }
}
