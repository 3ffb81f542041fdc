using System.Globalization;

namespace Ledgerfold.Cli.Load.Running;

/// <summary>Which core the server runs on, and which the generator: neither takes from the other what is measured.</summary>
/// <param name="Server">The server's core; null where nothing is pinned.</param>
/// <param name="Generator">The generator's.</param>
internal sealed record Cores(int? Server, int? Generator)
{
    private const string Pin = "taskset";

    /// <summary>What is done, in words.</summary>
    public string Told => Server is null
        ? "nothing is pinned: there is one core, or no taskset"
        : $"server on core {Server}, generator on core {Generator}";

    /// <summary>The first core that this process may use, and the last.</summary>
    public static Cores OfThisMachine()
    {
        const string Name = "Cpus_allowed_list:";
        var allowed = File.ReadLines("/proc/self/status").First(static line => line.StartsWith(Name, StringComparison.Ordinal));
        int[] cores = [.. allowed[Name.Length..].Split([',', '-']).Select(static text => int.Parse(text, CultureInfo.InvariantCulture))];
        var paths = Environment.GetEnvironmentVariable("PATH") ?? "";
        var canPin = paths.Split(':').Any(static path => File.Exists(Path.Combine(path, Pin)));
        return cores[0] != cores[^1] && canPin ? new Cores(cores[0], cores[^1]) : new Cores(null, null);
    }

    /// <summary>The same command line, so that it runs on a core.</summary>
    public static string[] On(int? core, string[] commandLine) =>
        core is { } one ? [Pin, "--cpu-list", one.ToString(CultureInfo.InvariantCulture), .. commandLine] : commandLine;
}
