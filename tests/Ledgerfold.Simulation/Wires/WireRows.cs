using System.Text;
using Ledgerfold.Model.Driving;
using Ledgerfold.Model.Folding;
using Ledgerfold.Model.Processing;
using Ledgerfold.Simulation.Bank;
using Ledgerfold.Simulation.Folds;
using Ledgerfold.Storage;

namespace Ledgerfold.Simulation.Wires;

/// <summary>The rows by which instances are found: each is the replay of its stream up to where the rows stand, or to a later event.</summary>
internal sealed class WireRows(BankHistory history)
{
    private static readonly Projection Projection = InstanceRows.Projection;

    private readonly Dictionary<string, List<(long Position, string Row)>> _replay = new(StringComparer.Ordinal);
    private readonly Dictionary<string, object?> _states = new(StringComparer.Ordinal);
    private long _seen;

    public void Check(EmbeddedFoldStore store)
    {
        Catch();
        var position = FoldContent.Now(store.ReadPosition(Projection.Fold));
        if (position > history.Head)
            throw new OracleException("position", $"{Projection.Fold} stands at {position}, the ledger at {history.Head}");
        var rows = Read(store).ToDictionary(static row => row.Key, Say, StringComparer.Ordinal);
        foreach (var key in rows.Keys.Union(_replay.Keys))
        {
            var row = rows.GetValueOrDefault(key);
            var replay = _replay.GetValueOrDefault(key, []);
            var required = replay.FindLastIndex(one => one.Position <= position);
            var isRight = (row is null && required < 0) || replay.Skip(Math.Max(0, required)).Any(one => one.Row == row);
            if (!isRight)
                throw new OracleException("rows", $"at {position} of {history.Head} {key} is {row}, a replay gives {(required < 0 ? "nothing" : replay[required].Row)}");
        }
    }

    private void Catch()
    {
        for (; _seen < history.Head; _seen++)
        {
            var recorded = history.At(_seen + 1);
            if (!Projection.Query.Matches(recorded))
                continue;
            var said = ProcessRecords.Read(recorded);
            foreach (var key in Projection.KeysOf(said, recorded))
            {
                var rowKey = RowKeys.OfState(key);
                var state = _states[rowKey] = Projection.ApplyFact(_states.GetValueOrDefault(rowKey), said, recorded);
                if (!_replay.TryGetValue(rowKey, out var known))
                    _replay.Add(rowKey, known = []);
                known.Add((recorded.Position, Say(Projection.Encode(recorded.Tenant, rowKey, state!))));
            }
        }
    }

    private static List<FoldRow> Read(EmbeddedFoldStore store)
    {
        var rows = new List<FoldRow>();
        var request = new FoldRead { Fold = Projection.Fold, Tenant = Tenants.Default };
        while (true)
        {
            var page = FoldContent.Now(store.Read(request));
            rows.AddRange(page.Rows);
            if (page.Next is null)
                return rows;
            request = request with { Continue = page.Next };
        }
    }

    private static string Say(FoldRow row) =>
        $"{Encoding.UTF8.GetString(row.Data.Span)} {string.Join(' ', row.Indexes.Select(static entry => $"{entry.Index}:{entry.Value}").Order(StringComparer.Ordinal))}";
}
