using System.Text.Json.Serialization;

namespace Ledgerfold.Cli.Load;

/// <summary>
/// Which load, and how much of it. The same plan is the same traffic, click by click, so every process can work it out for itself.
/// </summary>
/// <param name="Profile">Its name.</param>
/// <param name="Run">What ids of this run begin with, so that a server can be used again.</param>
internal sealed record LoadPlan(LoadProfile Profile, string Run)
{
    /// <summary>What a flash sale begins with.</summary>
    public const double CalmRate = 10;

    /// <summary>The seed of everything that is drawn.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>How long the rate rises (flash).</summary>
    public double Seconds { get; init; } = 30;

    /// <summary>Attempts a second: at the end of the rise (flash), or throughout (steady).</summary>
    public double Rate { get; init; } = 2_000;

    /// <summary>How many orders (steady).</summary>
    public int Orders { get; init; } = 100_000;

    /// <summary>How many units there are of what everybody wants (flash).</summary>
    public int HotUnits { get; init; } = 1_000;

    /// <summary>How long a caller is ready to wait for the end of checkout, in seconds.</summary>
    public int Wait { get; init; }

    /// <summary>When each attempt is due.</summary>
    [JsonIgnore]
    public Schedule Schedule => Profile is LoadProfile.Flash
        ? Schedule.Rising(CalmRate, Rate, TimeSpan.FromSeconds(Seconds))
        : Schedule.Even(Rate, Orders);
}

/// <summary>The two loads there are.</summary>
internal enum LoadProfile
{
    /// <summary>Everybody wants one article at once, and clicks twice.</summary>
    Flash,

    /// <summary>A good day, for as long as it takes.</summary>
    Steady,
}
