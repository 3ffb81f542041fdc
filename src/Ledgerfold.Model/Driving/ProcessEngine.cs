using System.Collections.Frozen;
using System.Collections.Immutable;
using Ledgerfold.Model.Commanding;
using Ledgerfold.Model.Events;
using Ledgerfold.Model.Folding;
using Ledgerfold.Model.Processing;

namespace Ledgerfold.Model.Driving;

/// <summary>
/// Runs the processes of modules: takes up what reaches their instances, does what steps ask for, fires timers, and lets operators step in.
/// It may be ended and started at any moment, and a second copy may run beside it: everything that counts is in the ledger.
/// </summary>
public sealed class ProcessEngine : IAsyncDisposable
{
    private readonly ILedger _ledger;
    private readonly ProcessOptions _options;
    private readonly FoldEngine _rows;
    private readonly TenantList _tenants;
    private readonly Recorder _recorder;
    private readonly FrozenDictionary<string, ProcessLoop> _loops;
    private readonly FrozenDictionary<string, StepLane> _lanes;
    private readonly TimerLane _timers;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _running = [];
    private ProcessMeter? _meter;

    /// <summary>An engine for the processes of these modules; nothing runs until it is started.</summary>
    /// <param name="ledger">The ledger they react to.</param>
    /// <param name="store">Where rows are kept by which instances are found; it can be lost, the ledger fills it again.</param>
    /// <param name="modules">The modules; a process is brought by one of them, in all its versions.</param>
    /// <param name="commands">What carries out the commands of steps.</param>
    /// <param name="options">How they are run.</param>
    /// <exception cref="ArgumentException">
    /// A process is brought by two modules, or two activities have the same name or request.
    /// </exception>
    public ProcessEngine(
        ILedger ledger, IFoldStore store, IEnumerable<Module> modules, Commands commands, ProcessOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(ledger);
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(modules);
        ArgumentNullException.ThrowIfNull(commands);
        _ledger = ledger;
        _options = (options ?? new ProcessOptions()).Checked();
        var all = modules.ToArray();
        var works = new WorkTypes(all);
        var folds = _options.Folds with { Clock = _options.Clock, Chance = _options.Chance };
        _rows = new FoldEngine(ledger, store, RowEvents.Types, [InstanceRows.Projection], folds);
        _tenants = new TenantList(ledger);
        _recorder = new Recorder(ledger, _options, _stop.Token);
        Store = store;
        var context = new LaneContext(
            ledger, new DueRows(ledger, _rows, store), _tenants, _recorder, _options, _stop.Token);
        _timers = new TimerLane(context);
        _lanes = LanesOf(works, commands, context).ToFrozenDictionary(static lane => lane.Name, StringComparer.Ordinal);
        _loops = LoopsOf(all, works).ToFrozenDictionary(static loop => loop.Name, StringComparer.Ordinal);
    }

    /// <summary>The names of the processes it runs.</summary>
    public ImmutableArray<string> Processes => [.. _loops.Keys.Order(StringComparer.Ordinal)];

    internal FoldEngine Rows => _rows;

    internal IFoldStore Store { get; }

    /// <summary>Begins to run: every process goes on where it stands in the ledger.</summary>
    public async ValueTask Start(CancellationToken cancel = default)
    {
        if (_loops.Count == 0 || _running.Count > 0)
            return;
        await _rows.Start(cancel);
        await _tenants.Load(cancel);
        _meter = new ProcessMeter(this, _options.Clock);
        _running.Add(Ambient.Begin(_recorder.Run));
        foreach (var lane in Lanes)
        {
            lane.LookEverywhere();
            _running.Add(Ambient.Begin(lane.Run));
        }

        foreach (var loop in _loops.Values)
            loop.Start();
    }

    /// <summary>
    /// Lets an operator step in: recorded, with who and why, and then taken up like everything else that reaches an instance.
    /// </summary>
    /// <param name="instance">Which instance.</param>
    /// <param name="action">What is to be done.</param>
    /// <param name="reason">Why; kept for ever.</param>
    /// <param name="actor">Who wants it.</param>
    /// <param name="cancel">Gives it up.</param>
    /// <returns><see cref="AppendOutcome.Refused"/> where it does not apply as the instance stands, else what the ledger says.</returns>
    public async ValueTask<AppendOutcome> Act(
        InstanceName instance, OperatorAction action, string reason, string actor, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(instance);
        ArgumentNullException.ThrowIfNull(action);
        if (!_loops.TryGetValue(instance.Process, out var loop))
            return new AppendOutcome.Refused("process", "a process that this engine runs");
        if (await OperatorRules.Check(loop, instance, action, reason, actor, cancel) is { } refused)
            return refused;
        var acted = new ProcessEvent.OperatorActed(instance.Process, instance.Key ?? "", action, reason);
        var stream = ProcessRecords.StreamOf(instance.Process, instance.Key);
        var item = ProcessRecords.Write(acted, RandomId.Draw(_options.Chance), cause: null, correlationId: null, actor);
        return await _ledger.Append(AppendRequest.To(stream, Expectation.Any, item) with { Tenant = instance.Tenant }, cancel);
    }

    /// <summary>An instance as it stands; null where there never was one.</summary>
    public async ValueTask<ProcessInstance?> Find(InstanceName instance, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(instance);
        return instance.Key is { } key && ProcessRecords.IsKey(key)
            ? (await Instances.Read(_ledger, instance.Tenant, instance.Process, key, cancel)).Instance
            : null;
    }

