using System.Text.Json;

namespace Ledgerfold.Cli.Load.Recounting;

/// <summary>
/// What the simulated payment provider's own journal says is held: each line is a checksum, a space, and a change as JSON. It is the
/// outside world's account of the same money, so what it holds and the events do not know of is the worst kind of hold.
/// </summary>
internal sealed class ProviderCount
{
    private readonly Dictionary<string, bool> _held = new(StringComparer.Ordinal); // by key; whether something was taken

    /// <summary>The payments for which something is held, and nothing was taken of it or given up.</summary>
    public IEnumerable<string> Held => _held.Where(static one => !one.Value).Select(static one => PaymentOf(one.Key));

    public static ProviderCount Read(string file)
    {
        var count = new ProviderCount();
        foreach (var line in File.ReadLines(file))
        {
            if (line.IndexOf(' ', StringComparison.Ordinal) is > 0 and var space)
                count.Take(JsonDocument.Parse(line.AsMemory(space + 1)).RootElement);
        }

        return count;
    }

    private void Take(JsonElement change)
    {
        switch (change.GetProperty("kind").GetString())
        {
            case "held":
                _held.Add(KeyOf(change), false);
                break;
            case "released":
                _held.Remove(KeyOf(change));
                break;
            case "captured":
                _held[KeyOf(change)] = true;
                break;
        }
    }

    private static string KeyOf(JsonElement change) => change.GetProperty("Key").GetString()!;

    /// <summary>A key ends in the payment's id.</summary>
    private static string PaymentOf(string key) => key[(key.LastIndexOf('/') + 1)..];
}
