using System.Reflection;
using Ledgerfold.Architecture.Tests.Samples;

namespace Ledgerfold.Architecture.Tests;

public sealed class The_public_api
{
    private const int ShownMax = 40;
    private const string Command = "LEDGERFOLD_APPROVE=1 dotnet run -c Release --project tests/Ledgerfold.Architecture.Tests";

    private static IEnumerable<string> Libraries =>
        Repository.WithExtension(".csproj")
            .Where(project => project.Path.StartsWith("src/", StringComparison.Ordinal))
            .Where(project => !project.Text.Contains("<OutputType>", StringComparison.Ordinal))
            .Select(project => Path.GetFileNameWithoutExtension(project.Path));

    [Fact]
    public void Is_the_one_that_was_approved()
    {
        var changes = new List<string>();
        foreach (var library in Libraries)
        {
            var path = $"docs/api/{library}.txt";
            var actual = PublicApi.Of(Assembly.Load(library));
            if (Environment.GetEnvironmentVariable("LEDGERFOLD_APPROVE") == "1")
                Approve(path, actual);
            else
                changes.AddRange(Difference(path, Repository.Paths.Contains(path) ? Repository.Read(path)!.Text : "", actual));
        }

        var shown = changes.Count > ShownMax ? [.. changes.Take(ShownMax), $"and {changes.Count - ShownMax} more"] : changes;
        Assert.True(changes.Count == 0, string.Join('\n', [.. shown, $"Is that a decision? Then approve it: {Command}"]));
    }

    [Fact]
    public void Is_approved_for_libraries_that_exist() =>
        Assert.Empty(Repository.TextFiles.Where(file => file is { Folder: "docs/api", Extension: ".txt" })
            .Select(file => Path.GetFileNameWithoutExtension(file.Name)).Except(Libraries, StringComparer.Ordinal));

    [Fact]
    public void Is_written_as_csharp_would_say_it()
    {
        const string Expected = """
            sealed record class Ledgerfold.Architecture.Tests.Samples.Chosen<T> : Outcome where T : struct
                T Value { get; init; }
                new(T Value)
                override string Code { get; }

            abstract record class Ledgerfold.Architecture.Tests.Samples.Outcome
                abstract string Code { get; }
                protected new()
                required IReadOnlyList<string?> Names { get; init; }

            readonly record struct Ledgerfold.Architecture.Tests.Samples.Point
                int X { get; init; }
                long? Y { get; init; }
                new(int X, long? Y = default)

            enum Ledgerfold.Architecture.Tests.Samples.Speed : byte
                Fast = 1
                Slow = 0

            static class Ledgerfold.Architecture.Tests.Samples.Tools
                const int Most = 7
                static ValueTask<Outcome?> Find(this string? name, params int[] numbers)
                static bool TryRead<T>(in Point point, out T value) where T : class, IDisposable, new()

            """;

        var actual = PublicApi.Of([typeof(Chosen<>), typeof(Outcome), typeof(Tools), typeof(Point), typeof(Speed)]);

        Assert.Equal(Expected, actual);
    }

    [Fact]
    public void Is_compared_line_by_line()
    {
        var changes = Difference("A.txt", "class A\n    void Old()\n    void Same()\n", "class A\n    void New()\n    void Same()\n");

        Assert.Equal(["A.txt: in class A: - void Old()", "A.txt: in class A: + void New()"], changes);
    }

    private static IEnumerable<string> Difference(string path, string approved, string actual)
    {
        var before = Lines(approved);
        var after = Lines(actual);
        return before.Except(after, StringComparer.Ordinal).Select(line => $"{path}: {line.Replace(" | ", ": - ")}")
            .Concat(after.Except(before, StringComparer.Ordinal).Select(line => $"{path}: {line.Replace(" | ", ": + ")}"));
    }

    /// <summary>Each line behind that of the type it stands in, so that equal members of two types differ.</summary>
    private static List<string> Lines(string text)
    {
        var type = "";
        var lines = new List<string>();
        foreach (var line in text.Split('\n').Where(line => line.Length > 0))
        {
            if (line[0] != ' ')
                type = line;
            lines.Add(line[0] != ' ' ? $"the types | {line}" : $"in {type} | {line.Trim()}");
        }

        return lines;
    }

    private static void Approve(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Repository.FullPath(path))!);
        File.WriteAllText(Repository.FullPath(path), text);
    }
}
