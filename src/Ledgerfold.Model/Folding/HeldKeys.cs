using System.Collections.Immutable;
using System.Text.Json;
using Ledgerfold.Model.Events;

namespace Ledgerfold.Model.Folding;

/// <summary>
/// What one fold holds, and which events were left out for good. Each change goes into the next batch, beside the states it speaks of, so
/// that a state and the position it waits at can never tell two stories. The loop changes it; anybody may look at <see cref="Shown"/>.
/// </summary>
internal sealed class HeldKeys(FoldName fold, FoldEngineOptions options)
{
    private readonly Dictionary<HeldName, Holding> _held = [];
    private readonly Dictionary<(HeldName Name, long Position), SkippedEvent> _skipped = [];
    private readonly HashSet<HeldName> _changed = [];
    private readonly Dictionary<HeldName, HeldKey> _leaving = []; // released, but their rows are not written yet
    private readonly HashSet<(HeldName Name, long Position)> _skippedAnew = [];
    private readonly long _began = options.Clock.GetTimestamp(); // the wall clock may be set back
    private ImmutableDictionary<HeldName, HeldKey> _shown = ImmutableDictionary<HeldName, HeldKey>.Empty;
    private readonly KeyValuePair<string, object?> _tag = Telemetry.TagOf(fold);
    private bool _shows = true;

    /// <summary>What is held, as of the last page.</summary>
    public ImmutableDictionary<HeldName, HeldKey> Shown => Volatile.Read(ref _shown);

    public bool HasChanges => _changed.Count > 0 || _skippedAnew.Count > 0;

    /// <summary>Whether most questions can be answered without looking.</summary>
    public bool IsEmpty => _held.Count == 0 && _skipped.Count == 0;

    /// <summary>Reads what was held when the fold last stood.</summary>
    public async Task Load(IFoldStore store, CancellationToken cancel)
    {
        Clear();
        await foreach (var row in Rows(store, RowKeys.HeldPrefix, cancel))
        {
#if ZOO
            if (Zoo.Bug("model-held-key-forgotten-at-restart"))
                break;
#endif
            var held = Read<HeldKey>(row);
            _held.Add(held.Name, new Holding(held, RetryAt: After(held.Attempts))); // newer code may do better: each gets one more try
        }

        await foreach (var row in Rows(store, RowKeys.SkippedPrefix, cancel))
        {
            var skipped = Read<SkippedEvent>(row);
            _skipped.Add((skipped.Name, skipped.Position), skipped);
        }

        _shows = false;
        Show();
    }

    public void Clear()
    {
        _held.Clear();
        _leaving.Clear();
        _skipped.Clear();
        _changed.Clear();
        _skippedAnew.Clear();
        _shows = false;
        Show();
    }

    public HeldKey? Find(HeldName name) => _held.GetValueOrDefault(name)?.Row;

    /// <summary>Whether this event must wait, because what it belongs to stands at it or before it.</summary>
    public bool Holds(HeldName name, long position) => _held.TryGetValue(name, out var holding) && holding.Row.From <= position;

    public bool IsSkipped(HeldName name, long position) => _skipped.ContainsKey((name, position));

    /// <summary>Counts an event that waits.</summary>
    public void CountWaiting(HeldName name)
    {
        var holding = _held[name];
        Put(name, holding with { Row = holding.Row with { Waiting = holding.Row.Waiting + 1 } });
    }

    /// <summary>Holds something at a position: nothing from there on is applied.</summary>
    /// <exception cref="FoldBrokenException">More is held than can be the events' fault.</exception>
    public void Hold(HeldName name, long position, string error, long waiting = 0)
    {
        if (_held.TryGetValue(name, out var known))
        {
            var from = Math.Min(known.Row.From, position);
            Put(name, known with { Row = known.Row with { From = from, Waiting = known.Row.Waiting + waiting } });
            Fail(name, position, error);
            return;
        }

        if (_held.Values.Count(static holding => !holding.Row.IsComputedAgain) >= options.HeldKeysMax)
            throw new FoldBrokenException($"More than {options.HeldKeysMax} keys would be held; the last one for {error}");
        Telemetry.FoldErrors.Add(1, _tag);
        var row = RowOf(name, position, position, error) with { Waiting = waiting };
        Put(name, new Holding(row, options.RetriesMax > 0 ? After(1) : null));
    }

