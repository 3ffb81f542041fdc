using System.Xml.Linq;

namespace Ledgerfold.Architecture.Tests;

public sealed class The_layers_of_the_house
{
    private static IEnumerable<ProjectFile> Projects => Repository.WithExtension(".csproj").Select(ProjectFile.Parse);

    [Fact]
    public void Lean_downwards_only_and_on_listed_packages() => Finding.None(Projects.SelectMany(Layers.Check));

    [Fact]
    public void Are_all_built_by_the_solution()
    {
        var solution = XDocument.Parse(Repository.Read("Ledgerfold.slnx")!.Text)
            .Descendants("Project").Select(project => (string)project.Attribute("Path")!);

        Assert.Equal(Projects.Select(project => project.Path).Order(StringComparer.Ordinal), solution.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Pin_what_they_restore_in_a_lock_file() =>
        Assert.All(Projects, project => Assert.Contains($"{Path.GetDirectoryName(project.Path)}/packages.lock.json", Repository.Paths));

    [Fact]
    public void Use_every_package_whose_version_is_kept()
    {
        string[] Included(SourceFile file, string element) =>
            [.. XDocument.Parse(file.Text).Descendants(element).Select(item => (string?)item.Attribute("Include")).OfType<string>()];
        var used = Repository.TextFiles.Where(file => file.Extension is ".csproj" || file.Name == "Directory.Build.props")
            .SelectMany(file => Included(file, "PackageReference"));

        Assert.Empty(Included(Repository.Read("Directory.Packages.props")!, "PackageVersion").Except(used, StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("src/Ledgerfold.Abstractions", "ProjectReference", "../Ledgerfold.Storage/Ledgerfold.Storage.csproj", "must not reference")]
    [InlineData("src/Ledgerfold.Storage", "ProjectReference", @"..\Ledgerfold.Model\Ledgerfold.Model.csproj", "must not reference")]
    [InlineData("src/Ledgerfold.Cli", "ProjectReference", "../Ledgerfold.Server/Ledgerfold.Server.csproj", "must not reference")]
    [InlineData("src/Ledgerfold.Storage", "PackageReference", "Dapper", "must not use")]
    [InlineData("src/Ledgerfold.Model", "FrameworkReference", "Microsoft.AspNetCore.App", "must not use")]
    [InlineData("src/Ledgerfold.Storage", "InternalsVisibleTo", "Ledgerfold.Cli", "must not show its internals")]
    [InlineData("src/Ledgerfold.Helpers", "PackageReference", "Meziantou.Analyzer", "has no place")]
    [InlineData("systems/Marketplace", "ProjectReference", "../../src/Ledgerfold.Storage/Ledgerfold.Storage.csproj", "as a user would")]
    [InlineData("tests/Ledgerfold.Storage.Tests", "PackageReference", "Shouldly", "must not use")]
    public void Are_seen_when_broken(string folder, string element, string include, string complaint)
    {
        var text = $"""<Project><ItemGroup><{element} Include="{include}" /></ItemGroup></Project>""";

        var finding = Assert.Single(Layers.Check(ProjectFile.Parse(new SourceFile($"{folder}/{Path.GetFileName(folder)}.csproj", text))));

        Assert.Contains(complaint, finding.Message);
    }

    [Fact]
    public void Are_kept_by_what_the_table_allows()
    {
        const string Text = """
            <Project><ItemGroup>
              <ProjectReference Include="../Ledgerfold.Model/Ledgerfold.Model.csproj" />
              <InternalsVisibleTo Include="Ledgerfold.Delivery.Tests" />
            </ItemGroup></Project>
            """;

        Assert.Empty(Layers.Check(ProjectFile.Parse(new SourceFile("src/Ledgerfold.Delivery/Ledgerfold.Delivery.csproj", Text))));
    }
}
