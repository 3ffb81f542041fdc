using System.Text.Json;
using Ledgerfold.Model.Folding;

namespace Ledgerfold.Simulation.Bank;

/// <summary>
/// A projection as a plain replay of the ledger sees it, free of poison: which events belong to each key, and what they come to.
/// </summary>
internal sealed class KnownFold(Projection projection, BankHistory history)
{
    private readonly SortedDictionary<string, List<long>> _positions = new(StringComparer.Ordinal);
    private long _seen;

    public FoldName Fold => projection.Fold;

    /// <summary>Every key that has events.</summary>
    public IEnumerable<string> Keys
    {
        get
        {
            Catch();
            return _positions.Keys;
        }
    }

    /// <summary>The events of a key up to a position.</summary>
    public IEnumerable<long> EventsOf(string key, long until)
    {
        Catch();
        return _positions.TryGetValue(key, out var positions) ? positions.Where(position => position <= until) : [];
    }

    /// <summary>The row that these events make, in their order; null where there is none.</summary>
    public FoldRow? RowOf(string key, IEnumerable<long> positions)
    {
        object? state = null;
        foreach (var position in positions)
            state = projection.ApplyFact(state, history.FactAt(position)!, history.At(position));
        return state is null ? null : RowOf(key, state);
    }

    public FoldRow RowOf(string key, object state) => projection.Encode(Tenants.Default, RowKeys.OfState(key), state);

    /// <summary>Which events a row says are in it.</summary>
    public static List<long> AppliedOf(FoldRow? row)
    {
        if (row is null)
            return [];
        using var json = JsonDocument.Parse(row.Data);
        return [.. json.RootElement.GetProperty("applied").EnumerateArray().Select(static position => position.GetInt64())];
    }

    public static string Say(FoldRow? row) => row is null
        ? "nothing"
        : $"{System.Text.Encoding.UTF8.GetString(row.Data.Span)} {string.Join(' ', row.Indexes.Select(static entry => $"{entry.Index}:{entry.Value}"))}";

    private void Catch()
    {
        for (; _seen < history.Head; _seen++)
        {
            var recorded = history.At(_seen + 1);
            if (history.FactAt(_seen + 1) is not { } fact || !projection.Query.Matches(recorded))
                continue;
            foreach (var key in projection.KeysOf(fact, recorded))
            {
                if (!_positions.TryGetValue(key, out var positions))
                    _positions.Add(key, positions = []);
                positions.Add(recorded.Position);
            }
        }
    }
}
