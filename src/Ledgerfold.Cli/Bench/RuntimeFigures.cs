using System.Runtime;
using System.Runtime.InteropServices;

namespace Ledgerfold.Cli.Bench;

/// <summary>The machine and the runtime that the figures hold for.</summary>
internal sealed record RuntimeFigures
{
    public string Runtime { get; init; } = RuntimeInformation.FrameworkDescription;

    public int Processors { get; init; } = Environment.ProcessorCount;

    public double MemoryMB { get; init; } = Math.Round(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1024.0 / 1024);

    public bool ServerGC { get; init; } = GCSettings.IsServerGC;

    public string GCLatencyMode { get; init; } = GCSettings.LatencyMode.ToString();

    /// <summary>What was set beyond the defaults: by the project, the configuration file or the environment.</summary>
    public IReadOnlyDictionary<string, string> GCSettingsGiven { get; init; } =
        GC.GetConfigurationVariables().ToDictionary(pair => pair.Key, pair => $"{pair.Value}", StringComparer.Ordinal);

    public string FileSystem { get; init; } = "";
}
