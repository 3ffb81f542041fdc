using Ledgerfold.Model;
using Ledgerfold.Model.Commanding;
using Ledgerfold.Model.Driving;
using Ledgerfold.Model.Events;
using Ledgerfold.Model.Processing;
using Ledgerfold.Simulation.Bank;

namespace Ledgerfold.Simulation.Wires;

/// <summary>
/// What is recorded of the processes, event by event: every record is what the pure fold makes of the inputs in the order of the ledger, each
/// taken up once; and apart from the fold, every outcome is true, timers fire once and not before their time, and what is taken back was
/// done, the newest first.
/// </summary>
internal sealed class WireHistory
{
    public const string TenantsCategory = "$tenants";

    private readonly BankWorld _bank;
    private readonly ClearingHouse _house;
    private readonly ProcessFold _fold;
    private readonly WorkTypes _works;
    private readonly Dictionary<string, ProcessInstance?> _instances = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<string>> _associated = new(StringComparer.Ordinal); // in the order they were recorded
    private readonly Queue<(RecordedEvent Recorded, object Fact)> _inputs = new();
    private readonly Dictionary<string, Queue<Expected>> _expected = new(StringComparer.Ordinal); // by stream: an append goes stream by stream
    private readonly StepOracle _steps;
    private readonly TimerOracle _timers;

    public WireHistory(BankWorld bank, Module module, ClearingHouse house, WirePlan plan)
    {
        (_bank, _house) = (bank, house);
        _works = new WorkTypes([module]);
        _fold = new ProcessFold(module.Processes, _works);
        _steps = new StepOracle(bank, _works, house);
        _timers = new TimerOracle(bank);
        Plan = plan;
    }

    public WirePlan Plan { get; }

    /// <summary>Whether everything that reached the processes is taken up, and every instance has come to its end.</summary>
    public bool IsAtRest
    {
        get
        {
            while (ExpectNext())
            {
            }

            return _expected.Values.All(static one => one.Count == 0) && _instances.Values.All(IsOver);
        }
    }

    /// <summary>What is not over, for people.</summary>
    public string Left => _expected.Values.FirstOrDefault(static one => one.Count > 0) is { } left
        ? $"there is no {left.Peek().Stream} {SayShort(left.Peek().Said)}"
        : string.Join("; ", _instances.Values.OfType<ProcessInstance>().Where(static one => !IsOver(one)).Select(Say));

    public bool IsOwn(RecordedEvent recorded) =>
        StreamNames.IsOfCategory(recorded.Stream, ProcessRecords.Category) || StreamNames.IsOfCategory(recorded.Stream, TenantsCategory);

    /// <summary>An event of the bank, which may reach an instance.</summary>
    public void Add(RecordedEvent recorded, object fact)
    {
        if (_fold.Newest.EventTypes.Contains(fact.GetType()))
            _inputs.Enqueue((recorded, fact));
        _steps.Add(fact);
    }

    /// <summary>An event of the platform's own.</summary>
    public void AddOwn(RecordedEvent recorded)
    {
        if (recorded.Tenant == ProcessLoop.PlatformTenant)
            return;
        if (recorded.Tenant != Tenants.Default)
            throw new OracleException("tenants", $"nobody works for the tenant of {Say(recorded)}");
        var said = ProcessRecords.Read(recorded);
        if (_bank.Journal.IsOn)
            _bank.Say($"  {Say(recorded)} {SayShort(said)}");
        switch (said)
        {
            case ProcessEvent.ProcessAdvanced advanced:
                Check(recorded);
                _timers.Add(advanced);
                _steps.Add(recorded, advanced);
                break;
            case ProcessEvent.ProcessMissed missed:
                Check(recorded);
                _bank.Marks.Hit($"wires: an input was missed, {missed.Why}");
                break;
            case ProcessEvent.StepTried tried:
                _bank.Marks.Hit("wires: a step was tried in vain");
                _steps.Check(tried);
                break;
            case ProcessEvent.StepAnswered answered:
                _steps.Check(recorded, answered);
                _inputs.Enqueue((recorded, said));
                break;
            case ProcessEvent.TimerFired fired:
                _timers.Check(fired);
                _inputs.Enqueue((recorded, said));
                break;
            default:
                _inputs.Enqueue((recorded, said));
                break;
        }
    }

    /// <summary>Whether it has been known for long that the time of a step is up.</summary>
    public bool IsLongOverdue(Guid key) => _steps.IsLongOverdue(key);

    /// <summary>A process of the bank has ended.</summary>
    public void Crash() => _steps.Crash();

    /// <summary>All is over, and it must have come to what was asked for.</summary>
    public void CheckEnd()
    {
        _steps.CheckEnd();
        new WireOracle(_bank, _house, Plan).Check();
    }

    private static bool IsOver(ProcessInstance? instance) =>
        instance is null or { HasEnded: true, Error: null, Steps.IsEmpty: true, Timers.IsEmpty: true };

