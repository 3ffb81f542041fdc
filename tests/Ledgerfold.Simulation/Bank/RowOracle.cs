using System.Text.Json;
using Ledgerfold.Model.Deciding;
using Ledgerfold.Model.Events;
using Ledgerfold.Model.Folding;
using Ledgerfold.Simulation.Folds;
using Ledgerfold.Storage;

namespace Ledgerfold.Simulation.Bank;

/// <summary>
/// What stands in the fold store, looked at behind everybody's back: no fold is ahead of the ledger, and every row is the replay of its
/// events up to the position of its fold, without those that are held or left out.
/// </summary>
internal sealed class RowOracle(BankHistory history, BankCode plain)
{
    private readonly KnownFold[] _folds =
    [
        .. plain.Projections.Select(projection => new KnownFold(projection, history)),
        .. plain.Projections.Select(projection => new KnownFold(projection.KeptAs(Shadow.Beside(projection.Fold)), history)),
    ];

    private readonly HashSet<(string Fold, long Position)> _skipped = [];

    public IEnumerable<KnownFold> Folds => _folds;

    /// <summary>Somebody chose to leave an event out.</summary>
    public void Skip(FoldName fold, long position) => _skipped.Add((Shadow.NameOf(fold), position));

    public KnownFold Of(FoldName fold) => Array.Find(_folds, known => known.Fold == fold)!;

    public void CheckStore(EmbeddedFoldStore store)
    {
        var view = FoldContent.Now(store.OpenView());
        try
        {
            foreach (var fold in _folds)
                CheckFold(view, fold);
            for (var version = 1; version <= 2; version++)
                CheckSnapshots(view, version);
        }
        finally
        {
            view.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }

    /// <summary>A row must hold these events and may hold later ones; and it must be what its events come to.</summary>
    public void CheckRow(KnownFold fold, string key, FoldRow? row, IReadOnlyCollection<long> required, long from, string what)
    {
        var applied = KnownFold.AppliedOf(row);
        var ofKey = fold.EventsOf(key, history.Head).ToHashSet();
        var isWrong = applied.Exists(position => !ofKey.Contains(position))
            || applied.Distinct().Count() != applied.Count
            || required.Any(position => !applied.Contains(position) && !_skipped.Contains((Shadow.NameOf(fold.Fold), position)))
            || applied.Exists(position => position <= from && !required.Contains(position))
            || !IsRising(applied);
        if (isWrong)
        {
            throw new OracleException(
                "rows", $"{what}: {fold.Fold} {key} holds [{string.Join(' ', applied)}], up to {from} it must hold [{string.Join(' ', required)}] of [{string.Join(' ', ofKey)}]");
        }

        var expected = KnownFold.Say(fold.RowOf(key, applied));
        if (KnownFold.Say(row) != expected)
            throw new OracleException("replay", $"{what}: {fold.Fold} {key} is {KnownFold.Say(row)}, a replay of the same events {expected}");
    }

    private static bool IsRising(IEnumerable<long> positions) => positions.Zip(positions.Skip(1)).All(static pair => pair.First < pair.Second);

    private void CheckFold(IFoldView view, KnownFold fold)
    {
        var position = FoldContent.Now(view.ReadPosition(fold.Fold));
        if (position > history.Head)
            throw new OracleException("position", $"{fold.Fold} stands at {position}, the ledger at {history.Head}");
        var held = Rows(view, fold.Fold, RowKeys.EngineTenant, RowKeys.HeldPrefix).Select(Read<HeldKey>).ToArray();
        var skipped = Rows(view, fold.Fold, RowKeys.EngineTenant, RowKeys.SkippedPrefix).Select(Read<SkippedEvent>).ToArray();
        foreach (var one in skipped)
        {
            if (!_skipped.Contains((Shadow.NameOf(fold.Fold), one.Position)))
                throw new OracleException("held", $"{fold.Fold} leaves {one.Position} out, and nobody asked for it");
        }

        var rows = Rows(view, fold.Fold, Tenants.Default, "").ToDictionary(RowKeys.KeyOf, StringComparer.Ordinal);
        foreach (var key in fold.Keys.Union(rows.Keys).ToArray())
        {
            var required = fold.EventsOf(key, position).Where(one => !Array.Exists(held, holds => Holds(holds, key, one))).ToArray();
            // the row of a key that is computed again stays as it was meanwhile
            var from = Array.Exists(held, holds => holds.Key == key && holds.From == 1) ? 0 : long.MaxValue;
            CheckRow(fold, key, rows.GetValueOrDefault(key), required, from, $"in the store, at {position}, holding {string.Join("; ", held.Select(SayHeld))}");
        }
    }

    /// <summary>Whether an event waits because of what is held.</summary>
    private bool Holds(HeldKey held, string key, long position)
    {
        if (held.Stream is { } stream ? history.At(position).Stream != stream : held.Key != key)
            return false;
        return position >= held.From;
    }

    private static string SayHeld(HeldKey held) => $"{held.Key ?? held.Stream} from {held.From}";

    /// <summary>A snapshot is what a replay up to its version gives.</summary>
    private void CheckSnapshots(IFoldView view, int version)
    {
        var unit = BankCode.UnitOf(version);
        var fold = SnapshotStore.NameOf(new Decider<AccountState>(BankDecisions.AccountCategory, AccountState.None, static (state, _) => state) { Version = version });
        if (FoldContent.Now(view.ReadPosition(fold)) is var stands && stands > history.Head)
            throw new OracleException("position", $"{fold} stands at {stands}, the ledger at {history.Head}");
        foreach (var row in Rows(view, fold, Tenants.Default, ""))
        {
            using var json = JsonDocument.Parse(row.Data);
            var state = json.RootElement.GetProperty("state").Deserialize<AccountState>(EventJson.Options);
            CheckState(row.Key, json.RootElement.GetProperty("version").GetInt64(), state, unit, $"a snapshot of version {version}");
        }
    }

    /// <summary>A state is what a replay of its stream up to its version gives.</summary>
    public void CheckState(string stream, long version, AccountState? state, int unit, string what)
    {
        var events = history.Events.Where(recorded => recorded.Stream == stream).Take((int)version).ToArray();
        var expected = events.Aggregate(AccountState.None, (before, recorded) => AccountState.Apply(before, history.FactAt(recorded.Position)!, unit));
        if (events.Length != version || state != expected)
            throw new OracleException("replay", $"{what} of {stream} at version {version} is {state}, a replay of {events.Length} events {expected}");
    }

    private static List<FoldRow> Rows(IFoldView view, FoldName fold, string tenant, string prefix)
    {
        var rows = new List<FoldRow>();
        var request = new FoldRead { Fold = fold, Tenant = tenant, From = prefix.Length == 0 ? null : prefix, To = prefix.Length == 0 ? null : RowKeys.After(prefix) };
        while (true)
        {
            var page = FoldContent.Now(view.Read(request));
            rows.AddRange(page.Rows);
            if (page.Next is null)
                return rows;
            request = request with { Continue = page.Next };
        }
    }

    private static T Read<T>(FoldRow row) => JsonSerializer.Deserialize<T>(row.Data.Span, EventJson.Options)!;
}
