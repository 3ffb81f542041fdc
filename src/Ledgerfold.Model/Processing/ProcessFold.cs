using System.Collections.Immutable;
using Ledgerfold.Model.Folding;

namespace Ledgerfold.Model.Processing;

/// <summary>
/// What an input makes of an instance: pure, so that a history taken up again comes to the same. Nothing is done here; what is wanted
/// stands in the record.
/// </summary>
internal sealed class ProcessFold
{
    private readonly ImmutableSortedDictionary<int, Process> _versions;
    private readonly WorkTypes _works;

    public ProcessFold(IEnumerable<Process> versions, WorkTypes works)
    {
        _versions = versions.ToImmutableSortedDictionary(static one => one.Version, static one => one);
        _works = works;
        Newest = _versions[_versions.Keys.Max()];
        Associates = Versions.Any(static one => one.Reacting.Values.Any(static reaction => reaction.Association is not null));
    }

    public Process Newest { get; }

    public IEnumerable<Process> Versions => _versions.Values;

    /// <summary>Whether some event finds instances by what they are associated with.</summary>
    public bool Associates { get; }

    /// <summary>Under which keys a fact may find an instance, or begin one; each once.</summary>
    public IReadOnlyList<string> KeysOf(object fact, RecordedEvent recorded)
    {
        var keys = new List<string>(1);
        foreach (var version in _versions.Values)
        {
            keys.AddRange(Keys(version.Starting.GetValueOrDefault(fact.GetType()), fact, recorded));
            keys.AddRange(Keys(version.Reacting.GetValueOrDefault(fact.GetType()), fact, recorded));
        }

        return keys.Count < 2 ? keys : [.. keys.Distinct(StringComparer.Ordinal)];
    }

    /// <summary>By which associations a fact may find instances.</summary>
    public IEnumerable<string> AssociationsOf(object fact) => !Associates ? [] : _versions.Values
        .Select(one => one.Reacting.GetValueOrDefault(fact.GetType())?.Association?.Invoke(fact))
        .OfType<string>()
        .Distinct(StringComparer.Ordinal);

    /// <summary>What becomes of an event that no association finds an instance for.</summary>
    public Unmatched UnmatchedOf(object fact) => ReactionsTo(fact).FirstOrDefault()?.Unmatched ?? Unmatched.PassOver;

    /// <summary>
    /// Takes up all that one event says to an instance, together: where the code fails at one of several facts, none of them is taken up,
    /// so that all of them can be once somebody has seen to it.
    /// </summary>
    public IReadOnlyList<Advance> TakeAll(ProcessInstance? before, string key, IReadOnlyList<Input> inputs)
    {
        var advances = new List<Advance>(1);
        var now = before;
        foreach (var input in inputs)
        {
            if (Take(now, key, input) is not { } advance)
                continue;
            if (advances.Count > 0 && advance.After?.Error is { } error && now?.Error is null)
                return [HoldBack(before, key, input, error)];
            advances.Add(advance);
            now = advance.After ?? now;
        }

        return advances;
    }

    /// <summary>Takes an input up; null where it leaves nothing to be recorded.</summary>
    public Advance? Take(ProcessInstance? before, string key, Input input)
    {
        if (before?.Next != input.Recorded.Position)
            return TakeNow(before, key, input);

        // what waited waits no more, whatever is made of it
        var going = before with { Waiting = before.Waiting.RemoveAt(0) };
        var advance = TakeNow(going, key, input);
        if (advance?.After is not null)
            return advance;
        var after = Behind(going, input);
        return new Advance(after, new ProcessEvent.ProcessAdvanced(after, input.AsInput, [new(ProcessOutputKind.NoLongerWaits)]))
        {
            Missed = advance?.Event as ProcessEvent.ProcessMissed,
        };
    }

    /// <summary>
    /// The instance waits for somebody to act, whatever the code made of the input: it stands as before, or has just begun.
    /// </summary>
    public Advance HoldBack(ProcessInstance? before, string key, Input input, string error)
    {
        if (before?.Next == input.Recorded.Position)
            before = before with { Waiting = before.Waiting.RemoveAt(0) };
        var begins = before is null || (input.Fact is not ProcessEvent && before is { State: null } or { HasEnded: true });
        return Hold(begins ? Fresh(before, key, input) : before!, input, error);
    }

