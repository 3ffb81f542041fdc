using System.Collections.Immutable;
using Ledgerfold.Model.Events;
using Ledgerfold.Model.Folding;
using Ledgerfold.Model.Processing;
using static Ledgerfold.TelemetryNames;

namespace Ledgerfold.Model.Driving;

/// <summary>
/// Finds the instances that an event reaches, lets each take it up, and drafts what is recorded of that. An event that nobody can read, or
/// that reaches nobody, is recorded as missed and holds nobody up. The loop only.
/// </summary>
internal sealed class ProcessTaking
{
    private const int KeysMax = 1_000;
    private const int KeyBytesMax = Processing.Process.KeyBytesMax;
    private const int LoadsTogether = 32;
    private const int MessageLengthMax = 1_000;

    // What a record may add to the one before whatever happens: an instance has this twice in reserve while it goes on, once for the
    // inputs that wait when it is held, and once for why.
    private const int ReserveBytes = 32 * 1024;
    private const long TogetherBytesMax = 4 * 1024 * 1024;

    private readonly ProcessFold _fold;
    private readonly EventCodec _codec;
    private readonly ILedger _ledger;
    private readonly Instances _instances;

    public ProcessTaking(ProcessFold fold, EventCodec codec, ILedger ledger, ProcessOptions options)
    {
        (_fold, _codec, _ledger) = (fold, codec, ledger);
        _instances = new Instances(ledger, fold.Newest.Name, options.InstancesMax);
        Query = QueryOf(fold, codec.Types);
    }

    /// <summary>Everything that can reach the process.</summary>
    public EventQuery Query { get; }

    private string Process => _fold.Newest.Name;

    public void Forget() => _instances.Clear();

    /// <summary>What was drafted is in the ledger.</summary>
    public void Settle(ProcessDraft draft) => _instances.Settle(draft.Advances
        .Where(static one => one.Said.Instance.HasEnded)
        .Select(one => new InstanceKey(draft.Tenant, one.Said.Instance.Key)));

    /// <summary>The event at a position, where it is one that the process reacts to, and not the platform's own. Any thread.</summary>
    public async ValueTask<RecordedEvent?> FindEvent(string tenant, long position, CancellationToken cancel) =>
        position > 0 && await ReadAt(tenant, position, cancel) is { } found && !IsOwn(found) ? found : null;

    /// <summary>Reads events, and brings the instances that they reach into memory, several at a time.</summary>
    public async Task<List<Arrival>> Meet(string tenant, IEnumerable<RecordedEvent> events, CancellationToken cancel)
    {
        var arrivals = new List<Arrival>();
        var keys = new HashSet<InstanceKey>();
        foreach (var recorded in events)
        {
            var arrival = Read(recorded);
            arrivals.Add(arrival);
            foreach (var key in arrival.Keys.Take(KeysMax))
                keys.Add(new InstanceKey(tenant, key));
        }

        keys.RemoveWhere(_instances.Knows);
        foreach (var together in keys.Chunk(LoadsTogether))
        {
            var loads = together.Select(key => Instances.Read(_ledger, tenant, Process, key.Key, cancel).AsTask()).ToArray();
            var found = await Task.WhenAll(loads);
            for (var k = 0; k < together.Length; k++)
                _instances.Keep(together[k], found[k].Instance);
        }

        return arrivals;
    }

    /// <summary>
    /// Lets everybody whom an event reaches take it up. Where that is much, some of it is appended before the rest: an instance that has
    /// taken up the event says so itself, and is passed over when the rest has to be begun again.
    /// </summary>
    public async Task Take(ProcessTurn turn, Arrival arrival, CancellationToken cancel)
    {
        var recorded = arrival.Recorded;
        if (arrival.Own is null)
            await TakeEvent(turn, arrival, recorded.RecordedAt, only: null, cancel);
        else if (arrival.Own is ProcessEvent.OperatorActed { Action: OperatorAction.HandIn(var position) })
            await HandIn(turn, position, recorded.RecordedAt, arrival.Keys is [var only] ? only : null, cancel);
        else if (arrival is { Keys: [var key], Own: not ProcessEvent.OperatorActed { Action: OperatorAction.PassOver } })
            await Tell(turn, key, arrival.InputsAt(recorded.RecordedAt, turn.Position), cancel);
    }

