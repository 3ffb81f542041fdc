using System.Text.Json;
using Ledgerfold.Cli.Bench;
using Ledgerfold.Cli.Load.Recounting;

namespace Ledgerfold.Cli.Load.Running;

/// <summary>
/// The marketplace's key figures beside those that were counted again: every figure that both have must be the same. Figures go by their
/// names, written in any case.
/// </summary>
/// <param name="Compared">How many figures both have.</param>
/// <param name="Differences">Those that are not the same, with both values.</param>
internal sealed record KpiComparison(int Compared, IReadOnlyList<string> Differences)
{
    private const decimal Rounding = 0.0001m; // shares are rounded, by each in its own way

    public static KpiComparison Of(KpiReport counted, JsonElement told)
    {
        var ours = Figures(JsonSerializer.SerializeToElement(counted, BenchReport.Json));
        var theirs = Figures(told);
        var both = ours.Where(one => theirs.ContainsKey(one.Key)).ToList();
        return new KpiComparison(both.Count,
        [
            .. both.Where(one => Math.Abs(theirs[one.Key] - one.Value) > Rounding)
                .Select(one => $"{one.Key}: {theirs[one.Key]} told, {one.Value} counted"),
        ]);
    }

    private static Dictionary<string, decimal> Figures(JsonElement json)
    {
        var figures = new Dictionary<string, decimal>(StringComparer.OrdinalIgnoreCase);
        Add("", json);
        return figures;

        void Add(string path, JsonElement value)
        {
            switch (value.ValueKind)
            {
                case JsonValueKind.Number:
                    figures[path] = value.GetDecimal();
                    break;
                case JsonValueKind.Object when value.TryGetProperty("amount", out _):
                    var money = Amount.Of(value);
                    figures[$"{path}.{money.Currency}"] = money.Value;
                    break;
                case JsonValueKind.Object:
                    foreach (var field in value.EnumerateObject())
                        Add(path.Length == 0 ? field.Name : $"{path}.{field.Name}", field.Value);
                    break;
                case JsonValueKind.Array:
                    foreach (var item in value.EnumerateArray())
                        Add(path, item);
                    break;
            }
        }
    }
}