    private Advance? TakeNow(ProcessInstance? before, string key, Input input)
    {
        if (before is null && input.Fact is ProcessEvent)
            return Missed(key, input, "unknown");
        if (input.Fact is ProcessEvent.OperatorActed { Action: OperatorAction.Release or OperatorAction.Terminate } acted)
            return Free(before!, acted, input);
        if (before?.Error is not null)
            return Wait(before, input);
        if (input.Fact is not ProcessEvent && (before is null or { State: null } or { HasEnded: true }))
            return Begin(before, key, input);
        var draft = new InstanceDraft(before!, _works, input.At);
        try
        {
            return new Taking(this, draft, input).Run(key);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            return Hold(before!, input, FoldError.Say(failure));
        }
    }

    /// <summary>
    /// Lets go what stands still, or ends it where it stands. No definition has a part in it, because one may be what is missing. What
    /// waits is taken up next; what waited behind an instance that is ended finds it ended, so that none of it is lost without a word.
    /// </summary>
    private Advance Free(ProcessInstance before, ProcessEvent.OperatorActed acted, Input input)
    {
        var isTerminated = acted.Action is OperatorAction.Terminate;
        var waiting = isTerminated && before.Error is not null ? before.Waiting.RemoveAt(0) : before.Waiting;
        var draft = new InstanceDraft(before with { Error = null, Waiting = waiting }, _works, input.At);
        if (isTerminated && !before.HasEnded)
            draft.End(ProcessPhase.Terminated, acted.Reason);
        else if (isTerminated || before.Error is null)
            draft.Say(new(ProcessOutputKind.NotApplied, Detail: acted.Reason));
        return Record(draft, input);
    }

    /// <summary>The definition that an instance goes by, after it has taken over what it can.</summary>
    public Process DefinitionOf(InstanceDraft draft, Reactions reactions)
    {
        while (draft.Now is { HasEnded: false, State: not null } && NewerOf(draft.Now.Version) is { } newer)
        {
            var state = newer.Migrations[draft.Now.Version](draft.Now.State!.Value, reactions);
            draft.Say(new(ProcessOutputKind.Migrated, Detail: $"{draft.Now.Version} to {newer.Version}"));
            draft.Now = draft.Now with { Version = newer.Version, State = newer.WriteState(state) };
        }

        return _versions.GetValueOrDefault(draft.Now.Version)
            ?? (draft.Now.HasEnded ? Newest : null)
            ?? throw new InvalidOperationException($"There is no version {draft.Now.Version} of {draft.Now.Process} any more.");
    }

    private Process? NewerOf(int version) => _versions.Values.FirstOrDefault(one => one.Migrations.ContainsKey(version));

    private Advance? Begin(ProcessInstance? before, string key, Input input)
    {
        var starting = Newest.Starting.GetValueOrDefault(input.Fact.GetType());
        if (!Keys(starting, input.Fact, input.Recorded).Contains(key, StringComparer.Ordinal))
            starting = null;
        if (starting is null || (before is { HasEnded: true } && !Newest.StartsAgain))
            return Unclaimed(before, key, input, starts: starting is not null);
        var fresh = Fresh(before, key, input);
        var draft = new InstanceDraft(fresh, _works, input.At);
        try
        {
            var state = starting.React(null, input.Fact, new Reactions(draft, input.Recorded.Tenant, input.Recorded));
            draft.Now = draft.Now with { State = Newest.WriteState(state) };
            Taking.Settle(Newest, draft, new Reactions(draft, input.Recorded.Tenant, input.Recorded));
            return Record(draft, input);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            return Hold(fresh, input, FoldError.Say(failure));
        }
    }

    /// <summary>
    /// An instance that is about to begin; what an earlier run left to be settled is settled in it, and what waits goes on waiting.
    /// </summary>
    private ProcessInstance Fresh(ProcessInstance? before, string key, Input input)
    {
        var fresh = new ProcessInstance
        {
            Process = Newest.Name,
            Key = key,
            Version = Newest.Version,
            Run = (before?.Run ?? 0) + (before is { HasEnded: false } ? 0 : 1),
            Revision = before?.Revision ?? 0,
            Serial = before?.Serial ?? 0,
            Phase = ProcessPhase.Running,
            StartedAt = input.At,
            ChangedAt = input.At,
            CorrelationId = input.Recorded.CorrelationId,
            Steps = before?.Steps ?? [],
            Waiting = before?.Waiting ?? [],
        };
#if ZOO
        if (Zoo.Bug("process-numbers-begin-anew"))
            fresh = fresh with { Serial = 0 };
#endif
        return fresh;
    }