    /// <summary>Where nobody is named, those who have taken it up, or let it wait, are not told it again.</summary>
    private async Task HandIn(ProcessTurn turn, long position, DateTimeOffset at, string? only, CancellationToken cancel)
    {
        if (await FindEvent(turn.Draft.Tenant, position, cancel) is { } missed)
            await TakeEvent(turn, Read(missed), at, only, cancel, isHandedIn: true);
    }

    private Arrival Read(RecordedEvent recorded)
    {
        if (IsOwn(recorded))
            return new Arrival(recorded) { Own = ProcessRecords.Read(recorded), Keys = KeyOf(recorded) };
        var decoded = _codec.Decode(recorded, UnknownEvents.PassOver);
        if (decoded.Problem is { } problem)
            return new Arrival(recorded) { Problem = problem.ToString() };
        try
        {
            var facts = new FactReached[decoded.Count];
            for (var f = 0; f < facts.Length; f++)
                facts[f] = new FactReached(decoded[f], _fold.KeysOf(decoded[f], recorded), [.. _fold.AssociationsOf(decoded[f])]);
            IReadOnlyList<string> keys = facts is [var fact] ? fact.Keys : [.. facts.SelectMany(static one => one.Keys).Distinct()];
            if (keys.FirstOrDefault(static key => !ProcessRecords.IsKey(key)) is not { } broken)
                return new Arrival(recorded) { Facts = facts, Keys = keys };
            var rule = $"1 to {Processing.Process.KeyBytesMax} bytes of UTF-8 without control characters and slashes";
            return new Arrival(recorded) { Problem = $"'{broken}' is no key: {rule}" };
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            return new Arrival(recorded) { Problem = FoldError.Say(failure) };
        }
    }

    /// <summary>Takes up an event that is not the platform's own: by every instance, or only by the one under a key.</summary>
    private async Task TakeEvent(
        ProcessTurn turn, Arrival arrival, DateTimeOffset at, string? only, CancellationToken cancel, bool isHandedIn = false)
    {
        var whole = new Input(arrival.Recorded, arrival, at);
        if (arrival.Problem is { } problem)
        {
            await Miss(turn, key: null, whole, "unreadable", problem, cancel);
            return;
        }

        var found = new List<string>(arrival.Keys);
        foreach (var fact in arrival.Facts)
        {
            foreach (var association in fact.Associations)
            {
                if (!await AddAssociated(found, turn, association, cancel) && _fold.UnmatchedOf(fact.Fact) == Unmatched.Record)
                    await Miss(turn, key: null, whole, "unknown", $"nobody is associated with {association}", cancel);
            }
        }

        if (found.Count > KeysMax)
        {
            await Miss(turn, key: null, whole, "too-many", $"more than {KeysMax} instances", cancel);
            return;
        }

        var inputs = arrival.InputsAt(at, turn.Position);
        foreach (var key in found)
        {
            if (only is not null && key != only)
                continue;
            if (isHandedIn && only is null && await HasMet(turn.Draft.Tenant, key, arrival.Recorded.Position, cancel))
                continue;
            await Tell(turn, key, inputs, cancel);
        }
    }