    /// <summary>
    /// Finds instances. Rows come a moment behind the ledger; <paramref name="atLeast"/> waits until they show a position.
    /// </summary>
    /// <exception cref="ArgumentException">The search breaks a rule.</exception>
    public async ValueTask<InstancePage> Search(InstanceSearch search, long atLeast = 0, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(search);
        if (atLeast > 0)
            await _rows.WaitUntil(InstanceRows.Projection, atLeast, within: null, cancel);
        return await search.Read(Store, _options.Clock.GetUtcNow(), cancel);
    }

    /// <summary>
    /// Instances that somebody should look at, of every tenant: those that cannot go on, then those for which inputs were missed. Rows come
    /// a moment behind the ledger.
    /// </summary>
    /// <param name="countMax">Not more than so many.</param>
    /// <param name="cancel">Gives it up.</param>
    public async ValueTask<ImmutableArray<InstanceTrouble>> ReadTrouble(int countMax = 100, CancellationToken cancel = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(countMax, 1);
        return [.. await new TroubleRows(Store, _tenants).Read(Math.Min(countMax, Limits.FoldPageRowsMax), cancel)];
    }

    /// <summary>Waits until a process has taken up everything up to a position; false when the time is up first, or it has ended.</summary>
    public ValueTask<bool> WaitUntil(string process, long position, TimeSpan? within = null, CancellationToken cancel = default) =>
        _loops.TryGetValue(process, out var loop)
            ? loop.Waiters.Wait(position, within, cancel)
            : throw new ArgumentException($"{process} is no process of this engine.", nameof(process));

    /// <summary>How every process does.</summary>
    public async ValueTask<ImmutableArray<ProcessStatus>> ReadStatus(CancellationToken cancel = default)
    {
        var head = (await _ledger.ReadRange(cancel)).Head;
        var all = ImmutableArray.CreateBuilder<ProcessStatus>();
        foreach (var process in Processes)
            all.Add(await _loops[process].ReadStatus(head, cancel));
        return all.DrainToImmutable();
    }

    /// <summary>How the rows do by which instances are found, and by which lanes find what is due.</summary>
    public ValueTask<FoldStatus> ReadRowsStatus(CancellationToken cancel = default) =>
        _rows.ReadStatus(InstanceRows.Projection, cancel);

    /// <summary>Lets what is at work come to its end, as far as it is not on the outside, and stops.</summary>
    public async ValueTask DisposeAsync()
    {
        await End();
        await _rows.DisposeAsync();
    }

    /// <summary>Ends as a crash would, as far as anything here is kept: the rows.</summary>
    internal async ValueTask Abandon()
    {
        await End();
        await _rows.Abandon();
    }

    private IEnumerable<DueLane> Lanes => [_timers, .. _lanes.Values];

    private async Task End()
    {
        _meter?.Dispose();
        Ambient.CancelHere(_stop);
        foreach (var loop in _loops.Values)
            await loop.DisposeAsync();
        foreach (var lane in _lanes.Values)
            await lane.End();
        foreach (var running in _running)
            await running;
        _running.Clear();
    }

    private IEnumerable<StepLane> LanesOf(WorkTypes works, Commands commands, LaneContext context)
    {
        var command = new CommandAttempt(commands, works, _options);
        yield return new StepLane(InstanceRows.CommandLane, _options.CommandParallelism, command, context);
        foreach (var activity in works.Activities)
        {
            var attempt = new ActivityAttempt(activity, _options, _stop.Token);
            yield return new StepLane(InstanceRows.LaneOf(activity), activity.Parallelism, attempt, context);
        }
    }

    private IEnumerable<ProcessLoop> LoopsOf(Module[] modules, WorkTypes works)
    {
        foreach (var versions in modules.SelectMany(static module => module.Processes.Select(process => (module, process)))
            .GroupBy(static one => one.process.Name, StringComparer.Ordinal))
        {
            var bringing = versions.Select(static one => one.module).Distinct().ToArray();
            if (bringing.Length > 1)
                throw new ArgumentException($"{bringing[0].Name} and {bringing[1].Name} both bring {versions.Key}.", nameof(modules));
            var fold = new ProcessFold(versions.Select(static one => one.process), works);
            yield return new ProcessLoop(fold, new EventCodec(bringing[0].EventTypes), _ledger, _tenants, _options, HandOn);
        }
    }

    /// <summary>What was recorded just now is done: steps at once, timers when they are due.</summary>
    private void HandOn(ProcessDraft draft)
    {
        foreach (var (said, item) in draft.Advances)
        {
            var instance = said.Instance;
            foreach (var output in said.Out)
            {
                if (output.Kind is ProcessOutputKind.TimerSet or ProcessOutputKind.TimerMoved
                    && instance.Timers.FirstOrDefault(timer => timer.Serial == output.Serial) is { } timer)
                    _timers.Look(draft.Tenant, timer.Due);
                if (output.Kind is ProcessOutputKind.StepBegun or ProcessOutputKind.UndoBegun
                    && instance.Steps.FirstOrDefault(step => step.Serial == output.Serial) is { } begun)
                    HandOn(draft.Tenant, instance, begun, new Cause(item.Id, item.TraceParent));
            }
        }
    }

    private void HandOn(string tenant, ProcessInstance instance, ProcessStep begun, Cause cause)
    {
        if (!_lanes.TryGetValue(InstanceRows.LaneOf(begun.Work!), out var lane))
            return; // nobody performs it any more: it stays open until somebody does
        var key = new StepKey(tenant, instance.Process, instance.Key, begun.Serial);
        var until = instance.Timers.FirstOrDefault(timer => timer.Step == begun.Serial)?.Due;
        lane.Offer(new OpenStep(key, 0) { Asked = new AskedStep(begun, instance.CorrelationId, cause) { Until = until } });
    }
}
