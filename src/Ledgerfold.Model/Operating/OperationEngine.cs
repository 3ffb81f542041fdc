using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Diagnostics;
using Ledgerfold.Model.Folding;

namespace Ledgerfold.Model.Operating;

/// <summary>
/// Runs operations: long work that is asked for, watched, cancelled, and goes on behind a restart. It may be ended and started at any
/// moment. Each life of an operation begins with a record of its own and appends only behind its own last record, so that of two engines
/// on one ledger the one that took it up last has it, and the other stops.
/// </summary>
public sealed class OperationEngine : IAsyncDisposable
{
    private const int ReasonLengthMax = 1_000;
    private const int TriesMax = 5;
    private const string NameRule = "1 to 512 bytes of UTF-8 without control characters";

    private readonly ILedger _ledger;
    private readonly OperationOptions _options;
    private readonly OperationReader _reader;
    private readonly OperationWriter _writer;
    private readonly OperationRunner _runner;
    private readonly OperationWatch _watch;
    private readonly FrozenDictionary<string, Operation> _kinds;
    private readonly FrozenDictionary<Type, Operation> _byRequest;
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _abandoned = new();
    private Task? _running;
    private Task? _watching;

    /// <summary>An engine for operations of these kinds; nothing runs until it is started.</summary>
    /// <param name="ledger">Where everything about them is kept.</param>
    /// <param name="kinds">What it can do.</param>
    /// <param name="options">How they are run.</param>
    /// <exception cref="ArgumentException">Two kinds have the same name or request.</exception>
    public OperationEngine(ILedger ledger, IEnumerable<Operation> kinds, OperationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(ledger);
        ArgumentNullException.ThrowIfNull(kinds);
        _ledger = ledger;
        _options = (options ?? new OperationOptions()).Checked();
        var all = kinds.Distinct().ToArray();
        if (all.FirstOrDefault(one => all.Count(other => other.Name == one.Name || other.Request == one.Request) > 1) is { } twice)
            throw new ArgumentException($"There are two operations {twice.Name} or for {twice.Request}.", nameof(kinds));
        _kinds = all.ToFrozenDictionary(static kind => kind.Name, StringComparer.Ordinal);
        _byRequest = _kinds.Values.ToFrozenDictionary(static kind => kind.Request);
        _reader = new OperationReader(ledger);
        _writer = new OperationWriter(ledger, _options);
        _runner = new OperationRunner(_kinds, _reader, _writer, _options, new EngineEnd(_stop.Token, _abandoned.Token));
        _watch = new OperationWatch(ledger, _reader, _writer, _runner, _options, _stop.Token);
    }

    /// <summary>The names of the kinds it can do.</summary>
    public ImmutableArray<string> Kinds => [.. _kinds.Keys.Order(StringComparer.Ordinal)];

    /// <summary>
    /// Begins to run: every open operation whose kind it knows goes on from its last checkpoint, taken from whoever had it before.
    /// </summary>
    public async ValueTask Start(CancellationToken cancel = default)
    {
        if (_watching is not null)
            return;
        _runner.Start(await _watch.Load(cancel));
        _running = Ambient.Begin(_runner.Run);
        _watching = Ambient.Begin(_watch.Run);
    }