    private Advance? Unclaimed(ProcessInstance? before, string key, Input input, bool starts)
    {
        var unmatched = ReactionsTo(input.Fact).FirstOrDefault(one => IsFor(one, before, key, input))?.Unmatched
            ?? (starts ? Unmatched.Record : Unmatched.PassOver);
        return unmatched == Unmatched.PassOver ? null : Missed(key, input, before is { HasEnded: true } ? "ended" : "unknown");
    }

    /// <summary>
    /// Every version's reaction to a fact, the newest first: where one reacts no more, what an older one says of events for nobody holds
    /// on, because events are under way that it was written for.
    /// </summary>
    private IEnumerable<EventReaction> ReactionsTo(object fact) => _versions.Values.Reverse()
        .Select(one => one.Reacting.GetValueOrDefault(fact.GetType()))
        .OfType<EventReaction>();

    public static bool IsFor(EventReaction reaction, ProcessInstance? instance, string key, Input input) =>
        reaction.Association is { } associated
            ? associated(input.Fact) is { } value && instance?.Associations.Contains(value, StringComparer.Ordinal) == true
            : Keys(reaction, input.Fact, input.Recorded).Contains(key, StringComparer.Ordinal);

    public static IEnumerable<string> Keys(EventReaction? reaction, object fact, RecordedEvent recorded) =>
        reaction?.Keys?.Invoke(fact, recorded) ?? [];

    public static Advance Record(InstanceDraft draft, Input input)
    {
        var after = Behind(draft.Now, input) with { ChangedAt = input.At };
        return new Advance(after, new ProcessEvent.ProcessAdvanced(after, input.AsInput, draft.Out));
    }

    public Advance Missed(string key, Input input, string why, string? message = null) =>
        new(null, new ProcessEvent.ProcessMissed(Newest.Name, key, input.AsInput, why, message));

    private static Advance Wait(ProcessInstance before, Input input)
    {
        // one event may be several facts, and is taken up again as a whole
        var position = input.Recorded.Position;
        var waiting = before.Waiting[^1] == position ? before.Waiting : before.Waiting.Add(position);
        var after = Behind(before, input) with { Waiting = waiting };
        return new(after, new ProcessEvent.ProcessAdvanced(after, input.AsInput, [new(ProcessOutputKind.Waits)]));
    }

    /// <summary>The code failed: the instance stands as before, and the input waits, first of all, until somebody acts.</summary>
    private static Advance Hold(ProcessInstance before, Input input, string error)
    {
        var after = Behind(before, input) with
        {
            Error = error,
            Waiting = before.Waiting.Insert(0, input.Recorded.Position),
            ChangedAt = input.At,
        };
        return new(after, new ProcessEvent.ProcessAdvanced(after, input.AsInput, [new(ProcessOutputKind.Held, Detail: error)]));
    }

    private static ProcessInstance Behind(ProcessInstance instance, Input input) =>
        instance with { Revision = instance.Revision + 1, TakenUp = input.Turn };
}

/// <summary>An event on its way into an instance.</summary>
/// <param name="Recorded">As it stands in the ledger.</param>
/// <param name="Fact">What it says.</param>
/// <param name="At">When it is taken up: when it was recorded, or when somebody let it be taken up again.</param>
internal sealed record Input(RecordedEvent Recorded, object Fact, DateTimeOffset At)
{
    /// <summary>Where the process stands in the ledger with it: at the event itself, or at what let it be taken up again.</summary>
    public long Turn { get; init; } = Recorded.Position;

    public ProcessInput AsInput => new(Recorded.Position, Recorded.Type);
}

/// <summary>What an input came to.</summary>
/// <param name="After">The instance after it; null where it was not changed.</param>
/// <param name="Event">What is recorded.</param>
internal sealed record Advance(ProcessInstance? After, ProcessEvent Event)
{
    /// <summary>What is recorded before it of an input that waited, and that the instance could not take.</summary>
    public ProcessEvent.ProcessMissed? Missed { get; init; }
}