    private async Task<bool> AddAssociated(List<string> keys, ProcessTurn turn, string association, CancellationToken cancel)
    {
        var any = false;
        var tenant = turn.Draft.Tenant;
        var request = new ReadRequest { Tenant = tenant, Query = ProcessRecords.AssociatedWith(Process, association) };
        await foreach (var page in _ledger.Read(request, cancel))
        {
            foreach (var recorded in page.Events)
            {
                if (ProcessRecords.NamesOf(recorded.Stream) is not (var process, { } key) || process != Process)
                    continue;
                var instance = await _instances.Find(new InstanceKey(tenant, key), cancel);
                any |= instance?.TakenUp == turn.Position; // it has taken it up, and may be associated no more
                if (instance?.Associations.Contains(association, StringComparer.Ordinal) != true)
                    continue;
                any = true;
                if (!keys.Contains(key))
                    keys.Add(key);
            }

            if (keys.Count > KeysMax)
                return true;
        }

        return any;
    }

    /// <summary>Whether an instance has taken an event up, or lets it wait.</summary>
    private async ValueTask<bool> HasMet(string tenant, string key, long position, CancellationToken cancel)
    {
        var request = new ReadRequest { Tenant = tenant, Query = ProcessRecords.AdvancesOf(Process, key), After = position };
        await foreach (var page in _ledger.Read(request, cancel))
        {
            foreach (var recorded in page.Events)
            {
                if (((ProcessEvent.ProcessAdvanced)ProcessRecords.Read(recorded)).In.Position == position)
                    return true;
            }
        }

        return false;
    }

    /// <summary>Tells an instance all that an event says, and then what waited until now.</summary>
    private async Task Tell(ProcessTurn turn, string key, IReadOnlyList<Input> inputs, CancellationToken cancel)
    {
        var name = new InstanceKey(turn.Draft.Tenant, key);
        var now = await _instances.Find(name, cancel);
        var hasTakenUp = now?.TakenUp == turn.Position;
#if ZOO
        hasTakenUp &= !Zoo.Bug("process-told-again-behind-a-cut");
#endif
        if (!hasTakenUp)
            now = await TellNow(turn, name, now, inputs, cancel);
        while (now?.Next is { } position)
        {
            var waited = await ReadAt(name.Tenant, position, cancel)
                ?? throw new InvalidDataException($"The input at {position} that {Process} {key} waits to take up is gone.");
            now = await TellNow(turn, name, now, Read(waited).InputsAt(inputs[0].At, turn.Position), cancel);
        }
    }

    private async Task<ProcessInstance?> TellNow(
        ProcessTurn turn, InstanceKey name, ProcessInstance? before, IReadOnlyList<Input> inputs, CancellationToken cancel)
    {
        await turn.MakeRoom();
        using var trace = Telemetry.Deliver(TelemetryNames.Spans.Process, Process, inputs[0].Recorded);
        trace?.SetTag(Attributes.Tenant, name.Tenant).SetTag(Attributes.Process, Process).SetTag(Attributes.ProcessKey, name.Key);
#if ZOO
        if (inputs[0].Fact is not ProcessEvent && before is { HasEnded: false } && Zoo.Bug("process-two-instances-from-two-starts")
            && _fold.Newest.Starting.ContainsKey(inputs[0].Fact.GetType()))
            before = before with { State = null };
#endif
        if (TakeAll(before, name.Key, inputs, Cause.Of(inputs[0].Recorded, trace)) is not { } taken)
        {
            await Miss(turn, name.Key, inputs[0], "too-many", "the instance is held, and so much waits already that no more can", cancel);
            return before;
        }

        var now = before;
        foreach (var (advance, item) in taken)
        {
            if ((advance.Missed ?? advance.Event as ProcessEvent.ProcessMissed) is { } missed)
                await Miss(turn, missed, inputs[0], cancel);
            if (advance.After is null)
                continue;
            now = advance.After;
            _instances.Keep(name, now);
            turn.Draft.Add(ProcessRecords.StreamOf(Process, name.Key), advance.Event, item!);
        }

        return now;
    }

