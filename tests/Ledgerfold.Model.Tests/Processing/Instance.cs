using System.Collections.Immutable;
using System.Text.Json;
using Ledgerfold.Model.Events;
using Ledgerfold.Model.Processing;
using Ledgerfold.Testing.Processing;

namespace Ledgerfold.Model.Tests.Processing;

/// <summary>
/// An instance that takes up one input after the other, the way the engine does it, but without one: each record goes through JSON, and
/// inputs that are to be taken up again are, right behind.
/// </summary>
internal sealed class Instance
{
    public const string Key = "1";

    private static readonly EventCodec Events = new(Trip.Module.EventTypes);

    private readonly List<(RecordedEvent Recorded, object Fact)> _inputs = [];
    private readonly List<RecordedInput> _recorded = [];
    private ProcessFold _fold;

    public Instance(params Process[] versions) => _fold = new ProcessFold(versions, new WorkTypes([Trip.Module]));

    /// <summary>Takes a plan up at once.</summary>
    public static Instance Begun(params Process[] versions)
    {
        var instance = new Instance(versions);
        instance.Tell(new Trip.TripPlanned(Key));
        return instance;
    }

    public ProcessInstance? Now { get; private set; }

    public DateTimeOffset Time { get; private set; } = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public ProcessPhase Phase => Now!.Phase;

    public ImmutableList<string> Log => Now!.State is { } state ? ((Trip)_fold.Newest.ReadState(state)).Log : [];

    /// <summary>The last record; null where the last input left nothing.</summary>
    public ProcessEvent? Last { get; private set; }

    /// <summary>All records.</summary>
    public List<ProcessEvent> Records { get; } = [];

    /// <summary>What the last input brought about.</summary>
    public string[] Out => Last is ProcessEvent.ProcessAdvanced advanced ? [.. advanced.Out.Select(Spoken)] : [];

    /// <summary>What was asked for and taken back so far, in order.</summary>
    public IEnumerable<string> Begins => Records.OfType<ProcessEvent.ProcessAdvanced>()
        .SelectMany(static one => one.Out)
        .Where(static one => one.Kind is ProcessOutputKind.StepBegun or ProcessOutputKind.UndoBegun)
        .Select(Spoken);

    /// <summary>Everything it took up or missed, as it would be taken out of a ledger.</summary>
    public ProcessRecording Recording => new() { Process = "trip", Key = Key, Tenant = Tenants.Default, Inputs = [.. _recorded] };

    /// <summary>Hears of every input that left a record.</summary>
    public Action<object, ProcessEvent>? Saw { get; set; }

    public string? Missed => (Last as ProcessEvent.ProcessMissed)?.Why;

    public long LastPosition => _inputs.Count;

    /// <summary>From here on by other code.</summary>
    public Instance Goes(params Process[] versions)
    {
        _fold = new ProcessFold(versions, new WorkTypes([Trip.Module]));
        return this;
    }

    public Instance After(TimeSpan time)
    {
        Time += time;
        return this;
    }

    public Instance Tell(object fact, string key = Key)
    {
        _inputs.Add((Recorded(fact), fact));
        Take(_inputs[^1], key);
        return this;
    }

    public Instance Done(string step, string? of = null) => Answer(OpenStep(step, of), new StepOutcome(StepOutcomeKind.Done));

    public Instance Failed(string step, string? of = null) => Answer(OpenStep(step, of), new StepOutcome(StepOutcomeKind.Failed, "NO"));

    public Instance Unknown(string step, string? of = null) => Answer(OpenStep(step, of), new StepOutcome(StepOutcomeKind.Unknown, "GIVEN_UP"));

    public Instance Undone(string step, string? of = null) => Answer(OpenUndo(step, of), new StepOutcome(StepOutcomeKind.Done));

    public Instance UndoFailed(string step) => Answer(OpenUndo(step, of: null), new StepOutcome(StepOutcomeKind.Failed, "NO"));

    public Instance Answer(int serial, StepOutcome outcome) => Tell(new ProcessEvent.StepAnswered("trip", Key, serial, outcome));

    /// <summary>A timer, or the deadline of a step, fires when it is due.</summary>
    public Instance Fires(string timer)
    {
        var set = Now!.Timers.Single(one => one.Name == timer || one.Name == $"{timer} in time");
        Time = set.Due > Time ? set.Due : Time;
        return Fires(set);
    }

