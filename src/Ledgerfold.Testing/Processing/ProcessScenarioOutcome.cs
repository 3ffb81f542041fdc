using System.Collections.Immutable;
using System.Text;
using Ledgerfold.Model.Comparing;
using Ledgerfold.Model.Processing;
using Xunit;

namespace Ledgerfold.Testing.Processing;

/// <summary>What an input led to. Each check gives the outcome itself, so that several follow on one another.</summary>
public sealed class ProcessScenarioOutcome
{
    private readonly ProcessTrial _trial;

    internal ProcessScenarioOutcome(ProcessTrial trial, ProcessScenario and, ImmutableArray<ProcessReaction> reactions)
    {
        (_trial, And, Reactions) = (trial, and, reactions);
    }

    /// <summary>The scenario behind the input, to go on with.</summary>
    public ProcessScenario And { get; }

    /// <summary>What each instance that was reached made of it.</summary>
    public ImmutableArray<ProcessReaction> Reactions { get; }

    /// <summary>Only what the instance under a key made of it.</summary>
    public ProcessScenarioOutcome Of(string key)
    {
        var its = Reactions.RemoveAll(one => one.Key != key);
        Assert.False(its.IsEmpty, $"Expected:\n  reaches {key}\nActual:\n{Reached()}");
        return new ProcessScenarioOutcome(_trial, And, its);
    }

    /// <summary>
    /// Exactly this follows, in this order: commands, requests of activities, and what else is <see cref="Wanted"/>. The times that steps
    /// may take are part of the steps and not listed.
    /// </summary>
    public ProcessScenarioOutcome Then(params ImmutableArray<object> wanted)
    {
        var expected = Lines(wanted.Select(one => one is Wanted other ? other.Text : Asked(_trial.AsRecorded(one))));
        var actual = Lines(Reacting().SelectMany(Brought));
        Assert.True(expected == actual, $"Expected:\n{expected}Actual:\n{actual}");
        return this;
    }

    /// <summary>Nothing follows, nothing is missed, and the instance, where there is one, stands as it did.</summary>
    public ProcessScenarioOutcome ThenNothing()
    {
        var actual = Lines(Reactions.SelectMany(one => Brought(one).Concat(Changed(one))));
        Assert.True(actual == Lines([]), $"Expected:\n{Lines([])}Actual:\n{actual}");
        return this;
    }

    /// <summary>The input is recorded as missed, for this reason.</summary>
    public ProcessScenarioOutcome ThenMissed(string why)
    {
        var actual = Lines(Reacting().SelectMany(one => one.Said is null ? ["nothing recorded"] : Brought(one)));
        var isMissed = Reactions.Any(one => one.Said is ProcessEvent.ProcessMissed missed && missed.Why == why);
        Assert.True(isMissed, $"Expected:\n  missed: {why}\nActual:\n{actual}");
        return this;
    }

    /// <summary>The code failed, and the instance waits for somebody to act.</summary>
    public ProcessScenarioOutcome ThenHeld(string error)
    {
        var actual = One().After?.Error ?? "not at all";
        Assert.True(actual.Contains(error, StringComparison.Ordinal), $"Expected:\n  held: {error}\nActual:\n  held: {actual}");
        return this;
    }

    /// <summary>The instance is here in its life.</summary>
    public ProcessScenarioOutcome ThenPhase(ProcessPhase phase)
    {
        var actual = One().After?.Phase;
        Assert.True(actual == phase, $"Expected:\n  {phase}\nActual:\n  {(actual is null ? "no instance" : $"{actual}")}{Brief(One())}");
        return this;
    }

    /// <summary>The instance knows this, compared as it is recorded.</summary>
    public ProcessScenarioOutcome ThenState(object state)
    {
        var after = One().After;
        var expected = _trial.AsRecorded(state, after?.Version ?? _trial.Newest.Version);
        var actual = after?.State?.GetRawText() ?? "no state";
        var changes = FieldChange.Between(expected, after?.State);
        var differing = Lines(changes.Select(static one => $"{one}"));
        Assert.True(changes.IsEmpty, $"Expected:\n  {expected}\nActual:\n  {actual}\nDiffering:\n{differing}");
        return this;
    }

    /// <summary>Exactly these instances are reached, in any order; none where the event reaches nobody.</summary>
    public ProcessScenarioOutcome ThenReaches(params ImmutableArray<string> keys)
    {
        var expected = Lines(keys.Order(StringComparer.Ordinal).Select(static key => $"reaches {key}"));
        Assert.True(expected == Reached(), $"Expected:\n{expected}Actual:\n{Reached()}");
        return this;
    }

    private ProcessReaction One() => Reacting()[^1];

    /// <summary>What the one instance made of it, and then of what had waited.</summary>
    private ImmutableArray<ProcessReaction> Reacting()
    {
        var reached = Reactions.Select(static one => one.Key).Distinct(StringComparer.Ordinal).Count();
        Assert.True(reached == 1, $"Expected:\n  reaches one instance, or say {nameof(Of)} which\nActual:\n{Reached()}");
        return Reactions;
    }

    private string Reached() => Lines(Reactions
        .Select(static one => one.Key is null ? "reaches nobody" : $"reaches {one.Key}")
        .Distinct(StringComparer.Ordinal)
        .Order(StringComparer.Ordinal));

    private static IEnumerable<string> Brought(ProcessReaction reaction)
    {
        if (reaction.Said is ProcessEvent.ProcessMissed missed)
            yield return $"missed: {missed.Why}{(missed.Message is null ? "" : $", {missed.Message}")}";
        if (reaction.Said is not ProcessEvent.ProcessAdvanced advanced)
            yield break;
        foreach (var output in advanced.Out)
        {
            switch (output.Kind)
            {
                case ProcessOutputKind.StepBegun
                    when advanced.Instance.Steps.FirstOrDefault(step => step.Serial == output.Serial) is { Work: { } work }:
                    yield return Asked(work);
                    break;
                case ProcessOutputKind.UndoBegun:
                    yield return Wanted.Undo(output.Name!, output.Detail).Text;
                    break;
                case ProcessOutputKind.TimerSet or ProcessOutputKind.TimerMoved
                    when advanced.Instance.Timers.FirstOrDefault(timer => timer.Serial == output.Serial) is { Step: null } timer:
                    yield return Wanted.Timer(timer.Name, timer.Due).Text;
                    break;
                case ProcessOutputKind.Held:
                    yield return $"held: {output.Detail}";
                    break;
                case ProcessOutputKind.Waits:
                    yield return "waits behind an input at which the code failed";
                    break;
                case ProcessOutputKind.NotApplied:
                    yield return "does not apply";
                    break;
            }
        }
    }

    private static IEnumerable<string> Changed(ProcessReaction reaction)
    {
        if (reaction.Before?.Phase != reaction.After?.Phase)
            yield return $"{reaction.After?.Phase}";
        foreach (var change in FieldChange.Between(reaction.Before?.State, reaction.After?.State))
            yield return $"state {change}";
    }

    private static string Brief(ProcessReaction reaction) => reaction.After?.Stuck is { } stuck ? $", because {stuck}" : "";

    private static string Asked(Work work) => $"asks for {work}";

    private static string Lines(IEnumerable<string> lines)
    {
        var text = new StringBuilder();
        foreach (var line in lines)
            text.Append($"  {line}\n");
        return text.Length == 0 ? "  nothing\n" : text.ToString();
    }
}
