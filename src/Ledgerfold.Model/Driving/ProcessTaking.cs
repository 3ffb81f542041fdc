using System.Collections.Immutable;
using Ledgerfold.Model.Events;
using Ledgerfold.Model.Folding;
using Ledgerfold.Model.Processing;

namespace Ledgerfold.Model.Driving;

/// <summary>
/// Finds the instances that an event reaches, lets each take it up, and drafts what is recorded of that. An event that nobody can read, or
/// that reaches nobody, is recorded as missed and holds nobody up. The loop only.
/// </summary>
internal sealed class ProcessTaking
{
    private const int DraftEventsMax = 2_000;
    private const long DraftBytesMax = 2 * 1024 * 1024;
    private const int KeysMax = 1_000;
    private const int KeyBytesMax = Processing.Process.KeyBytesMax;
    private const int LoadsTogether = 32;
    private const int MessageLengthMax = 1_000;
    private const int HoldBytes = 16 * 1024; // what holding an instance may add to it

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

    public bool IsFull(ProcessDraft draft) => draft.Count >= DraftEventsMax || draft.Bytes >= DraftBytesMax;

    /// <summary>Whether an event may have to be told to instances that associated themselves.</summary>
    public bool LooksForAssociations(RecordedEvent recorded) =>
        !IsOwn(recorded) && _fold.Versions.Any(static one => one.Reacting.Values.Any(static reaction => reaction.Association is not null));

    /// <summary>The event at a position, where it is one that the process reacts to, and not the platform's own. Any thread.</summary>
    public async ValueTask<RecordedEvent?> FindEvent(string tenant, long position, CancellationToken cancel) =>
        position > 0 && await ReadAt(tenant, position, cancel) is { } found && !IsOwn(found) ? found : null;