    /// <summary>
    /// Holds a key that is about to be computed again from nothing, because events of a stream that was held come in between what it was
    /// made of; false where it was held already, and waits for a release of its own.
    /// </summary>
    public bool ComputeAgain(HeldName name, HeldKey stream)
    {
        if (_held.TryGetValue(name, out var known))
        {
            Put(name, known with { Row = known.Row with { From = 1 } });
            return false;
        }

        var why = $"computed again, because stream {stream.Stream} was held from position {stream.From} on";
        Put(name, new Holding(RowOf(name, stream.From, from: 1, why) with { IsComputedAgain = true }, RetryAt: null));
        return true;
    }

    /// <summary>Whether nothing is applied under a held key, so that whoever releases it begins with nothing.</summary>
    public bool IsFromNothing(HeldName name) => Find(name) is { From: 1 };

    /// <summary>Takes all such keys of a tenant that are still tried by themselves: one pass over the ledger serves them all.</summary>
    public string[] TryFromNothing(string tenant)
    {
        var names = _held
            .Where(one => one.Key.Tenant == tenant && one.Key.Key is not null && one.Value is { RetryAt: not null, Row.From: 1 })
            .Select(static one => one.Key).OrderBy(static one => one.Key, StringComparer.Ordinal).ToArray();
        foreach (var name in names)
            Trying(name);
        return [.. names.Select(static name => name.Key!)];
    }

    /// <summary>Whether an event was left out for good, or waits, because of the stream it stands in.</summary>
    public bool KeepsBack(RecordedEvent recorded)
    {
        if (IsEmpty)
            return false;
        var stream = HeldName.OfStream(recorded.Tenant, recorded.Stream);
        return IsSkipped(stream, recorded.Position) || Holds(stream, recorded.Position);
    }

    /// <summary>
    /// What is held failed again when it was tried; at the same event that is one more attempt, at a later one the first.
    /// </summary>
    public void Fail(HeldName name, long position, string error)
    {
        Telemetry.FoldErrors.Add(1, _tag);
        var row = _held[name].Row;
        var attempts = row.Position == position ? row.Attempts + 1 : 1;
        row = row with { Position = position, LastError = error, Attempts = attempts, IsComputedAgain = false };
        Put(name, new Holding(row, attempts <= options.RetriesMax ? After(attempts) : null));
    }

    /// <summary>What follows up to a position is applied.</summary>
    public void Advance(HeldName name, long applied)
    {
        var holding = _held[name];
        if (applied >= holding.Row.From)
            Put(name, holding with { Row = holding.Row with { From = applied + 1 } });
    }

    public void Remove(HeldName name)
    {
        _held.Remove(name, out var holding);
        _leaving[name] = holding!.Row;
        _changed.Add(name);
        _shows = false;
    }

    public void Skip(HeldName name, long position, string reason)
    {
        var skipped = new SkippedEvent
        {
            Tenant = name.Tenant,
            Key = name.Key,
            Stream = name.Stream,
            Position = position,
            Reason = reason,
            At = options.Clock.GetUtcNow(),
        };
        _skipped[(name, position)] = skipped;
        _skippedAnew.Add((name, position));
    }

    /// <summary>What is due to be tried again, the oldest first.</summary>
    public HeldName? NextDue()
    {
        var now = Now;
        HeldName? due = null;
        TimeSpan? dueAt = null;
        foreach (var (name, holding) in _held)
        {
            if (holding.RetryAt is { } at && at <= now && (dueAt is null || at < dueAt))
                (due, dueAt) = (name, at);
        }

        return due;
    }

    /// <summary>How long until something is due to be tried again; null when nothing is.</summary>
    public TimeSpan? UntilRetry => _held.Values.Min(static holding => holding.RetryAt) - Now;

    /// <summary>It is being tried now; only another failure makes it due again.</summary>
    public void Trying(HeldName name) => _held[name] = _held[name] with { RetryAt = null };

