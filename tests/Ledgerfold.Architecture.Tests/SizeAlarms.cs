using System.Text.RegularExpressions;

namespace Ledgerfold.Architecture.Tests;

/// <summary>
/// Smoke alarms: the tail of large files and methods is what separates code that is read from code that is feared. When one rings, look
/// for the concept that is hiding; where there is none, accept it below with the reason.
/// </summary>
internal static partial class SizeAlarms
{
    private const int FileLinesMax = 500;
    private const int MethodLinesMax = 70;
    private const int ConstructorParametersMax = 6;
    private const int ColumnsMax = 140;
    private const int ColumnsMaxInTests = 190; // what a failure says stands in one piece

    /// <summary>Accepted exceptions: the finding they silence, as <c>path: subject</c>, and why it is better left whole.</summary>
    public static IReadOnlyDictionary<string, string> Accepted { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["src/Ledgerfold.Testing/Conformance/LimitCases.cs: OfAppends"] = "a table of cases, one a line",
    };

    public static IEnumerable<Finding> Check(IEnumerable<SourceFile> files) =>
        files.SelectMany(Alarms).Where(alarm => !Accepted.ContainsKey($"{alarm.Path}: {alarm.Subject}")).Select(alarm => alarm.AsFinding());

    /// <summary>Exceptions that silence nothing any more.</summary>
    public static IEnumerable<string> Stale(IEnumerable<SourceFile> files) =>
        Accepted.Keys.Except(files.SelectMany(Alarms).Select(alarm => $"{alarm.Path}: {alarm.Subject}"), StringComparer.Ordinal);

    private static IEnumerable<Alarm> Alarms(SourceFile file)
    {
        var lines = file.Lines;
        var columnsMax = file.Path.StartsWith("tests/", StringComparison.Ordinal) ? ColumnsMaxInTests : ColumnsMax;
        for (var number = 1; number <= lines.Length; number++)
        {
            if (lines[number - 1].Length > columnsMax)
                yield return new Alarm(file.Path, number, "columns", $"{lines[number - 1].Length} columns, at most {columnsMax}");
        }

        if (file.Extension != ".cs")
            yield break;
        var length = file.Text.EndsWith('\n') ? lines.Length - 1 : lines.Length;
        if (length > FileLinesMax)
            yield return new Alarm(file.Path, 0, "file", $"{length} lines, at most {FileLinesMax}");
        foreach (var alarm in OfMembers(file))
            yield return alarm;
    }

    private static IEnumerable<Alarm> OfMembers(SourceFile file)
    {
        var types = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in CodeMembers.Of(CodeText.Blank(file.Text)))
        {
            if (member.TypeName is { } type)
                types.Add(type);
            var name = member.TypeName ?? NameOf(member.Header);
            if (member is { IsType: false, IsValue: false, Lines: > MethodLinesMax })
                yield return new Alarm(file.Path, member.FirstLine, name, $"{name} has {member.Lines} lines, at most {MethodLinesMax}");

            // The parameters of a record are its data, not what it is built from.
            var constructs = member.IsType ? !RecordHeader().IsMatch(member.Header) : types.Contains(name);
            if (constructs && ParametersOf(member.Header, name) is var count && count > ConstructorParametersMax)
            {
                var message = $"{name} is constructed from {count} parameters, at most {ConstructorParametersMax}";
                yield return new Alarm(file.Path, member.FirstLine, name, message);
            }
        }
    }

    private static string NameOf(string header) =>
        MethodName().Match(header) is { Success: true } match ? match.Groups["name"].Value : header.Trim();

    /// <summary>Counts what stands between the parentheses that follow the name, by the commas outside of inner brackets.</summary>
    private static int ParametersOf(string header, string name)
    {
        var match = Regex.Match(
            header, $@"\b{Regex.Escape(name)}\s*(<[^(]*>)?\s*\(", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));
        if (!match.Success)
            return 0;
        var depth = 0;
        var commas = 0;
        var any = false;
        foreach (var character in header.AsSpan(match.Index + match.Length))
        {
            if (character is ')' && depth == 0)
                break;
            any |= !char.IsWhiteSpace(character);
            commas += character == ',' && depth == 0 ? 1 : 0;
            depth += character switch { '(' or '[' or '<' or '{' => 1, ')' or ']' or '>' or '}' => -1, _ => 0 };
        }

        return any ? commas + 1 : 0;
    }

    [GeneratedRegex(@"(?<name>[\w.]+|operator\s*\S+)\s*(<[^(]*>)?\s*(\(|$)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex MethodName();

    [GeneratedRegex(@"\brecord\b", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex RecordHeader();

    private sealed record Alarm(string Path, int Line, string Subject, string Message)
    {
        public Finding AsFinding() => new(Path, Line, Message);
    }
}
