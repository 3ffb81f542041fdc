using System.Text.RegularExpressions;

namespace Ledgerfold.Architecture.Tests;

/// <summary>What lies where, and words that have no place in the repository.</summary>
internal static partial class Tidiness
{
    private const int RootFilesMax = 12;

    private static readonly string[] RootFiles =
    [
        ".editorconfig", ".gitignore", "ARCHITECTURE.md", "CHANGELOG.md", "Directory.Build.props", "Directory.Packages.props", "LICENSE",
        "Ledgerfold.slnx", "README.md", "global.json", "ledgerfold", "test",
    ];

    private static readonly string[] RootFolders = [".ci", "bench", "docs", "eng", "src", "systems", "tests"];

    /// <summary>Names for drawers into which anything fits.</summary>
    private static readonly string[] Drawers =
        ["Common", "Core", "Helper", "Helpers", "Manager", "Managers", "Misc", "Util", "Utils", "Utilities"];

    /// <summary>Each word is written in two halves, so that this file does not hold it.</summary>
    private static readonly (string Word, string Why)[] Forbidden =
    [
        ("TO" + "DO", "do it, or say in the document on what is missing that it is"),
        ("FIX" + "ME", "fix it"),
        ("HA" + "CK:", "explain it, or undo it"),
        ("/wo" + "rk/", "a path of one machine"),
        ("/tmp/te" + "am", "a path of one machine"),
        ("/ro" + "ot/", "a path of one machine"),
        ("/ho" + "me/", "a path of one machine"),
        ("Clau" + "de", "the repository speaks of the product"),
        ("Anthro" + "pic", "the repository speaks of the product"),
        ("Chat" + "GPT", "the repository speaks of the product"),
        ("Open" + "AI", "the repository speaks of the product"),
        ("Copi" + "lot", "the repository speaks of the product"),
        ("nuget" + ".org", "where packages come from is a setting of the machine"),
        ("npm" + "js.org", "where packages come from is a setting of the machine"),
        ("npm" + "js.com", "where packages come from is a setting of the machine"),
        ("#reg" + "ion", "split the type instead"),
    ];

    public static IEnumerable<Finding> Litter(IReadOnlyList<string> paths)
    {
        var files = paths.Where(path => !path.Contains('/')).ToArray();
        if (files.Length > RootFilesMax)
            yield return new Finding(".", 0, $"{files.Length} files in the root, at most {RootFilesMax}");
        foreach (var file in files.Except(RootFiles, StringComparer.Ordinal))
            yield return new Finding(file, 0, "does not belong into the root");
        var folders = paths.Where(path => path.Contains('/')).Select(path => path[..path.IndexOf('/')]).Distinct(StringComparer.Ordinal);
        foreach (var folder in folders.Except(RootFolders, StringComparer.Ordinal))
            yield return new Finding(folder, 0, "does not belong into the root");
    }

    public static IEnumerable<Finding> Words(IEnumerable<SourceFile> files) =>
        from file in files
        from line in file.Lines.Index()
        from forbidden in Forbidden
        where Holds(line.Item, forbidden.Word)
        select new Finding(file.Path, line.Index + 1, $"{forbidden.Word}: {forbidden.Why}");

    /// <summary>Namespace = root namespace of the project + folders, one per file, and no drawers.</summary>
    public static IEnumerable<Finding> Namespaces(IReadOnlyList<SourceFile> files)
    {
        var projects = files.Where(file => file.Extension == ".csproj");
        var roots = projects.ToDictionary(project => project.Folder, RootNamespace, StringComparer.Ordinal);
        foreach (var file in files.Where(file => file.Extension == ".cs"))
        {
            var project = roots.Keys.SingleOrDefault(folder => file.Path.StartsWith(folder + "/", StringComparison.Ordinal));
            if (project is null)
            {
                yield return new Finding(file.Path, 0, "belongs to no project");
                continue;
            }

            var expected = (roots[project] + file.Folder[project.Length..]).Replace('/', '.');
            var code = CodeText.Blank(file.Text);
            var declared = Namespace().Matches(code).Select(match => match.Groups["name"].Value).ToArray();
            foreach (var actual in declared.Where(actual => actual != expected))
                yield return new Finding(file.Path, 0, $"its namespace is {actual}, its folder says {expected}");
            if (declared.Length == 0 && CodeMembers.Of(code).Any(member => member.IsType))
                yield return new Finding(file.Path, 0, $"its types stand in no namespace, its folder says {expected}");
            foreach (var drawer in expected.Split('.').Append(Path.GetFileNameWithoutExtension(file.Path)).Where(IsDrawer))
                yield return new Finding(file.Path, 0, $"{drawer} is a name for a drawer: what is in it?");
        }
    }

    private static bool Holds(string line, string word) =>
        line.Contains(word, word.All(char.IsUpper) ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase);

    /// <summary>The word alone, or behind another one: <c>LogManager</c>.</summary>
    private static bool IsDrawer(string name) =>
        Drawers.Any(drawer => name == drawer || (drawer is not ("Common" or "Core") && name.EndsWith(drawer, StringComparison.Ordinal)));

    private static string RootNamespace(SourceFile project) =>
        RootNamespaceElement().Match(project.Text) is { Success: true } match
            ? match.Groups["name"].Value
            : Path.GetFileNameWithoutExtension(project.Path);

    [GeneratedRegex(@"^\s*namespace\s+(?<name>[\w.]+)", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex Namespace();

    [GeneratedRegex("<RootNamespace>(?<name>[^<]+)<", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex RootNamespaceElement();
}
