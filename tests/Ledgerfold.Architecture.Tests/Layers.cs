using System.Xml.Linq;

namespace Ledgerfold.Architecture.Tests;

/// <summary>A project file: what it is called, and what it leans on.</summary>
internal sealed record ProjectFile(
    string Path, string Name, IReadOnlyList<string> Projects, IReadOnlyList<string> Packages, IReadOnlyList<string> Friends)
{
    public static ProjectFile Parse(SourceFile file)
    {
        var xml = XDocument.Parse(file.Text);
        string[] Included(string element) =>
            [.. xml.Descendants(element).Select(item => (string?)item.Attribute("Include")).OfType<string>()];
        return new ProjectFile(
            file.Path,
            System.IO.Path.GetFileNameWithoutExtension(file.Path),
            [.. Included("ProjectReference").Select(path => System.IO.Path.GetFileNameWithoutExtension(path.Replace('\\', '/')))],
            [.. Included("PackageReference"), .. Included("FrameworkReference")],
            Included("InternalsVisibleTo"));
    }
}

/// <summary>Which project may lean on which, and on which packages of others. Arrows point down only.</summary>
internal static class Layers
{
    private const string Abstractions = "Ledgerfold.Abstractions";
    private const string Model = "Ledgerfold.Model";

    /// <summary>Everything a project may reference; a project that is not named here has no place in the house.</summary>
    private static readonly Dictionary<string, string[]> MayReference = new(StringComparer.Ordinal)
    {
        // L0
        [Abstractions] = [],
        // L1: sees L0 and never its neighbours, but for the fold engine of Model.
        ["Ledgerfold.Storage"] = [Abstractions],
        [Model] = [Abstractions],
        ["Ledgerfold.Delivery"] = [Abstractions, Model],
        ["Ledgerfold.Streams"] = [Abstractions, Model],
        ["Ledgerfold.Schemas"] = [Abstractions],
        // L2
        ["Ledgerfold.PostgreSql"] = [Abstractions],
        ["Ledgerfold.RabbitMq"] = [Abstractions, "Ledgerfold.Delivery"],
        // L3
        ["Ledgerfold"] = [Abstractions, "Ledgerfold.Storage", Model, "Ledgerfold.Delivery", "Ledgerfold.Streams", "Ledgerfold.Schemas",
            "Ledgerfold.PostgreSql", "Ledgerfold.RabbitMq"],
        ["Ledgerfold.Http"] = ["Ledgerfold"],
        // L4: nothing references Server; it is where systems are put together.
        ["Ledgerfold.Server"] = [Abstractions, "Ledgerfold", "Ledgerfold.Http", "Ledgerfold.Console", "Marketplace"],
        ["Ledgerfold.Console"] = [Abstractions, "Ledgerfold", "Ledgerfold.Http"],
        ["Ledgerfold.Cli"] = [Abstractions, "Ledgerfold.Storage", Model, "Ledgerfold"],
        // Beside the house: ships to users for their tests.
        ["Ledgerfold.Testing"] = [Abstractions, Model],
    };

    /// <summary>The packages of others, by project; L0 and L1 have none, so that embedding the ledger brings nothing with it.</summary>
    private static readonly Dictionary<string, string[]> MayUse = new(StringComparer.Ordinal)
    {
        ["Ledgerfold.Cli"] = ["System.CommandLine", "Spectre.Console"],
        // The conformance suites are test classes that a backend's own test project inherits.
        ["Ledgerfold.Testing"] = ["xunit.v3.extensibility.core", "xunit.v3.assert"],
        // What the host of every application brings anyway.
        ["Ledgerfold"] = ["Microsoft.Extensions.Hosting.Abstractions", "Microsoft.Extensions.Diagnostics.HealthChecks",
            "Microsoft.Extensions.Options"],
        ["Ledgerfold.Http"] = ["Microsoft.AspNetCore.App"],
        ["Ledgerfold.Server"] = ["Microsoft.AspNetCore.OpenApi", "OpenTelemetry.Exporter.OpenTelemetryProtocol"],
        ["Ledgerfold.PostgreSql"] = ["Npgsql"],
        ["Ledgerfold.RabbitMq"] = ["RabbitMQ.Client"],
    };

    /// <summary>Build-time analysers: every project has them, no output does.</summary>
    private static readonly string[] Analysers =
        ["Meziantou.Analyzer", "Roslynator.Analyzers", "Microsoft.CodeAnalysis.BannedApiAnalyzers"];

    /// <summary>What test projects may use beside what is under test.</summary>
    private static readonly string[] ForTests =
        ["xunit.v3", "xunit.v3.assert", "xunit.v3.extensibility.core", "FsCheck", "FSharp.Core",
            "Microsoft.AspNetCore.App"];

    public static IEnumerable<Finding> Check(ProjectFile project)
    {
        if (project.Path.StartsWith("src/", StringComparison.Ordinal))
            return OfTheHouse(project);
        if (project.Path.StartsWith("systems/", StringComparison.Ordinal))
            return OfSystems(project);
        return Packages(project, [.. Analysers, .. ForTests]);
    }

    private static IEnumerable<Finding> OfTheHouse(ProjectFile project)
    {
        if (!MayReference.TryGetValue(project.Name, out var allowed))
        {
            yield return new Finding(project.Path, 0, $"{project.Name} has no place in the house: give it one in {nameof(Layers)}.cs");
            yield break;
        }

        foreach (var reference in project.Projects.Except(allowed, StringComparer.Ordinal))
            yield return new Finding(project.Path, 0, $"{project.Name} must not reference {reference}");
        foreach (var finding in Packages(project, [.. Analysers, .. MayUse.GetValueOrDefault(project.Name) ?? []]))
            yield return finding;
        foreach (var friend in project.Friends.Where(friend => !IsOfTests(friend)))
            yield return new Finding(project.Path, 0, $"{project.Name} must not show its internals to {friend}, only to tests");
    }

    private static IEnumerable<Finding> OfSystems(ProjectFile project)
    {
        foreach (var reference in project.Projects)
        {
            if (reference.StartsWith("Ledgerfold", StringComparison.Ordinal) && reference is not ("Ledgerfold" or "Ledgerfold.Http" or Abstractions or Model))
                yield return new Finding(project.Path, 0, $"a system is written as a user would, on Ledgerfold and Ledgerfold.Http alone, not on {reference}");
        }
    }

    private static IEnumerable<Finding> Packages(ProjectFile project, string[] allowed) =>
        project.Packages.Except(allowed, StringComparer.Ordinal)
            .Select(package => new Finding(project.Path, 0, $"{project.Name} must not use {package}: see the list in {nameof(Layers)}.cs"));

    private static bool IsOfTests(string name) => name.EndsWith(".Tests", StringComparison.Ordinal) || name == "Ledgerfold.Simulation";
}
