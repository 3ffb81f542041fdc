using System.Runtime.CompilerServices;

namespace Ledgerfold.Server.Tests.Documents;

/// <summary>Documents that follow from the code and are committed all the same, so that a change of them is seen and decided.</summary>
internal static class Committed
{
    private const string Approve = "LEDGERFOLD_APPROVE";

    /// <summary>Compares a document with its committed copy; written anew where that was asked for.</summary>
    public static void Check(string path, string content)
    {
        var file = Path.Combine(Root(), path);
        if (Environment.GetEnvironmentVariable(Approve) == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, content);
        }

        var isSame = File.Exists(file) && File.ReadAllText(file) == content;
        Assert.True(
            isSame,
            $"{path} is not what follows from the code. Is that a decision? Then approve it: {Approve}=1 dotnet run -c Release --project tests/Ledgerfold.Server.Tests");
    }

    /// <summary>The documents in a folder, by name.</summary>
    public static IEnumerable<string> In(string folder) => Directory.GetFiles(Path.Combine(Root(), folder)).Select(static file => Path.GetFileName(file));

    /// <summary>The files below a folder, by pattern.</summary>
    public static IEnumerable<string> Below(string folder, string pattern) =>
        Directory.GetFiles(Path.Combine(Root(), folder), pattern, SearchOption.AllDirectories);

    private static string Root([CallerFilePath] string here = "")
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Ledgerfold.slnx")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException($"There is no solution above {AppContext.BaseDirectory}, where {here} was built.");
    }
}
