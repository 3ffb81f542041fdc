using System.Collections.Immutable;
using Ledgerfold.Model.Comparing;
using Ledgerfold.Model.Processing;

namespace Ledgerfold.Testing.Processing;

/// <summary>
/// One replay. An input that waited behind a failure of the code is replayed where it was taken up in the end, because another definition
/// need not fail there; and so an operator's release is not replayed.
/// </summary>
internal sealed class ReplayRun(ProcessRecording recording, ProcessTrial trial)
{
    private readonly ImmutableArray<long> _waitingAtTheEnd =
        recording.Inputs.LastOrDefault(static input => input.Advanced is not null)?.Advanced?.Instance.Waiting ?? [];

    private ProcessInstance? _now;

    public ProcessReplay Go(long behind)
    {
        var last = recording.Inputs.ToList().FindLastIndex(input => input.Event.Position == behind);
        if (behind != 0 && last < 0)
            throw new ArgumentException($"No input of the recording stands at {behind}.", nameof(behind));
        var differences = ImmutableArray.CreateBuilder<ReplayDifference>();
        ProcessInstance? recorded = null;
        for (var i = 0; i < recording.Inputs.Length; i++)
        {
            var input = recording.Inputs[i];
            var before = recorded;
            recorded = input.Advanced?.Instance ?? recorded;
            if (i <= last)
            {
                _now = recorded;
                continue;
            }

            if (IsReplayed(i) && Compare(input, Take(input, before)) is { } difference)
                differences.Add(difference);
        }

        return new ProcessReplay(recording, differences.ToImmutable());
    }

    private bool IsReplayed(int index)
    {
        var input = recording.Inputs[index];
        if (input.IsLetGo && index > 0 && recording.Inputs[index - 1] is { Missed: not null } missed
            && missed.Event.Position == input.Event.Position)
            return false; // it is replayed where it was missed, just before
        if (!input.IsHeldBack)
            return input.Advanced is null || !IsRelease(input);
        return _waitingAtTheEnd.Contains(input.Event.Position)
            && recording.Inputs.Skip(index + 1).All(later => later.Event.Position != input.Event.Position);
    }

    private bool IsRelease(RecordedInput input) => input.Event.Type == nameof(ProcessEvent.OperatorActed)
        && trial.Read(input.Event.AsRecorded(recording.Tenant)) is [ProcessEvent.OperatorActed { Action: OperatorAction.Release }];

    private ProcessEvent? Take(RecordedInput input, ProcessInstance? recordedBefore)
    {
        var recorded = input.Event.AsRecorded(recording.Tenant);
        ProcessEvent? said = null;
        foreach (var fact in trial.Read(recorded))
        {
            var instances = ImmutableDictionary<string, ProcessInstance>.Empty;
            if (_now is not null)
                instances = instances.Add(recording.Key, _now);
            foreach (var reaction in trial.Take(instances, recorded, Renumbered(fact, recordedBefore), input.At))
            {
                if (reaction.Key != recording.Key)
                    continue;
                (_now, said) = (reaction.After, reaction.Said ?? said);
            }
        }

        return said;
    }

    /// <summary>The same said of the step or timer of that name in this instance; of none where there is no such.</summary>
    private object Renumbered(object fact, ProcessInstance? recorded) => fact switch
    {
        ProcessEvent.StepAnswered answered => answered with { Serial = StepOf(answered.Serial, recorded) },
        ProcessEvent.TimerFired fired => fired with { Serial = TimerOf(fired.Serial, fired.Name, recorded) },
        ProcessEvent.OperatorActed { Action: OperatorAction.RetryStep(var serial) } acted =>
            acted with { Action = new OperatorAction.RetryStep(StepOf(serial, recorded)) },
        ProcessEvent.OperatorActed { Action: OperatorAction.SettleStep(var serial) } acted =>
            acted with { Action = new OperatorAction.SettleStep(StepOf(serial, recorded)) },
        _ => fact,
    };

    private int StepOf(int serial, ProcessInstance? recorded)
    {
        if (recorded?.Steps.FirstOrDefault(step => step.Serial == serial) is not { } meant)
            return 0;
        var alike = _now?.Steps.Where(step => step.Name == meant.Name && step.Of == meant.Of
            && step.Undoes is null == meant.Undoes is null && step.LeftOver == meant.LeftOver).ToArray() ?? [];
        return (alike.LastOrDefault(step => step.Status == meant.Status) ?? alike.LastOrDefault())?.Serial ?? 0;
    }

    private int TimerOf(int serial, string name, ProcessInstance? recorded)
    {
        if (recorded?.Timers.FirstOrDefault(timer => timer.Serial == serial) is not { } meant)
            return 0;
        return _now?.Timers.LastOrDefault(timer => timer.Name == name && timer.Step is null == meant.Step is null)?.Serial ?? 0;
    }

    private ReplayDifference? Compare(RecordedInput input, ProcessEvent? said)
    {
        var now = said as ProcessEvent.ProcessAdvanced;
        var before = input.IsLetGo ? null : input.Advanced;
        var (was, outputs) = (Spoken(before, input.Missed), Spoken(now, said as ProcessEvent.ProcessMissed));
        var difference = new ReplayDifference
        {
            Position = input.Event.Position,
            Type = input.Event.Type,
            At = input.At,
            Gone = [.. Without(was, outputs)],
            New = [.. Without(outputs, was)],
            // where the same things come in another order, the order is what differs
            Order = was.Order(StringComparer.Ordinal).SequenceEqual(outputs.Order(StringComparer.Ordinal)) && !was.SequenceEqual(outputs)
                ? [.. outputs]
                : [],
            PhaseBefore = before?.Instance.Phase,
            PhaseNow = now?.Instance.Phase,
            Fields = FieldChange.Between(before?.Instance.State, now?.Instance.State),
        };
        return difference.IsEmpty ? null : difference;
    }

    private static string[] Spoken(ProcessEvent.ProcessAdvanced? advanced, ProcessEvent.ProcessMissed? missed)
    {
        if (missed is not null)
            return [$"missed: {missed.Why}"];
        return advanced is null
            ? ["nothing recorded"]
            : [.. advanced.Out.Where(static one => one.Kind != ProcessOutputKind.Migrated).Select(one => Spoken(one, advanced.Instance))];
    }

    private static string Spoken(ProcessOutput output, ProcessInstance instance)
    {
        if (output.Kind is not (ProcessOutputKind.StepBegun or ProcessOutputKind.UndoBegun))
            return output.ToString();
        var step = instance.Steps.FirstOrDefault(one => one.Serial == output.Serial);
        var undo = step?.Undo is { } back ? $", to be undone by {back}" : "";
        return step?.Work is { } work ? $"{output}: {work}{undo}" : $"{output}";
    }

    /// <summary>What is in the one and not in the other, each as often as it is.</summary>
    private static List<string> Without(string[] these, string[] others)
    {
        var left = these.ToList();
        foreach (var other in others)
            left.Remove(other);
        return left;
    }
}
