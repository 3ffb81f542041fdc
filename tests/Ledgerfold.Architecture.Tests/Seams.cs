using System.Text.RegularExpressions;

namespace Ledgerfold.Architecture.Tests;

/// <summary>
/// What the list of banned calls cannot say by itself: only the disk's folder touches files, and a ban is lifted for two files only, the
/// source of chance and the thread that may block.
/// </summary>
internal static partial class Seams
{
    private static readonly string[] Engine = ["src/Ledgerfold.Abstractions/", "src/Ledgerfold.Storage/", "src/Ledgerfold.Model/"];
    private static readonly string[] Lifted = ["src/Ledgerfold.Abstractions/Seams/IChance.cs", "src/Ledgerfold.Storage/Upkeep/Pump.cs"];

    public static IEnumerable<Finding> Check(IReadOnlyList<SourceFile> sources)
    {
        var engine = sources.Where(file => Engine.Any(folder => file.Path.StartsWith(folder, StringComparison.Ordinal))).ToArray();
        foreach (var file in engine.Where(file => !file.Path.StartsWith("src/Ledgerfold.Storage/Disk/", StringComparison.Ordinal)))
        {
            foreach (var (index, line) in CodeText.Blank(file.Text).Split('\n').Index())
            {
                if (FileAccess().Match(line) is { Success: true } match)
                    yield return new Finding(file.Path, index + 1, $"{match.Value} goes past the disk: use IDisk");
            }
        }

        foreach (var file in sources.Where(file => file.Text.Contains("disable RS0030", StringComparison.Ordinal)))
            yield return new Finding(file.Path, 0, "lifts the ban on a call: take what the ban names instead");
    }

    /// <summary>Sections of <c>.editorconfig</c> that lift the ban elsewhere, or for a file that is gone.</summary>
    public static IEnumerable<Finding> CheckLifted(SourceFile editorConfig, IReadOnlyCollection<string> paths)
    {
        var section = "";
        foreach (var (index, line) in editorConfig.Lines.Index())
        {
            if (line.StartsWith('['))
                section = line.Trim('[', ']');
            else if (line.StartsWith("dotnet_diagnostic.RS0030", StringComparison.Ordinal) && !Lifted.Intersect(paths).Contains(section))
                yield return new Finding(editorConfig.Path, index + 1, $"the ban on calls is lifted for {section}");
        }
    }

    [GeneratedRegex(
        @"\b(RandomAccess|FileStream|FileInfo|DirectoryInfo|SafeFileHandle|Process\.Start"
        + @"|Directory\.(Create|Delete|Enumerate|Exists|Get|Move)\w*"
        + @"|File\.(Append|Copy|Create|Delete|Exists|Move|Open|ReadAll|ReadLines|WriteAll)\w*)\b",
        RegexOptions.ExplicitCapture,
        1000)]
    private static partial Regex FileAccess();
}
