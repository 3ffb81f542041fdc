using System.Collections.Immutable;
using Ledgerfold.Model.Events;

namespace Ledgerfold.Model.Folding;

/// <summary>
/// Keeps projections up to date in the background, each in a loop of its own: what fails in one stands in nobody's way. Several versions of
/// a projection may run side by side; readers see the active one until another, having caught up, is switched to.
/// </summary>
public sealed class FoldEngine : IAsyncDisposable
{
    private readonly ILedger _ledger;
    private readonly IFoldStore _store;
    private readonly FoldEngineOptions _options;
    private readonly FoldVersions _versions;
    private readonly Turns _choosing = new(); // so that what is written is what is seen, and what is seen is never dropped
    private readonly Lock _lock = new();
    private readonly ImmutableArray<FoldSource> _sources;

    // changed under the lock, read by any thread
    private ImmutableSortedDictionary<string, ImmutableArray<KeptFold>> _folds;
    private ImmutableDictionary<string, FoldChoice> _chosen = ImmutableDictionary<string, FoldChoice>.Empty;
    private bool _started;
    private FoldMeter? _meter;

    /// <summary>
    /// An engine for the projections of these modules, each made of the events its module knows; nothing runs until it is started.
    /// </summary>
    /// <exception cref="ArgumentException">Two projections have the same name and version, or a query breaks a rule.</exception>
    public FoldEngine(ILedger ledger, IFoldStore store, IEnumerable<Module> modules, FoldEngineOptions? options = null)
        : this(ledger, store, modules.SelectMany(static module => Of(new EventCodec(module.EventTypes), module.Projections)), options)
    {
    }

    /// <summary>An engine for these projections, all made of these events; nothing runs until it is started.</summary>
    /// <exception cref="ArgumentException">Two projections have the same name and version, or a query breaks a rule.</exception>
    public FoldEngine(
        ILedger ledger, IFoldStore store, EventTypes types, IEnumerable<Projection> projections, FoldEngineOptions? options = null)
        : this(ledger, store, Of(new EventCodec(types), projections), options)
    {
    }

    private FoldEngine(ILedger ledger, IFoldStore store, IEnumerable<FoldSource> projections, FoldEngineOptions? options)
    {
        ArgumentNullException.ThrowIfNull(ledger);
        ArgumentNullException.ThrowIfNull(store);
        (_ledger, _store, _options) = (ledger, store, options ?? new FoldEngineOptions());
        _versions = new FoldVersions(store);
        _sources = [.. projections];
        if (_sources.GroupBy(static one => one.Projection.Fold).FirstOrDefault(static same => same.Skip(1).Any()) is { } twice)
            throw new ArgumentException($"There are two projections {twice.Key}.", nameof(projections));
        foreach (var one in _sources)
            Check(one.Projection);
        _folds = _sources.GroupBy(static one => one.Projection.Fold.Name).ToImmutableSortedDictionary(
            static same => same.Key,
            same => same.OrderBy(static one => one.Projection.Fold.Version)
                .Select(one => new KeptFold(one, ledger, store, _options)).ToImmutableArray(),
            StringComparer.Ordinal);
    }

    /// <summary>Every projection it keeps.</summary>
    public ImmutableArray<Projection> Projections => [.. All.Select(static fold => fold.Source.Projection).Distinct()];

    internal ILedger Ledger => _ledger;

    internal IFoldStore Store => _store;

    internal TimeProvider Clock => _options.Clock;

    internal FoldEngineOptions Options => _options;

    private IEnumerable<KeptFold> All => Volatile.Read(ref _folds).Values.SelectMany(static folds => folds);

    /// <summary>
    /// Begins to fold, each projection behind the position where its rows stand; what is built beside one goes on where it was.
    /// </summary>
    public async ValueTask Start(CancellationToken cancel = default)
    {
        var names = Volatile.Read(ref _folds).Keys.ToArray();
        var standing = names is [] ? [] : await _store.List(cancel);
        foreach (var name in names)
        {
#if ZOO
            if (!Zoo.Bug("rebuild-forgotten-at-a-start"))
#endif
            foreach (var again in standing.Where(fold => Shadow.NameOf(fold) == name && SourceOf(name, fold.Version) is not null))
                Add(again);
            var choice = await FindChoice(name, standing, cancel);
            lock (_lock)
            {
                _chosen = _chosen.SetItem(name, choice);
                var given = Shadow.Beside(choice.Fold); // up, where readers were switched to what was built beside it
                if (given.Name == name && !standing.Contains(given))
                    _folds = _folds.SetItem(name, _folds[name].RemoveAll(fold => fold.Projection.Fold == given));
            }
        }

        lock (_lock)
        {
            _started = true;
            _meter ??= new FoldMeter(this);
        }

        foreach (var fold in All)
            fold.Start();
    }