    /// <summary>
    /// Asks for an operation. It runs in the background, of this engine or of another that is started on the same ledger.
    /// </summary>
    /// <param name="request">What is wanted; its type says which kind it is.</param>
    /// <param name="origin">Who wants it, and why.</param>
    /// <param name="cancel">Gives it up; whether it was begun is then not known.</param>
    public async ValueTask<BeginAnswer> Begin<TRequest>(TRequest request, OperationOrigin origin, CancellationToken cancel = default)
        where TRequest : notnull
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(origin);
        if (!_byRequest.TryGetValue(request.GetType(), out var kind))
            return new BeginAnswer.Refused("request", "the request of a kind of operation that this engine knows");
        if (Check(origin.Reason, origin.Actor, origin.Tenant) is var (field, rule))
            return new BeginAnswer.Refused(field, rule);
        var subject = kind.SubjectOf(request);
        if (subject is not null && !OperationRecords.IsSubject(subject))
            return new BeginAnswer.Refused("subject", "1 to 400 bytes of UTF-8 without control characters");
        if (OperationRecords.ToJson(request, out _) is not { } json)
            return new BeginAnswer.Refused("request", $"as JSON at most {OperationRecords.JsonBytesMax} bytes");
        var id = origin.Id ?? _writer.NextId();
        var begun = OperationRecords.Write(
            new OperationEvent.OperationBegun(kind.Name, json, origin.Reason, subject), OperationRecords.IdOfBegun(id), origin.Actor);
        begun = begun with { CorrelationId = origin.CorrelationId, TraceParent = Telemetry.CurrentTraceParent };
        return await Begin(id, kind.Name, subject, begun, origin, cancel);
    }

    /// <summary>
    /// Asks an operation to stop: recorded first, then it is told. One that nobody has taken up is ended at once, and so is one that was
    /// left behind and whose kind this engine does not know.
    /// </summary>
    /// <param name="id">Which.</param>
    /// <param name="reason">Why; kept for ever.</param>
    /// <param name="actor">Who wants it.</param>
    /// <param name="tenant">Whose operation it is.</param>
    /// <param name="cancel">Gives it up; whether it was asked is then not known.</param>
    public async ValueTask<CancelAnswer> Cancel(
        Guid id, string reason, string actor, string tenant = Tenants.Default, CancellationToken cancel = default)
    {
        if (Check(reason, actor, tenant) is var (field, rule))
            return new CancelAnswer.Refused(field, rule);
        while (true)
        {
            var state = await _reader.Find(tenant, id, cancel);
            if (state is null)
                return new CancelAnswer.Unknown();
            if (state.HasEnded)
                return new CancelAnswer.Ended(state.Phase);
            var endsIt = _runner.EndsAtOnce(state);
            if (state.Cancel is not null && !endsIt)
                return new CancelAnswer.Asked();
            var write = OperationRecords.WriteTo(state, state.Version, endsIt, [
                OperationRecords.Write(new OperationEvent.OperationCancelAsked(reason), _writer.NextId(), actor),
                .. endsIt ? [OperationRecords.Write(OperationRules.Cancelled, _writer.NextId())] : ImmutableArray<NewEvent>.Empty]);
            switch (await _writer.Append(write, TriesMax, cancel, cancel))
            {
                case AppendOutcome.Appended when endsIt:
                    Telemetry.CountEnd(state.Kind, OperationPhase.Cancelled);
                    _runner.Forget(new OperationKey(tenant, id));
                    return new CancelAnswer.Ended(OperationPhase.Cancelled);
                case AppendOutcome.Appended:
                    _runner.TellCancelled(new OperationKey(tenant, id));
                    return new CancelAnswer.Asked();
                case AppendOutcome.WrongVersion or AppendOutcome.StreamClosed:
                    continue; // it went on meanwhile
                case var outcome:
                    return new CancelAnswer.Unavailable(outcome.ToString());
            }
        }
    }

    /// <summary>An operation as it stands; null where there never was one.</summary>
    public async ValueTask<OperationState?> Find(Guid id, string tenant = Tenants.Default, CancellationToken cancel = default) =>
        await _reader.Find(tenant, id, cancel) is { } state ? _runner.Explain(state) : null;

    /// <summary>Lists operations, newest first.</summary>
    /// <exception cref="ArgumentException">The search breaks a rule.</exception>
    /// <exception cref="InvalidOperationException">Which are open is known once the engine is started.</exception>
    public async ValueTask<OperationPage> List(OperationSearch search, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(search);
        search.Checked();
        if (search.OpenOnly && _watching is null)
            throw new InvalidOperationException("Which operations are open is known once the engine is started.");
        ImmutableArray<OpenOperation>? among = search.OpenOnly ? [.. _runner.Open.Where(one => one.Key.Tenant == search.Tenant)] : null;
        var page = await _reader.List(search, among, cancel);
        return page with { Operations = [.. page.Operations.Select(state => _runner.Explain(state))] };
    }

    /// <summary>
    /// Waits until an operation has ended, or the time is up, and answers how it stands then; null where there never was one.
    /// </summary>
    /// <exception cref="InvalidOperationException">The engine is not started, so nobody would tell.</exception>
    public async ValueTask<OperationState?> Wait(
        Guid id, TimeSpan? within = null, string tenant = Tenants.Default, CancellationToken cancel = default)
    {
        if (_watching is null)
            throw new InvalidOperationException("Nobody tells that an operation ended before the engine is started.");
        await _runner.Ends.Wait(
            new OperationKey(tenant, id), async () => await _reader.Find(tenant, id, cancel) is not { HasEnded: false }, within, cancel);
        return await Find(id, tenant, cancel);
    }

    /// <summary>How operations do, of every tenant.</summary>
    public async ValueTask<OperationsStatus> ReadStatus(CancellationToken cancel = default) => _runner.StatusWith(
        await _reader.FindLastFailed(cancel), _watch.LastError, _watch.IsPausing);

    /// <summary>Tells everything that runs to stop and waits for it; all of it goes on at the next start.</summary>
    public async ValueTask DisposeAsync()
    {
        Ambient.CancelHere(_stop);
        if (_watching is not null)
            await _watching;
        if (_running is not null)
            await _running;
    }

    /// <summary>Ends as a crash would: nothing more is recorded.</summary>
    internal async ValueTask Abandon()
    {
        Ambient.CancelHere(_abandoned);
        await DisposeAsync();
    }

    private async ValueTask<BeginAnswer> Begin(
        Guid id, string kind, string? subject, NewEvent begun, OperationOrigin origin, CancellationToken cancel)
    {
        var write = new StreamWrite { Stream = OperationRecords.StreamOf(id), Expect = Expectation.NoStream, Events = [begun] };
        var request = new AppendRequest { Tenant = origin.Tenant, Writes = [write] };
        while (true)
        {
            var isKnown = await _ledger.ReadById(origin.Tenant, begun.Id, cancel) is not null;
            if (!isKnown && _runner.OpenCount >= _options.OpenMax)
                return new BeginAnswer.Refused("operations", $"at most {_options.OpenMax} open ones");
            if (!isKnown && subject is not null)
            {
                var (running, asOf) = await _reader.FindOpenOn(origin.Tenant, subject, cancel);
                if (running is { } other)
                    return new BeginAnswer.Running(other, subject);
                request = request with { Condition = new AppendCondition(OperationRecords.BegunOn(subject), asOf) };
            }

            switch (await _writer.Append(request, TriesMax, cancel, cancel))
            {
                case AppendOutcome.Appended appended:
                    _runner.Add(new OpenOperation(new OperationKey(origin.Tenant, id), kind, appended.First));
                    return new BeginAnswer.Begun(id, appended.Repeated);
                case AppendOutcome.ConditionFailed:
                    continue; // somebody was faster
                case AppendOutcome.IdConflict or AppendOutcome.Erased:
                    return new BeginAnswer.Refused("id", "an id under which nothing else was asked for");
                case AppendOutcome.Refused refused:
                    return new BeginAnswer.Refused(refused.Field, refused.Rule);
                case var outcome:
                    return new BeginAnswer.Unavailable(id, outcome.ToString());
            }
        }
    }

    private static (string Field, string Rule)? Check(string reason, string actor, string tenant)
    {
        if (string.IsNullOrWhiteSpace(reason) || reason.Length > ReasonLengthMax)
            return ("reason", $"why, in 1 to {ReasonLengthMax} characters");
        if (!Limits.IsName(actor))
            return ("actor", NameRule);
        return Limits.IsName(tenant) ? null : ("tenant", NameRule);
    }
}
