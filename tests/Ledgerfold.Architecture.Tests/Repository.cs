using System.Reflection;

namespace Ledgerfold.Architecture.Tests;

/// <summary>A text file of the repository, its path relative to the root with forward slashes.</summary>
internal sealed record SourceFile(string Path, string Text)
{
    public string Name => System.IO.Path.GetFileName(Path);

    public string Folder => System.IO.Path.GetDirectoryName(Path) is { Length: > 0 } folder ? folder : ".";

    public string Extension => System.IO.Path.GetExtension(Path);

    public string[] Lines => Text.Split('\n');
}

/// <summary>Something a checker objects to.</summary>
internal sealed record Finding(string Path, int Line, string Message)
{
    public override string ToString() => Line > 0 ? $"{Path}({Line}): {Message}" : $"{Path}: {Message}";

    public static void None(IEnumerable<Finding> findings)
    {
        var found = findings.Select(finding => finding.ToString()).Order(StringComparer.Ordinal).ToArray();
        Assert.True(found.Length == 0, string.Join('\n', found.Prepend($"{found.Length} found:")));
    }
}

/// <summary>The files that make up the repository: everything under its root that is neither built nor fetched.</summary>
internal static class Repository
{
    private static readonly string[] NotOurs =
        [".git", "artifacts", "bin", "obj", "node_modules", "TestResults", "BenchmarkDotNet.Artifacts"];

    public static string Root { get; } = typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "RepositoryRoot").Value!;

    /// <summary>The relative paths of all files, sorted.</summary>
    public static IReadOnlyList<string> Paths { get; } = [.. Walk(new DirectoryInfo(Root)).Order(StringComparer.Ordinal)];

    /// <summary>All files that hold text, with it.</summary>
    public static IReadOnlyList<SourceFile> TextFiles { get; } = [.. Paths.Select(Read).OfType<SourceFile>()];

    public static IEnumerable<SourceFile> WithExtension(string extension) => TextFiles.Where(file => file.Extension == extension);

    public static string FullPath(string path) => Path.Combine(Root, path);

    public static SourceFile? Read(string path)
    {
        var bytes = File.ReadAllBytes(FullPath(path));
        return bytes.AsSpan().Contains((byte)0) ? null : new SourceFile(path, System.Text.Encoding.UTF8.GetString(bytes));
    }

    private static IEnumerable<string> Walk(DirectoryInfo directory)
    {
        foreach (var entry in directory.EnumerateFileSystemInfos())
        {
            if (NotOurs.Contains(entry.Name))
                continue;
            if (entry is DirectoryInfo folder)
            {
                foreach (var path in Walk(folder))
                    yield return path;
            }
            else
            {
                yield return Path.GetRelativePath(Root, entry.FullName);
            }
        }
    }
}