    private async ValueTask<FoldChoice> FindChoice(string name, ImmutableArray<FoldName> standing, CancellationToken cancel)
    {
        if (await _versions.Read(name, standing, cancel) is not { } chosen || SourceOf(name, chosen.Fold.Version) is null)
            return new FoldChoice(FoldVersions.Unchosen(KeptOf(name).Select(static fold => fold.Projection.Fold), name, standing), null);
        _ = Add(chosen.Fold); // also where nothing of it is written yet
        return chosen;
    }

    /// <summary>Whether readers see this version of the projection.</summary>
    public bool IsActive(Projection projection) => ActiveOf(projection)?.Source.Projection.Fold == projection.Fold;

    /// <summary>How every projection does.</summary>
    public async ValueTask<ImmutableArray<FoldStatus>> ReadStatus(CancellationToken cancel = default)
    {
        var all = ImmutableArray.CreateBuilder<FoldStatus>();
        foreach (var fold in All)
            all.Add(await ReadStatus(fold, cancel));
        return all.DrainToImmutable();
    }

    /// <summary>How this projection does. The head is asked for, never remembered, so that a fold that lost sight of it is seen.</summary>
    public ValueTask<FoldStatus> ReadStatus(Projection projection, CancellationToken cancel = default) =>
        ReadStatus(Find(projection), cancel);

    internal async ValueTask<FoldStatus> ReadStatus(KeptFold fold, CancellationToken cancel)
    {
        var projection = fold.Projection;
        var position = fold.Waiters.Visible;
        var head = (await _ledger.ReadRange(cancel)).Head;
        var lag = position < head ? await _ledger.ReadLag(projection.Query, position, _options.Clock, cancel) : TimeSpan.Zero;
        var overdue = position < head && await _ledger.PositionAt(_options.Clock.GetUtcNow() - _options.StuckAfter, cancel) > position;
        var glance = fold.Progress.Look();
        var held = fold.Held.Shown.Values
            .OrderBy(static one => one.Position)
            .ThenBy(static one => one.Tenant, StringComparer.Ordinal)
            .ThenBy(static one => one.Key, StringComparer.Ordinal)
            .ToImmutableArray();
        var (health, reason) = FoldDiagnosis.Of(glance, overdue ? head - position : 0, held.Length, _options.StuckAfter);
        return new FoldStatus
        {
            Fold = projection.Fold,
            IsActive = ActiveOf(fold.Source.Projection) == fold,
            Phase = glance.Phase,
            Position = position,
            Head = head,
            Lag = lag,
            EventsPerSecond = glance.EventsPerSecond,
            AdvancedAt = glance.AdvancedAt,
            LastError = glance.LastError,
            Held = held,
            Warnings = glance.Warnings,
            Health = health,
            Reason = reason,
        };
    }

    /// <summary>
    /// Waits until the rows show a position; false when the time is up first, or the fold has stopped. Null waits for ever.
    /// </summary>
    public ValueTask<bool> WaitUntil(Projection projection, long position, TimeSpan? within = null, CancellationToken cancel = default) =>
        Find(projection).Waiters.Wait(position, within, cancel);

    /// <summary>Waits until every inline projection shows a position: what a command's answer waits for.</summary>
    public async ValueTask<bool> WaitForInline(long position, TimeSpan within, CancellationToken cancel = default)
    {
        var began = _options.Clock.GetTimestamp();
        foreach (var name in Volatile.Read(ref _folds).Keys)
        {
            KeptFold? waited = null;
            while (ActiveOf(name) is { Projection.Inline: true } seen && seen != waited) // again where readers were switched meanwhile
            {
                if (!await seen.Waiters.Wait(position, within - _options.Clock.GetElapsedTime(began), cancel))
                    return false;
                waited = seen;
            }
        }

        return true;
    }