    /// <summary>Brings the instances that these events reach into memory, several at a time.</summary>
    public async Task LoadAll(string tenant, IEnumerable<RecordedEvent> events, CancellationToken cancel)
    {
        var keys = new HashSet<InstanceKey>();
        foreach (var recorded in events)
        {
            foreach (var key in IsOwn(recorded) ? KeyOf(recorded) : KeysOf(recorded))
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
    }

    /// <summary>Lets everybody whom an event reaches take it up.</summary>
    public async ValueTask Take(ProcessDraft draft, RecordedEvent recorded, CancellationToken cancel)
    {
        if (!IsOwn(recorded))
            await TakeEvent(draft, recorded, recorded.RecordedAt, only: null, cancel);
        else if (ProcessRecords.NamesOf(recorded.Stream) is var (_, key))
            await TakeOwn(draft, recorded, key, cancel);
    }

    private async ValueTask TakeOwn(ProcessDraft draft, RecordedEvent recorded, string? key, CancellationToken cancel)
    {
        var said = ProcessRecords.Read(recorded);
        if (said is ProcessEvent.OperatorActed { Action: OperatorAction.HandIn(var position) })
        {
            if (await FindEvent(draft.Tenant, position, cancel) is { } missed)
                await TakeEvent(draft, missed, recorded.RecordedAt, key, cancel);
        }
        else if (key is not null && said is not ProcessEvent.OperatorActed { Action: OperatorAction.PassOver })
        {
            await Tell(draft, key, new Input(recorded, said, recorded.RecordedAt), cancel);
        }
    }

    /// <summary>Takes up an event that is not the platform's own: by every instance, or only by the one under a key.</summary>
    private async ValueTask TakeEvent(
        ProcessDraft draft, RecordedEvent recorded, DateTimeOffset at, string? only, CancellationToken cancel)
    {
        var decoded = _codec.Decode(recorded, UnknownEvents.PassOver);
        if (decoded.Problem is { } problem)
        {
            Miss(draft, key: null, recorded, at, "unreadable", problem.ToString());
            return;
        }

        for (var f = 0; f < decoded.Count; f++)
        {
            var fact = decoded[f];
            var input = new Input(recorded, fact, at);
            if (await FindKeys(draft, fact, recorded, at, cancel) is not { } keys)
                continue;
            foreach (var key in keys)
            {
                if (only is null || key == only)
                    await Tell(draft, key, input, cancel);
            }
        }
    }

    /// <summary>The keys of all instances that a fact may reach; null where that cannot be found out, or there are too many.</summary>
    private async ValueTask<IReadOnlyCollection<string>?> FindKeys(
        ProcessDraft draft, object fact, RecordedEvent recorded, DateTimeOffset at, CancellationToken cancel)
    {
        var keys = new HashSet<string>(StringComparer.Ordinal);
        string? broken = null;
        try
        {
            foreach (var key in _fold.KeysOf(fact, recorded))
            {
                keys.Add(key);
                if (!ProcessRecords.IsKey(key))
                    broken = $"'{key}' is no key: 1 to {KeyBytesMax} bytes of UTF-8 without control characters and slashes";
            }

            foreach (var association in _fold.AssociationsOf(fact).ToArray())
            {
                if (await AddAssociated(keys, draft.Tenant, association, cancel) || _fold.UnmatchedOf(fact) == Unmatched.PassOver)
                    continue;
                Miss(draft, key: null, recorded, at, "unknown", $"nobody is associated with {association}");
            }
        }
        catch (Exception failure) when (IsOfTheCode(failure))
        {
            broken = $"{failure.GetType().Name}: {failure.Message}";
        }

        if (broken is null && keys.Count <= KeysMax)
            return keys;
        Miss(draft, key: null, recorded, at, broken is null ? "too-many" : "unreadable", broken ?? $"more than {KeysMax} instances");
        return null;
    }

    // whatever else fails is the ledger's, and no fault of the event
    private static bool IsOfTheCode(Exception failure) =>
        failure is not (OutOfMemoryException or OperationCanceledException or IOException or ObjectDisposedException);

    private async ValueTask<bool> AddAssociated(HashSet<string> keys, string tenant, string association, CancellationToken cancel)
    {
        var any = false;
        var request = new ReadRequest { Tenant = tenant, Query = ProcessRecords.AssociatedWith(Process, association) };
        await foreach (var page in _ledger.Read(request, cancel))
        {
            foreach (var recorded in page.Events)
            {
                if (ProcessRecords.NamesOf(recorded.Stream) is not (var process, { } key) || process != Process)
                    continue;
                var instance = await _instances.Find(new InstanceKey(tenant, key), cancel);
                if (instance?.Associations.Contains(association, StringComparer.Ordinal) == true)
                    any |= keys.Add(key);
            }

            if (keys.Count > KeysMax)
                return true;
        }

        return any;
    }

    private async ValueTask Tell(ProcessDraft draft, string key, Input input, CancellationToken cancel)
    {
        var name = new InstanceKey(draft.Tenant, key);
        var before = await _instances.Find(name, cancel);
#if ZOO
        if (input.Fact is not ProcessEvent && before is { HasEnded: false } && Zoo.Bug("process-two-instances-from-two-starts")
            && _fold.Newest.Starting.ContainsKey(input.Fact.GetType()))
            before = before with { State = null };
#endif
        if (_fold.Take(before, key, input) is not { } advance)
            return;
        if (advance.After is null)
        {
            Add(draft, key, advance.Event, input);
            return;
        }

        if (!Fits(advance, input, Limits.EventBytesMax - HoldBytes, out var item) && advance.After.Error is null)
        {
            var tooLarge = new InvalidOperationException($"an instance with all it knows takes at most {Limits.EventBytesMax} bytes");
            advance = ProcessFold.Hold(before ?? advance.After with { State = null }, input, tooLarge);
            Fits(advance, input, Limits.EventBytesMax, out item);
        }

        if (Limits.SizeOf(item) > Limits.EventBytesMax)
        {
            Miss(draft, key, input.Recorded, input.At, "too-many", "the instance is held, and so much waits already that no more can");
            return;
        }

        _instances.Keep(name, advance.After);
        draft.Add(ProcessRecords.StreamOf(Process, key), advance.Event, item);
        foreach (var position in advance.Again)
        {
            if (await ReadAt(draft.Tenant, position, cancel) is { } waited)
                await TellAgain(draft, key, waited, input.At, cancel);
        }
    }

    /// <summary>An input that waited is taken up as if it came now.</summary>
    private async ValueTask TellAgain(
        ProcessDraft draft, string key, RecordedEvent waited, DateTimeOffset at, CancellationToken cancel)
    {
        if (IsOwn(waited))
            await Tell(draft, key, new Input(waited, ProcessRecords.Read(waited), at), cancel);
        else
            await TakeEvent(draft, waited, at, key, cancel);
    }

    private static bool Fits(Advance advance, Input input, int bytesMax, out NewEvent item)
    {
        var after = advance.After!;
        item = ProcessRecords.Write(advance.Event, ProcessRecords.IdOfAdvance(after), Cause.Of(input.Recorded), after.CorrelationId);
        return Limits.SizeOf(item) <= bytesMax && item.Tags.Length <= Limits.TagsMax;
    }

    private void Miss(ProcessDraft draft, string? key, RecordedEvent recorded, DateTimeOffset at, string why, string message)
    {
        var input = new Input(recorded, recorded, at);
        Add(draft, key, new ProcessEvent.ProcessMissed(Process, key, input.AsInput, why, Cut(message)), input);
    }

    private void Add(ProcessDraft draft, string? key, ProcessEvent said, Input input)
    {
        var id = ProcessRecords.IdOfMiss(Process, key, input.Recorded.Position, input.At);
        var item = ProcessRecords.Write(said, id, Cause.Of(input.Recorded), input.Recorded.CorrelationId);
        draft.Add(ProcessRecords.StreamOf(Process, key), said, item);
    }

    private static string Cut(string text) => text.Length <= MessageLengthMax ? text : text[..MessageLengthMax];

    private ValueTask<RecordedEvent?> ReadAt(string tenant, long position, CancellationToken cancel)
    {
        var request = new ReadRequest { Tenant = tenant, Query = Query, After = position - 1, Before = position + 1, Limit = 1 };
        return _ledger.Read(request, cancel).First();
    }

    private static bool IsOwn(RecordedEvent recorded) => StreamNames.IsOfCategory(recorded.Stream, ProcessRecords.Category);

    private static IEnumerable<string> KeyOf(RecordedEvent recorded) =>
        ProcessRecords.NamesOf(recorded.Stream).Key is { } key ? [key] : [];

    /// <summary>
    /// The keys that an event names, as far as that can be said without asking anybody; what is wrong shows when it is taken up.
    /// </summary>
    private List<string> KeysOf(RecordedEvent recorded)
    {
        var keys = new List<string>();
        try
        {
            var decoded = _codec.Decode(recorded, UnknownEvents.PassOver);
            for (var f = 0; f < decoded.Count; f++)
                keys.AddRange(_fold.KeysOf(decoded[f], recorded).Where(ProcessRecords.IsKey).Take(KeysMax));
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            keys.Clear();
        }

        return keys;
    }

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
