using System.Text.Json;
using System.Text.Json.Serialization;

namespace Ledgerfold.Cli.Bench;

/// <summary>What a workload gave; figures that only one workload has stand in <see cref="More"/>, beside the others in JSON.</summary>
internal sealed record WorkloadResult
{
    public required string Name { get; init; }

    /// <summary>What is counted, where it is not events.</summary>
    public string Unit { get; init; } = "events";

    public double EventsPerSecond { get; init; }

    public double? RawPerSecond { get; init; }

    public double? Ratio { get; init; }

    public Spread? RatioSpread { get; init; }

    public double? P50Micros { get; init; }

    public double? P99Micros { get; init; }

    public double? AllocatedBytesPerEvent { get; init; }

    public double PeakRssMB { get; init; }

    /// <summary>Processor time of the workload's process, in seconds.</summary>
    public double CpuSeconds { get; init; }

    /// <summary>What share of all processors was busy with anything else meanwhile, the kernel's own threads included.</summary>
    public double BusyElsewhere { get; init; }

    public IReadOnlyList<Bar> Bars { get; init; } = [];

    [JsonExtensionData]
    public Dictionary<string, JsonElement> More { get; init; } = [];

    /// <summary>The same with a figure of its own.</summary>
    public WorkloadResult With(string name, double value)
    {
        var more = new Dictionary<string, JsonElement>(More) { [name] = JsonSerializer.SerializeToElement(Math.Round(value, 3)) };
        return this with { More = more };
    }

    /// <summary>The same with a row of figures of its own.</summary>
    public WorkloadResult With(string name, IEnumerable<double> values)
    {
        var rounded = values.Select(value => Math.Round(value, 3)).ToArray();
        return this with { More = new Dictionary<string, JsonElement>(More) { [name] = JsonSerializer.SerializeToElement(rounded) } };
    }
}

/// <summary>What a figure must reach, or may reach.</summary>
internal sealed record Bar(string Figure, double Value, double Limit, bool AtLeast)
{
    public bool Pass => AtLeast ? Value >= Limit : Value <= Limit;

    public static Bar Least(string figure, double value, double limit) => new(figure, value, limit, AtLeast: true);

    public static Bar Most(string figure, double value, double limit) => new(figure, value, limit, AtLeast: false);
}
