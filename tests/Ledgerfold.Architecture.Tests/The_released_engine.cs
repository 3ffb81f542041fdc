namespace Ledgerfold.Architecture.Tests;

public sealed class The_released_engine
{
    private const string Trace = "Zoo";

    [Theory]
    [InlineData("Ledgerfold.Storage.dll")]
    [InlineData("Ledgerfold.Model.dll")]
    public void Holds_no_deliberate_bug(string assembly) => Assert.Empty(Traces(assembly));

    [Fact]
    public void Is_seen_to_hold_one_by_a_name_or_by_a_literal()
    {
        var traces = Traces("Ledgerfold.Architecture.Tests.dll");

        Assert.Contains(nameof(ZooSample), traces);
        Assert.Contains("acknowledge-early of the Zoo", traces);
    }

    [Fact]
    public void Is_read_with_all_its_names() => Assert.Contains("Ledgerfold.Storage", AssemblyText.Of(PathOf("Ledgerfold.Storage.dll")));

    private static IEnumerable<string> Traces(string assembly) =>
        AssemblyText.Of(PathOf(assembly)).Where(text => text.Contains(Trace, StringComparison.OrdinalIgnoreCase));

    private static string PathOf(string assembly) => Path.Combine(AppContext.BaseDirectory, assembly);

    private static class ZooSample
    {
        public static string Name => "acknowledge-early of the Zoo";
    }
}
