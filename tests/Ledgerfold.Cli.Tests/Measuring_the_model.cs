using System.Text.Json;
using Ledgerfold.Cli.Bench;

namespace Ledgerfold.Cli.Tests;

public sealed class Measuring_the_model : IDisposable
{
    private const double Seconds = 0.3;
    private const long Events = 20_480;

    private readonly string _directory = Path.Combine(AppContext.BaseDirectory, $"bench-{Guid.NewGuid():N}"); // on a disk, unlike some /tmp

    public static TheoryData<string> Workloads => [.. Workload.OfModel.Select(workload => workload.Name)];

    public void Dispose()
    {
        if (Directory.Exists(_directory))
            Directory.Delete(_directory, recursive: true);
    }

    [Theory]
    [MemberData(nameof(Workloads))]
    public async Task Runs_a_workload_that_checks_what_it_did(string name)
    {
        Directory.CreateDirectory(_directory);

        var result = await Workload.Find(name)!.Run(new BenchPlan(_directory, Seconds, Events));

        Assert.Equal(name, result.Name);
        Assert.True(result.EventsPerSecond > 0);
        Assert.NotEmpty(result.Bars);
        Assert.All(result.Bars, bar => Assert.True(double.IsFinite(bar.Value)));
        Assert.NotEmpty(JsonSerializer.Serialize(result, BenchReport.Json));
    }

    [Fact]
    public async Task Prints_one_object_and_leaves_nothing_behind()
    {
        var ended = await RunningProgram.Run(
            "", "bench", "model", "--data", _directory, "--seconds", $"{Seconds}", "--events", $"{Events}", "--workload", "hot-key", "--json");

        Assert.Equal(0, ended.ExitCode);
        var report = JsonDocument.Parse(ended.Output).RootElement;
        Assert.True(report.GetProperty("device").GetProperty("fdatasyncP50Micros").GetDouble() > 0);
        var workload = Assert.Single(report.GetProperty("workloads").EnumerateArray());
        Assert.Equal("hot-key", workload.GetProperty("name").GetString());
        Assert.True(workload.GetProperty("ratio").GetDouble() > 0);
        Assert.True(workload.GetProperty("p999Micros").GetDouble() > 0);
        Assert.False(Directory.Exists(_directory));
    }

    [Fact]
    public async Task Refuses_a_workload_that_there_is_not()
    {
        var ended = await RunningProgram.Run("", "bench", "model", "--data", _directory, "--workload", "growth");

        Assert.Equal((2, ""), (ended.ExitCode, ended.Output));
        Assert.Contains("growth", ended.Errors);
    }
}
