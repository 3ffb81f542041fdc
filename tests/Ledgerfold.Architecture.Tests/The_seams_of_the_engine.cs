namespace Ledgerfold.Architecture.Tests;

public sealed class The_seams_of_the_engine
{
    private static IEnumerable<SourceFile> Sources =>
        Repository.WithExtension(".cs").Where(file => file.Path.StartsWith("src/", StringComparison.Ordinal));

    [Fact]
    public void Are_not_gone_past() => Finding.None(Seams.Check([.. Sources]));

    [Theory]
    [InlineData("src/Ledgerfold.Storage/Segments/A.cs", "var bytes = File.ReadAllBytes(path);", "File.ReadAllBytes goes past the disk")]
    [InlineData("src/Ledgerfold.Abstractions/A.cs", "RandomAccess.Read(handle, bytes, 0);", "RandomAccess goes past the disk")]
    [InlineData("src/Ledgerfold.Testing/A.cs", "#pragma warning disable RS0030", "lifts the ban")]
    public void Are_seen_to_be_gone_past(string path, string text, string complaint) =>
        Assert.Contains(complaint, Assert.Single(Seams.Check([new SourceFile(path, text)])).Message);

    [Fact]
    public void Are_opened_for_two_files_only() =>
        Finding.None(Seams.CheckLifted(Repository.Read(".editorconfig")!, [.. Repository.Paths]));

    [Theory]
    [InlineData("src/Ledgerfold.Storage/**.cs")]
    [InlineData("src/Ledgerfold.Storage/Upkeep/Pump.cs")]
    public void Are_seen_to_be_opened_for_others(string section)
    {
        var config = new SourceFile(".editorconfig", $"root = true\n[{section}]\ndotnet_diagnostic.RS0030.severity = none\n");

        Assert.Contains(section, Assert.Single(Seams.CheckLifted(config, ["src/Ledgerfold.Storage/Writing/LogWriter.cs"])).Message);
    }

    [Theory]
    [InlineData("src/Ledgerfold.Storage/Disk/LinuxDisk.cs", "File.OpenHandle(path);")]
    [InlineData("src/Ledgerfold.Storage/Segments/A.cs", "segment.File.Read(bytes, 0); Open(name); // File.Open(name)")]
    public void Are_kept(string path, string text) => Assert.Empty(Seams.Check([new SourceFile(path, text)]));
}
