using System.Text.RegularExpressions;

namespace Ledgerfold.Architecture.Tests;

/// <summary>
/// C# in documents is quoted from files that tests compile and run. Above each block stands <c>&lt;!-- quoted from PATH: NAME --&gt;</c>, and
/// in the file the lines stand between <c>// begin NAME</c> and <c>// end</c>; without a name between <c>// begin</c> and <c>// end</c>.
/// </summary>
internal sealed partial class QuotedCode(Func<string, SourceFile?> read)
{
    private const string Fence = "```";

    /// <summary>The document as it should be, and what is wrong with it as it is.</summary>
    public (string Text, List<Finding> Findings) Check(SourceFile document)
    {
        var findings = new List<Finding>();
        var text = new List<string>();
        var lines = document.Lines;
        for (var number = 0; number < lines.Length; number++)
        {
            text.Add(lines[number]);
            if (!lines[number].StartsWith(Fence, StringComparison.Ordinal))
                continue;
            var end = Array.FindIndex(lines, number + 1, static line => line.StartsWith(Fence, StringComparison.Ordinal));
            end = end < 0 ? lines.Length : end;
            var shown = lines[(number + 1)..end];
            if (lines[number] == $"{Fence}csharp")
            {
                var quoted = Quoted(number > 0 ? lines[number - 1] : "", out var complaint);
                if (quoted is not null && !quoted.SequenceEqual(shown))
                    complaint = "the code is not what its source says";
                if (complaint is not null)
                    findings.Add(new Finding(document.Path, number + 1, complaint));
                shown = quoted ?? shown;
            }

            text.AddRange(shown);
            if (end < lines.Length)
                text.Add(lines[end]);
            number = end;
        }

        return (string.Join('\n', text), findings);
    }

    private string[]? Quoted(string marker, out string? complaint)
    {
        var match = Marker().Match(marker);
        complaint = null;
        if (!match.Success)
            complaint = "C# code that no test compiles: quote it from a file";
        else if (read(match.Groups["path"].Value) is not { } source)
            complaint = $"{match.Groups["path"].Value} does not exist";
        else if (Region(source, match.Groups["name"].Value) is not { Length: > 0 } region)
            complaint = $"{source.Path} has nothing between // begin {match.Groups["name"].Value} and // end";
        else
            return region;
        return null;
    }

    private static string[] Region(SourceFile source, string name)
    {
        var begin = $"// begin {name}".TrimEnd();
        var lines = source.Lines.SkipWhile(line => line.Trim() != begin).Skip(1).TakeWhile(static line => line.Trim() != "// end").ToList();
        while (lines is [.., ""])
            lines.RemoveAt(lines.Count - 1);
        while (lines is ["", ..])
            lines.RemoveAt(0);
        var margin = lines.Where(static line => line.Length > 0).Select(static line => line.Length - line.TrimStart().Length).DefaultIfEmpty().Min();
        return [.. lines.Select(line => line.Length > 0 ? line[margin..] : "")];
    }

    [GeneratedRegex(@"^<!-- quoted from (?<path>[^\s:]+)(: (?<name>.+))? -->$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Marker();
}
