using System.Globalization;

namespace Ledgerfold.Cli.Load.Running;

/// <summary>
/// Looks at what the server measures of itself every few seconds, and keeps the highest value of each gauge: how long its queues got.
/// </summary>
internal sealed class GaugeWatch : IAsyncDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5); // writing it all costs the server something

    private readonly MarketplaceApi _api;
    private readonly SortedDictionary<string, double> _highest = new(StringComparer.Ordinal); // the watching task only, until it has ended
    private readonly CancellationTokenSource _end = new();
    private readonly Task _watching;

    public GaugeWatch(MarketplaceApi api)
    {
        _api = api;
        _watching = Watch();
    }

    /// <summary>Ends it, and answers the highest value of each gauge, whatever its labels.</summary>
    public async Task<IReadOnlyDictionary<string, double>> End()
    {
        await _end.CancelAsync();
        await _watching;
        return _highest;
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _watching;
        _end.Dispose();
    }

    private async Task Watch()
    {
        using var ticks = new PeriodicTimer(Every, TimeProvider.System);
        try
        {
            while (await ticks.WaitForNextTickAsync(_end.Token))
                Take(await _api.Metrics(_end.Token));
        }
        catch (Exception ended) when (ended is OperationCanceledException or HttpRequestException)
        {
            // it is no longer looked at, or does not tell
        }
    }

    private void Take(string metrics)
    {
        var gauges = new HashSet<string>(StringComparer.Ordinal);
        foreach (var line in metrics.Split('\n'))
        {
            var words = line.Split(' ');
            if (words is ["#", "TYPE", var gauge, "gauge"])
                gauges.Add(gauge);
            else if (words.Length >= 2 && words[0].Split('{')[0] is var name && gauges.Contains(name)
                && double.TryParse(words[^1], NumberStyles.Float, CultureInfo.InvariantCulture, out var value))
                _highest[name] = Math.Max(_highest.GetValueOrDefault(name), value);
        }
    }
}