    /// <summary>
    /// What inputs come to, as it is written. An instance that has no room for it is held; null where it is held already, and has no room
    /// for one more that waits.
    /// </summary>
    private List<(Advance Advance, NewEvent? Item)>? TakeAll(
        ProcessInstance? before, string key, IReadOnlyList<Input> inputs, Cause cause)
    {
        var input = inputs[0];
        if (Write(_fold.TakeAll(before, key, inputs), input, cause) is { } taken)
            return taken;
        if (before?.Error is not null && input.Fact is not ProcessEvent.OperatorActed)
            return null;
        var held = _fold.HoldBack(before, key, input, $"an instance with all it knows takes at most {Limits.EventBytesMax} bytes");
        return Write([held], input, cause) ?? throw new InvalidOperationException($"There is no room to hold {Process} {key}.");
    }

    private static List<(Advance Advance, NewEvent? Item)>? Write(IReadOnlyList<Advance> advances, Input input, Cause cause)
    {
        var written = new List<(Advance, NewEvent?)>(advances.Count);
        long bytes = 0;
        foreach (var advance in advances)
        {
            if (advance.After is not { } after)
            {
                written.Add((advance, null));
                continue;
            }

            var id = ProcessRecords.IdOfAdvance(after);
            var item = ProcessRecords.Write(advance.Event, id, cause, after.CorrelationId);
            var reserve = after.Error is not null && after.Waiting[0] == input.Recorded.Position ? 0
                : after.Waiting.IsEmpty ? 2 * ReserveBytes
                : ReserveBytes;
            bytes += Limits.SizeOf(item);
            if (Limits.SizeOf(item) > Limits.EventBytesMax - reserve || bytes > TogetherBytesMax || item.Tags.Length > Limits.TagsMax)
                return null;
            written.Add((advance, item));
        }

        return written;
    }

    private Task Miss(ProcessTurn turn, string? key, Input input, string why, string message, CancellationToken cancel) =>
        Miss(turn, new ProcessEvent.ProcessMissed(Process, key, input.AsInput, why, message), input, cancel);

    /// <summary>Once for each event, instance and time, whatever is missed of it: it may be said already where some was appended.</summary>
    private async Task Miss(ProcessTurn turn, ProcessEvent.ProcessMissed missed, Input input, CancellationToken cancel)
    {
        var id = ProcessRecords.IdOfMiss(Process, missed.Key, input.Recorded.Position, input.At);
        if (turn.Draft.HasMiss(id) || await _ledger.ReadById(turn.Draft.Tenant, id, cancel) is not null)
            return;
        if (missed.Message is { } message)
            missed = missed with { Message = ProcessRecords.Cut(message, MessageLengthMax) };
        var item = ProcessRecords.Write(missed, id, Cause.Of(input.Recorded), input.Recorded.CorrelationId);
        turn.Draft.Add(ProcessRecords.StreamOf(Process, missed.Key), missed, item);
    }

    private ValueTask<RecordedEvent?> ReadAt(string tenant, long position, CancellationToken cancel)
    {
        var request = new ReadRequest { Tenant = tenant, Query = Query, After = position - 1, Before = position + 1, Limit = 1 };
        return _ledger.Read(request, cancel).First();
    }

    private static bool IsOwn(RecordedEvent recorded) => StreamNames.IsOfCategory(recorded.Stream, ProcessRecords.Category);

    private static IReadOnlyList<string> KeyOf(RecordedEvent recorded) =>
        ProcessRecords.NamesOf(recorded.Stream).Key is { } key ? [key] : [];

    private static EventQuery QueryOf(ProcessFold fold, EventTypes types)
    {
        var known = fold.Versions.SelectMany(static one => one.EventTypes).ToHashSet();
        ImmutableArray<string> names =
        [
            .. types.All.Where(type => known.Contains(type.Clr)).Select(static type => type.Name),
            .. types.Upcasts.Keys.Select(static one => one.Name),
        ];
        var distinct = names.Distinct(StringComparer.Ordinal).ToArray();
        var items = distinct.Chunk(Limits.QueryItemPartsMax).Select(static some => new QueryItem { Types = [.. some] });
        return new EventQuery { Items = [.. items, ProcessRecords.InputsOf(fold.Newest.Name)] };
    }
}
