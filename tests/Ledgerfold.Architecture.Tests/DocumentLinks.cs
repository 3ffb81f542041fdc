using System.Text.RegularExpressions;

namespace Ledgerfold.Architecture.Tests;

/// <summary>
/// Documents point at files that exist: every relative link (and its heading), and every path cited as code. A bare file name such as
/// <c>Thing.cs</c> must be that of some file.
/// </summary>
internal sealed partial class DocumentLinks(IReadOnlyList<SourceFile> documents, IReadOnlyList<string> paths)
{
    private readonly HashSet<string> _paths = [.. paths, .. paths.SelectMany(Parents)];
    private readonly HashSet<string> _names = [.. paths.Select(path => Path.GetFileName(path))];
    private readonly Dictionary<string, SourceFile> _documents = documents.ToDictionary(document => document.Path, StringComparer.Ordinal);

    public IEnumerable<Finding> Check()
    {
        foreach (var document in documents)
        {
            var fenced = false;
            for (var number = 1; number <= document.Lines.Length; number++)
            {
                var line = document.Lines[number - 1];
                if (line.TrimStart().StartsWith("```", StringComparison.Ordinal))
                    fenced = !fenced;
                foreach (var message in fenced ? Commands(line) : Links(document, line).Concat(Citations(document, line)))
                    yield return new Finding(document.Path, number, message);
            }
        }
    }

    private IEnumerable<string> Links(SourceFile document, string line)
    {
        foreach (Match match in Link().Matches(CodeSpan().Replace(line, "")))
        {
            var target = match.Groups["target"].Value;
            if (target.Contains("://", StringComparison.Ordinal) || target.StartsWith("mailto:", StringComparison.Ordinal))
                continue;
            var parts = target.Split('#', 2);
            var path = parts[0].Length == 0 ? document.Path : Resolve(document.Folder, parts[0]);
            if (path is null || !_paths.Contains(path))
                yield return $"the link to {target} is dead";
            else if (parts.Length == 2 && _documents.TryGetValue(path, out var linked) && !Headings(linked).Contains(parts[1]))
                yield return $"the link to {target} names a heading that is not there";
        }
    }

    private IEnumerable<string> Citations(SourceFile document, string line) =>
        CodeSpan().Matches(line)
            .Select(match => match.Groups["code"].Value)
            .SelectMany(code => code.Contains(' ') ? Commands(code) : IsCited(document, code) ? [] : [$"the path {code} does not exist"]);

    private bool IsCited(SourceFile document, string code)
    {
        if (!CitedPath().IsMatch(code))
            return true;
        if (!code.Contains('/'))
            return _names.Contains(code);
        return new[] { Resolve(document.Folder, code), Resolve(".", code) }.Any(path => path is not null && _paths.Contains(path));
    }

    /// <summary>Arguments of a command that begin in one of our folders.</summary>
    private IEnumerable<string> Commands(string line) =>
        Argument().Matches(line)
            .Select(match => match.Value)
            .Where(path => !_paths.Contains(path.TrimEnd('/')))
            .Select(path => $"the path {path} does not exist");

    private static string? Resolve(string folder, string path)
    {
        var parts = new List<string>();
        foreach (var part in $"{folder}/{path}".Split('/'))
        {
            if (part is "" or ".")
                continue;
            if (part != "..")
                parts.Add(part);
            else if (parts.Count > 0)
                parts.RemoveAt(parts.Count - 1);
            else
                return null;
        }

        return parts.Count == 0 ? "." : string.Join('/', parts);
    }

    private static IEnumerable<string> Parents(string path)
    {
        for (var parent = Path.GetDirectoryName(path); !string.IsNullOrEmpty(parent); parent = Path.GetDirectoryName(parent))
            yield return parent;
    }

    private static IEnumerable<string> Headings(SourceFile document) =>
        document.Lines.Where(line => line.StartsWith('#')).Select(line => line.TrimStart('#').Trim().ToLowerInvariant())
            .Select(heading => AnchorNoise().Replace(heading, "").Replace(' ', '-'));

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Link();

    [GeneratedRegex("`(?<code>[^`]+)`", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex CodeSpan();

    /// <summary>A path from one of our top folders, or any file of a kind that the repository keeps.</summary>
    [GeneratedRegex(
        @"^(\./)?((src|tests|systems|bench|docs|eng|\.ci)/[\w./+-]*|[\w./+-]*\w\.(cs|csproj|md|props|slnx))$",
        RegexOptions.ExplicitCapture,
        1000)]
    private static partial Regex CitedPath();

    [GeneratedRegex(@"(?<=^|\s)(src|tests|systems|bench|docs|eng|\.ci)/[\w./+-]*[\w/]", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Argument();

    [GeneratedRegex(@"[^\w\- ]", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex AnchorNoise();
}