    /// <summary>
    /// Tries what is held again now, and what waits behind it, in order; true once all of it is applied and written, false when something
    /// failed again or nothing of that name is held.
    /// </summary>
    public Task<bool> Release(Projection projection, HeldKey held)
    {
        ArgumentNullException.ThrowIfNull(held);
        return Find(projection).Ask(new FoldRequest(held.Name));
    }

    /// <summary>
    /// Leaves out the event at which something is held, for good and with a reason, and goes on behind it. False when it is held elsewhere
    /// by now, or is held again at a later event. A skipped event is forgotten when the rows are computed again from the beginning.
    /// </summary>
    public Task<bool> Skip(Projection projection, HeldKey held, string reason)
    {
        ArgumentNullException.ThrowIfNull(held);
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        return Find(projection).Ask(new FoldRequest(held.Name, held.Position, reason));
    }

    /// <summary>
    /// Lets readers see this version from now on; false while it has not caught up with the ledger and with the version they see. Never
    /// does it show them less than they see at that moment.
    /// </summary>
    public ValueTask<bool> Switch(Projection projection, CancellationToken cancel = default) =>
        Switch(Find(projection), TimeSpan.Zero, cancel);

    internal ValueTask<bool> Switch(KeptFold fold, TimeSpan within, CancellationToken cancel) =>
        new(_choosing.Take(() => SwitchNow(fold, within, cancel)));

    private async Task<bool> SwitchNow(KeptFold fold, TimeSpan within, CancellationToken cancel)
    {
        var name = fold.Source.Projection.Fold.Name;
        if (!KeptOf(name).Contains(fold))
            return false; // it was dropped
        var seen = ActiveOf(name);
        var head = (await _ledger.ReadRange(cancel)).Head;
        var isThere = await fold.Waiters.Wait(Math.Max(seen?.Waiters.Visible ?? 0, head), within, cancel);
#if ZOO
        isThere |= Zoo.Bug("rebuild-switched-before-it-shows");
#endif
        if (!isThere)
            return false;
        if (seen == fold)
            return true;
        var choice = new FoldChoice(fold.Projection.Fold, seen?.Projection.Fold);
#if ZOO
        if (!Zoo.Bug("rebuild-choice-not-written"))
#endif
        await _versions.Write(name, choice, cancel);
        while (!TryChoose(fold, choice, out var shown))
        {
            if (!await fold.Waiters.Wait(shown, within: null, cancel))
                return false;
        }

        return true;
    }

    /// <summary>Ends a version that readers do not see, and forgets its rows; false for the one they see.</summary>
    public ValueTask<bool> Drop(FoldName name, CancellationToken cancel = default) =>
        new(_choosing.Take(() => DropNow(name, cancel)));

    private async Task<bool> DropNow(FoldName name, CancellationToken cancel)
    {
        KeptFold? dropped;
        lock (_lock)
        {
            var of = Shadow.NameOf(name);
            if (_chosen.TryGetValue(of, out var choice) && choice.Fold == name)
                return false;
            var folds = _folds.GetValueOrDefault(of, []);
            dropped = folds.FirstOrDefault(fold => fold.Projection.Fold == name);
            if (dropped is not null)
                _folds = _folds.SetItem(of, folds.Remove(dropped));
        }

        if (dropped is not null)
            await dropped.Abandon();
        return await _store.Drop(name, cancel) is FoldOutcome.Written;
    }

    /// <summary>Writes what is folded and stops; ledger and store are their owner's to close.</summary>
    public async ValueTask DisposeAsync()
    {
        _meter?.Dispose();
        foreach (var fold in All)
            await fold.DisposeAsync();
    }

    /// <summary>
    /// Under which name a projection is built beside the rows that its readers see: where they see this very version, under a second one.
    /// </summary>
    internal FoldName NameBeside(Projection projection) =>
        ActiveOf(projection) is { } seen && seen.Source.Projection.Fold == projection.Fold
            ? Shadow.Beside(seen.Projection.Fold)
            : projection.Fold;

    /// <summary>
    /// Builds a projection beside the rows that its readers see, or goes on with that, and gives it as far as it is: nobody sees it until
    /// it is switched to.
    /// </summary>
    internal KeptFold BuildBeside(Projection projection)
    {
        var beside = Add(NameBeside(projection));
        beside.Start();
        return beside;
    }