    /// <summary>A record must be the next that is expected in its stream, to the byte.</summary>
    private void Check(RecordedEvent recorded)
    {
        while (_expected.GetValueOrDefault(recorded.Stream) is not { Count: > 0 } && ExpectNext())
        {
        }

        if (!_expected.TryGetValue(recorded.Stream, out var next) || !next.TryDequeue(out var expected))
            throw new OracleException("inputs", $"there is nothing left to be taken up, and there is {Say(recorded)} {SayShort(ProcessRecords.Read(recorded))}");
        var item = expected.Item;
        var isAlike = recorded.Stream == expected.Stream && recorded.Id == item.Id && recorded.Type == item.Type
            && recorded.Data.Span.SequenceEqual(item.Data.Span) && recorded.CorrelationId == item.CorrelationId
            && recorded.CausationId == item.CausationId && item.Tags.All(tag => recorded.Tags.Contains(tag));
        if (!isAlike)
        {
            throw new OracleException(
                "replay", $"a replay gives {expected.Stream} {SayShort(expected.Said)} next, and there is {Say(recorded)} {SayShort(ProcessRecords.Read(recorded))}");
        }
    }

    /// <summary>Takes the next input up; false where there is none.</summary>
    private bool ExpectNext()
    {
        if (!_inputs.TryDequeue(out var input))
            return false;
        foreach (var one in Expect(input))
        {
            Keep(one);
            if (!_expected.TryGetValue(one.Stream, out var ofStream))
                _expected.Add(one.Stream, ofStream = new());
            ofStream.Enqueue(one);
        }

        return true;
    }

    /// <summary>What the fold makes of an input now; nothing is changed by it.</summary>
    private List<Expected> Expect((RecordedEvent Recorded, object Fact) input)
    {
        var (recorded, fact) = input;
        if (fact is ProcessEvent)
            return [.. Take(ProcessRecords.NamesOf(recorded.Stream).Key!, recorded, fact)];
        var keys = _fold.KeysOf(fact, recorded).ToList();
        var expected = new List<Expected>();
        foreach (var association in _fold.AssociationsOf(fact))
        {
            var found = _associated.GetValueOrDefault(association, [])
                .Where(key => _instances.GetValueOrDefault(key)?.Associations.Contains(association, StringComparer.Ordinal) == true).ToArray();
            keys.AddRange(found.Except(keys, StringComparer.Ordinal).Distinct(StringComparer.Ordinal));
            if (found.Length == 0 && _fold.UnmatchedOf(fact) == Unmatched.Record)
                expected.Add(Miss(recorded, association));
        }

        expected.AddRange(keys.SelectMany(key => Take(key, recorded, fact)));
        return expected;
    }

    private static Expected Miss(RecordedEvent recorded, string association)
    {
        var said = new ProcessEvent.ProcessMissed(
            WireCode.Process, null, new ProcessInput(recorded.Position, recorded.Type), "unknown", $"nobody is associated with {association}");
        var id = ProcessRecords.IdOfMiss(WireCode.Process, null, recorded.Position, recorded.RecordedAt);
        return new(ProcessRecords.StreamOf(WireCode.Process), said, ProcessRecords.Write(said, id, Cause.Of(recorded), recorded.CorrelationId), null);
    }

    private IEnumerable<Expected> Take(string key, RecordedEvent recorded, object fact)
    {
        if (_fold.Take(_instances.GetValueOrDefault(key), key, new Input(recorded, fact, recorded.RecordedAt)) is not { } advance)
            yield break;
        var id = advance.After is { } after
            ? ProcessRecords.IdOfAdvance(after)
            : ProcessRecords.IdOfMiss(WireCode.Process, key, recorded.Position, recorded.RecordedAt);
        var correlation = advance.After is null ? recorded.CorrelationId : advance.After.CorrelationId;
        yield return new(
            ProcessRecords.StreamOf(WireCode.Process, key), advance.Event, ProcessRecords.Write(advance.Event, id, Cause.Of(recorded), correlation), advance.After);
    }

    private void Keep(Expected expected)
    {
        if (expected is not { After: { } after, Said: ProcessEvent.ProcessAdvanced { Out: var outputs } })
            return;
        _instances[after.Key] = after;
        foreach (var output in outputs.Where(static one => one.Kind == ProcessOutputKind.Associated))
        {
            if (!_associated.TryGetValue(output.Detail!, out var keys))
                _associated.Add(output.Detail!, keys = []);
            keys.Add(after.Key);
        }
    }

    private static string Say(ProcessInstance instance) => $"{instance.Key} run {instance.Run} {instance.Phase} {instance.Stuck}"
        + $" [{string.Join(", ", instance.Steps.Select(static step => $"{step.Serial} {step}{(step.Undoes is { } undone ? $" undoes {undone}" : "")} {step.Status}"))}]"
        + $" [{string.Join(", ", instance.Timers.Select(static timer => $"{timer.Serial} {timer.Name} {timer.Due:T}"))}]";

    private static string SayShort(ProcessEvent said) => said switch
    {
        ProcessEvent.ProcessAdvanced one => $"in {one.In.Position} {one.In.Type}, out {string.Join(", ", one.Out.Select(static output =>
            $"{output.Kind} {output.Serial} {output.Name} {output.Detail}"))}: {Say(one.Instance)}",
        ProcessEvent.ProcessMissed one => $"missed {one.In.Position} {one.In.Type}: {one.Why}",
        _ => said.ToString(),
    };

    private static string Say(RecordedEvent recorded) => Simulation.Events.Say(recorded);

    private sealed record Expected(string Stream, ProcessEvent Said, NewEvent Item, ProcessInstance? After);
}