    public Instance Fires(ProcessTimer set) => Tell(new ProcessEvent.TimerFired("trip", Key, set.Serial, set.Name, set.Due));

    public Instance Act(OperatorAction action) => Tell(new ProcessEvent.OperatorActed("trip", Key, action, "because"));

    public ProcessTimer Timer(string name) => Now!.Timers.Single(one => one.Name == name);

    public ProcessStep Step(string name) => Now!.Steps.Single(one => one.Name == name && one.Undoes is null);

    public int OpenStep(string step, string? of = null) => Now!.Steps.Last(one =>
        one.Name == step && one.Of == of && one is { Undoes: null, Status: StepStatus.Open or StepStatus.Overdue }).Serial;

    public int OpenUndo(string step, string? of = null) =>
        Now!.Steps.Last(one => one.Name == step && one.Of == of && one is { Undoes: not null, Status: StepStatus.Open }).Serial;

    private void Take((RecordedEvent Recorded, object Fact) input, string key)
    {
        var advance = _fold.Take(Now, key, new Input(input.Recorded, input.Fact, Time));
        Last = null;
        if (advance is null)
            return;
        if (advance.Missed is { } missed)
        {
            Records.Add(missed);
            _recorded.Add(new RecordedInput { Event = Content(input.Recorded), At = Time, Missed = missed });
        }

        Last = ReadBack(advance.Event);
        Records.Add(Last);
        _recorded.Add(new RecordedInput
        {
            Event = Content(input.Recorded),
            At = Time,
            Advanced = Last as ProcessEvent.ProcessAdvanced,
            Missed = Last as ProcessEvent.ProcessMissed,
        });
        if (advance.After is not null)
        {
            Assert.Same(advance.After, ((ProcessEvent.ProcessAdvanced)advance.Event).Instance);
            Assert.Equal((Now?.Revision ?? 0) + 1, advance.After.Revision);
            Now = ((ProcessEvent.ProcessAdvanced)Last).Instance;
        }

        Last = advance.Missed ?? Last;
        Saw?.Invoke(input.Fact, Last);
        while (Now?.Next is { } next)
            Take(_inputs[(int)next - 1], key);
    }

    private static ProcessEvent ReadBack(ProcessEvent said)
    {
        var (_, _, data) = ProcessRecords.Codec.Encode(said);
        var recorded = Recorded(said.GetType().Name, data, 1, DateTimeOffset.UnixEpoch);
        return ProcessRecords.Read(recorded);
    }

    private RecordedEvent Recorded(object fact)
    {
        var (type, _, data) = fact is ProcessEvent ? ProcessRecords.Codec.Encode(fact) : Events.Encode(fact);
        return Recorded(type, data, _inputs.Count + 1, Time, fact is ProcessEvent ? ProcessRecords.StreamOf("trip", Key) : "trip-1");
    }

    private static RecordedContent Content(RecordedEvent recorded) => new()
    {
        Position = recorded.Position,
        Id = recorded.Id,
        Stream = recorded.Stream,
        StreamVersion = recorded.Version,
        Type = recorded.Type,
        SchemaVersion = recorded.SchemaVersion,
        RecordedAt = recorded.RecordedAt,
        Data = JsonElement.Parse(recorded.Data.Span),
    };

    private static RecordedEvent Recorded(string type, ReadOnlyMemory<byte> data, long position, DateTimeOffset at, string stream = "any-1") => new()
    {
        Position = position,
        Id = new Guid((int)position, 0, 0, new byte[8]),
        Tenant = Tenants.Default,
        Stream = stream,
        Version = position,
        Type = type,
        SchemaVersion = 1,
        RecordedAt = at,
        ContentType = NewEvent.Json,
        Data = data,
    };

    private static string Spoken(ProcessOutput output) => (output.Kind, output.Name, output.Detail) switch
    {
        (ProcessOutputKind.StepBegun, var name, var of) => Trip.Name(name!, of),
        (ProcessOutputKind.UndoBegun, var name, var of) => $"undo {Trip.Name(name!, of)}",
        (ProcessOutputKind.TimerSet or ProcessOutputKind.TimerMoved, var name, var due) => $"{output.Kind} {name} {due![11..16]}",
        (_, null, null) => $"{output.Kind}",
        (_, null, var detail) => $"{output.Kind} {detail}",
        (_, var name, null) => $"{output.Kind} {name}",
        (_, var name, var detail) => $"{output.Kind} {name} {detail}",
    };
}