    /// <summary>The code of a projection and what its events are read with, whether its rows are kept or not.</summary>
    /// <exception cref="ArgumentException">It is no projection of this engine.</exception>
    internal FoldSource SourceOf(Projection projection)
    {
        ArgumentNullException.ThrowIfNull(projection);
        return SourceOf(projection.Fold.Name, projection.Fold.Version)
            ?? throw new ArgumentException($"{projection.Fold} is no projection of this engine.", nameof(projection));
    }

    /// <summary>A version of the code that is known, whether it is kept or not; null where there is none.</summary>
    internal FoldSource? SourceOf(string name, int version) =>
        _sources.FirstOrDefault(source => source.Projection.Fold == new FoldName(name, version));

    /// <summary>What readers were switched away from last, as long as it is kept; null where there is nothing to go back to.</summary>
    internal KeptFold? FormerOf(string name)
    {
        lock (_lock)
        {
            return _chosen.GetValueOrDefault(name)?.Former is { } former
                ? _folds.GetValueOrDefault(name, []).FirstOrDefault(fold => fold.Projection.Fold == former)
                : null;
        }
    }

    /// <summary>Everything kept under the name of a projection.</summary>
    internal ImmutableArray<KeptFold> KeptOf(string name) => Volatile.Read(ref _folds).GetValueOrDefault(name, []);

    /// <summary>The version of a projection: where it is kept twice, the one that readers see.</summary>
    internal KeptFold Find(Projection projection)
    {
        ArgumentNullException.ThrowIfNull(projection);
        return TryFind(projection.Fold)
            ?? throw new ArgumentException($"{projection.Fold} is no projection of this engine.", nameof(projection));
    }

    /// <summary>The version that readers of the projection see; null where there is none of that name.</summary>
    internal KeptFold? ActiveOf(Projection projection) => ActiveOf(projection.Fold.Name);

    /// <summary>Ends as a crash would: nothing more is written.</summary>
    internal async ValueTask Abandon()
    {
        _meter?.Dispose();
        foreach (var fold in All)
            await fold.Abandon();
    }

    internal KeptFold? ActiveOf(string name)
    {
        lock (_lock)
        {
            var folds = _folds.GetValueOrDefault(name, []);
            if (!_started && folds.Length > 1)
                throw new InvalidOperationException("Which version readers see is known once the engine is started.");
            return folds.FirstOrDefault(fold => fold.Projection.Fold == _chosen.GetValueOrDefault(name)?.Fold) ?? folds.FirstOrDefault();
        }
    }

    /// <summary>Switches readers to a version, unless the one they see has gone on to a position that it does not show.</summary>
    private bool TryChoose(KeptFold fold, FoldChoice choice, out long shown)
    {
        lock (_lock)
        {
            var name = fold.Source.Projection.Fold.Name;
            shown = ActiveOf(name)?.Waiters.Visible ?? 0;
            var showsLess = shown > fold.Waiters.Visible;
#if ZOO
            showsLess &= !Zoo.Bug("rebuild-switched-before-it-shows");
#endif
            if (showsLess)
                return false;
            _chosen = _chosen.SetItem(name, choice);
            return true;
        }
    }

    /// <summary>Keeps a known projection under this name too, unless it is already.</summary>
    private KeptFold Add(FoldName keptAs)
    {
        lock (_lock)
        {
            var name = Shadow.NameOf(keptAs);
            var folds = _folds.GetValueOrDefault(name, []);
            if (folds.FirstOrDefault(fold => fold.Projection.Fold == keptAs) is { } known)
                return known;
            var added = new KeptFold(SourceOf(name, keptAs.Version)!, _ledger, _store, _options, keptAs);
            _folds = _folds.SetItem(name, folds.Add(added));
            return added;
        }
    }

    private KeptFold? TryFind(FoldName name)
    {
        var kept = KeptOf(name.Name).Where(fold => fold.Source.Projection.Fold == name).ToArray();
        return kept.Length < 2 ? kept.FirstOrDefault() : kept.FirstOrDefault(fold => fold == ActiveOf(name.Name)) ?? kept[0];
    }

    private static IEnumerable<FoldSource> Of(EventCodec codec, IEnumerable<Projection> projections) =>
        projections.Select(projection => new FoldSource(projection, codec));

    private static void Check(Projection projection)
    {
        if (Limits.Check(new ReadRequest { Query = projection.Query }) is { } refused)
            throw new ArgumentException($"{projection.Fold}: {refused.Field}: {refused.Rule}", nameof(projection));
    }
}