    /// <summary>Everything that changed since it was last asked, as rows; they count as written until put back.</summary>
    public HeldChanges TakeChanges()
    {
        var changes = new HeldChanges([.. _changed], [.. _skippedAnew]);
        _changed.Clear();
        _skippedAnew.Clear();
        foreach (var name in changes.Names)
        {
            if (_held.TryGetValue(name, out var holding))
                changes.Rows.Add(Row(RowKeys.OfHeld(name), holding.Row));
            else
                changes.Removed.Add(new FoldKey(RowKeys.EngineTenant, RowKeys.OfHeld(name)));
        }

        foreach (var (name, position) in changes.Skipped)
            changes.Rows.Add(Row(RowKeys.OfSkipped(name, position), _skipped[(name, position)]));
        return changes;
    }

    /// <summary>They are on disk, and with them what was applied at a release.</summary>
    public void Settle(HeldChanges changes)
    {
        foreach (var name in changes.Names.Where(name => !_held.ContainsKey(name) && !_changed.Contains(name)))
            _shows &= !_leaving.Remove(name);
    }

    public void PutBack(HeldChanges changes)
    {
        _changed.UnionWith(changes.Names);
        _skippedAnew.UnionWith(changes.Skipped);
    }

    /// <summary>Lets others see what is held now, in the rows that they see.</summary>
    public void Show()
    {
        if (_shows)
            return;
        var held = _held.Select(static one => KeyValuePair.Create(one.Key, one.Value.Row));
        Volatile.Write(ref _shown, _leaving.Where(one => !_held.ContainsKey(one.Key)).Concat(held).ToImmutableDictionary());
        _shows = true;
    }

    public static async ValueTask<bool> IsHeld(IFoldReader store, FoldName fold, string tenant, string key, CancellationToken cancel) =>
        await store.Get(fold, RowKeys.EngineTenant, RowKeys.OfHeld(HeldName.OfKey(tenant, key)), cancel) is not null;

    private HeldKey RowOf(HeldName name, long position, long from, string error) => new()
    {
        Tenant = name.Tenant,
        Key = name.Key,
        Stream = name.Stream,
        Position = position,
        From = from,
        FirstError = error,
        LastError = error,
        Since = options.Clock.GetUtcNow(),
        Attempts = 1,
    };

    private void Put(HeldName name, Holding holding)
    {
        _held[name] = holding;
        _changed.Add(name);
        _shows = false;
    }

    private TimeSpan Now => options.Clock.GetElapsedTime(_began);

    private TimeSpan After(int attempts) => Now + options.PauseBefore(Math.Max(1, attempts));

    private async IAsyncEnumerable<FoldRow> Rows(
        IFoldStore store, string prefix, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        string? next = null;
        do
        {
            var request = new FoldRead
            {
                Fold = fold,
                Tenant = RowKeys.EngineTenant,
                From = prefix,
                To = RowKeys.After(prefix),
                Limit = Limits.FoldPageRowsMax,
                Continue = next,
            };
            var page = await store.Read(request, cancel);
            foreach (var row in page.Rows)
                yield return row;
            next = page.Next;
        }
        while (next is not null);
    }

    private T Read<T>(FoldRow row)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(row.Data.Span, EventJson.Options)
                ?? throw new FoldsDamagedException($"Row {row.Key} of {fold} holds null.");
        }
        catch (JsonException failure)
        {
            throw new FoldsDamagedException($"Row {row.Key} of {fold} cannot be read: {failure.Message}");
        }
    }

    private static FoldRow Row<T>(string key, T value) => new()
    {
        Tenant = RowKeys.EngineTenant,
        Key = key,
        Data = JsonSerializer.SerializeToUtf8Bytes(value, EventJson.Options),
    };

    /// <summary>What is held, and when it is tried again by itself, if at all.</summary>
    private sealed record Holding(HeldKey Row, TimeSpan? RetryAt);
}

/// <summary>What changed in what is held, on its way into a batch.</summary>
internal sealed record HeldChanges(ImmutableArray<HeldName> Names, ImmutableArray<(HeldName Name, long Position)> Skipped)
{
    public bool IsEmpty => Names.IsEmpty && Skipped.IsEmpty;

    public List<FoldRow> Rows { get; } = [];

    public List<FoldKey> Removed { get; } = [];
}
