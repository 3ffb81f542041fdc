using System.Collections.Immutable;
using System.Text.Json;
using Ledgerfold.Model.Events;

namespace Ledgerfold.Model.Processing;

/// <summary>
/// What the code of a process makes of an input: the definitions alone, without a ledger, and nothing of what they want is done. For tests,
/// and to ask beforehand what a definition would do to an instance there is.
/// </summary>
public sealed class ProcessTrial
{
    private readonly ProcessFold _fold;
    private readonly WorkTypes _works;

    /// <summary>A trial of every version of one process, with the modules that know its events and do what its steps ask for.</summary>
    /// <exception cref="ArgumentException">There is no version, or there are two processes.</exception>
    public ProcessTrial(IEnumerable<Process> versions, IEnumerable<Module> modules)
    {
        ArgumentNullException.ThrowIfNull(versions);
        ArgumentNullException.ThrowIfNull(modules);
        ImmutableArray<Process> all = [.. versions];
        if (all.Select(static one => one.Name).Distinct(StringComparer.Ordinal).Count() != 1)
            throw new ArgumentException("A trial is of one process, in one version or several.", nameof(versions));
        ImmutableArray<Module> known = [.. modules];
        _works = new WorkTypes(known);
        _fold = new ProcessFold(all, _works);
        Types = known.Aggregate(EventTypes.None, static (types, module) => types.With(module.EventTypes));
    }

    /// <summary>The newest version: the one that instances begin with.</summary>
    public Process Newest => _fold.Newest;

    /// <summary>The events that its modules know.</summary>
    public EventTypes Types { get; }

    /// <summary>What an event says, to this process: facts that its modules know, or what the platform recorded of an instance.</summary>
    /// <exception cref="InvalidDataException">It cannot be read.</exception>
    public ImmutableArray<object> Read(RecordedEvent recorded)
    {
        ArgumentNullException.ThrowIfNull(recorded);
        if (StreamNames.IsOfCategory(recorded.Stream, ProcessRecords.Category))
            return [ProcessRecords.Read(recorded)];
        var decoded = new EventCodec(Types).Decode(recorded, UnknownEvents.PassOver);
        if (decoded.Problem is { } problem)
            throw new InvalidDataException($"Position {recorded.Position}: {problem}");
        return [.. Enumerable.Range(0, decoded.Count).Select(fact => decoded[fact])];
    }

    /// <summary>
    /// What everybody makes of it whom a fact reaches: those under the keys that it names, and those among the instances that associated
    /// themselves with it. One that leaves nothing to be recorded is told with no record; a fact that reaches nobody gives nothing.
    /// </summary>
    /// <param name="instances">The instances there are, by key.</param>
    /// <param name="recorded">The event.</param>
    /// <param name="fact">What it says.</param>
    /// <param name="at">When it is taken up; when it was recorded where that is not said.</param>
    public ImmutableArray<ProcessReaction> Take(
        IReadOnlyDictionary<string, ProcessInstance> instances, RecordedEvent recorded, object fact, DateTimeOffset? at = null)
    {
        ArgumentNullException.ThrowIfNull(instances);
        ArgumentNullException.ThrowIfNull(recorded);
        ArgumentNullException.ThrowIfNull(fact);
        var input = new Input(recorded, fact, at ?? recorded.RecordedAt);
        if (KeyOf(fact) is { } own)
            return [Take(instances.GetValueOrDefault(own), own, input)];
        var keys = new List<string>(_fold.KeysOf(fact, recorded));
        var reactions = ImmutableArray.CreateBuilder<ProcessReaction>();
        foreach (var association in _fold.AssociationsOf(fact))
        {
            var associated = instances.Values.Where(one => one.Associations.Contains(association, StringComparer.Ordinal)).ToArray();
            keys.AddRange(associated.Select(static one => one.Key).Order(StringComparer.Ordinal));
            if (associated.Length == 0 && _fold.UnmatchedOf(fact) == Unmatched.Record)
                reactions.Add(Missed(input, "unknown", $"nobody is associated with {association}"));
        }

        foreach (var key in keys.Distinct(StringComparer.Ordinal))
        {
            reactions.Add(ProcessRecords.IsKey(key)
                ? Take(instances.GetValueOrDefault(key), key, input)
                : Missed(input, "unreadable", $"'{key}' is no key"));
        }

        return reactions.ToImmutable();
    }

    /// <summary>A command, or the request of an activity, as it is recorded in a step that asks for it.</summary>
    /// <exception cref="InvalidOperationException">No module handles or performs it.</exception>
    public Work AsRecorded(object work)
    {
        ArgumentNullException.ThrowIfNull(work);
        return _works.Write(work);
    }

    /// <summary>A state as it is recorded in an instance that goes by a version.</summary>
    /// <exception cref="InvalidOperationException">It is no state of that version.</exception>
    public JsonElement AsRecorded(object state, int version)
    {
        ArgumentNullException.ThrowIfNull(state);
        return (_fold.Versions.FirstOrDefault(one => one.Version == version) ?? Newest).WriteState(state);
    }

    private static string? KeyOf(object fact) => fact switch
    {
        ProcessEvent.StepAnswered answered => answered.Key,
        ProcessEvent.TimerFired fired => fired.Key,
        ProcessEvent.OperatorActed acted => acted.Key,
        _ => null,
    };

    private ProcessReaction Take(ProcessInstance? before, string key, Input input)
    {
        var advance = _fold.Take(before, key, input);
        return new ProcessReaction(key, before, advance?.After ?? before, advance?.Missed ?? advance?.Event);
    }

    private ProcessReaction Missed(Input input, string why, string message) =>
        new(null, null, null, new ProcessEvent.ProcessMissed(Newest.Name, null, input.AsInput, why, message));
}

/// <summary>What an instance makes of an input.</summary>
/// <param name="Key">The key that the input reached; null where it reached nobody.</param>
/// <param name="Before">The instance before it; null where there was none.</param>
/// <param name="After">The instance after it; null where there is none.</param>
/// <param name="Said">What is recorded of it; null where nothing is.</param>
public sealed record ProcessReaction(string? Key, ProcessInstance? Before, ProcessInstance? After, ProcessEvent? Said);
