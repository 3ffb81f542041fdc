using System.Collections.Immutable;
using System.Text;
using Ledgerfold.Model.Comparing;

namespace Ledgerfold.Model.Processing;

/// <summary>One record of an instance, with what there is to know of it.</summary>
public sealed record HistoryEntry
{
    /// <summary>Where the record stands in the ledger.</summary>
    public required long Position { get; init; }

    /// <summary>When it was recorded.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Who it was, where somebody stepped in.</summary>
    public string? Actor { get; init; }

    /// <summary>
    /// What the record says: an input taken up or missed, an attempt at a step, an outcome, a timer, an operator's action.
    /// </summary>
    public required ProcessEvent Said { get; init; }

    /// <summary>
    /// What was taken up or missed, as it stands in the ledger; null where the record is of something else, or it is gone.
    /// </summary>
    public RecordedEvent? In { get; init; }

    /// <summary>The instance before an input was taken up; null where there was none, and where none was taken up.</summary>
    public ProcessInstance? Before { get; init; }

    /// <summary>The fields of the instance's state that an input changed.</summary>
    public ImmutableArray<FieldChange> Changes { get; init; } = [];

    /// <summary>The particulars, for people.</summary>
    public override string ToString()
    {
        var text = new StringBuilder($"{Position} {Times.ToText(At)} ");
        switch (Said)
        {
            case ProcessEvent.ProcessAdvanced advanced:
                text.Append($"{Source(advanced.In)} →{(advanced.Out.IsEmpty ? " nothing" : "")}");
                foreach (var output in advanced.Out)
                    text.Append($"\n    {output}");
                foreach (var change in Changes)
                    text.Append($"\n    state {change}");
                if (advanced.Instance.Phase != Before?.Phase)
                    text.Append($"\n    {advanced.Instance.Phase}");
                break;
            case ProcessEvent.ProcessMissed missed:
                text.Append($"{Source(missed.In)} missed: {missed.Why}{(missed.Message is null ? "" : $", {missed.Message}")}");
                break;
            case ProcessEvent.StepTried tried:
                text.Append($"attempt {tried.Attempt} at step {tried.Serial}: {tried.Problem}; again at {Times.ToText(tried.NextAt)}");
                break;
            case ProcessEvent.StepAnswered answered:
                var (kind, code, message) = (answered.Outcome.Kind, answered.Outcome.Code, answered.Outcome.Message);
                text.Append($"step {answered.Serial} is {kind}: {code} {message}".TrimEnd(' ', ':'));
                break;
            case ProcessEvent.TimerFired fired:
                text.Append($"timer {fired.Name} fired, due at {Times.ToText(fired.Due)}");
                break;
            case ProcessEvent.OperatorActed acted:
                text.Append($"{Actor ?? "somebody"}: {acted.Action}, because {acted.Reason}");
                break;
        }

        return text.ToString();
    }

    private string Source(ProcessInput input)
    {
        var time = In is null ? "" : $" of {Times.ToText(In.RecordedAt)}";
        var actor = In?.Actor is null ? "" : $" by {In.Actor}";
        return $"{input.Type} at {input.Position}{time}{actor}";
    }
}
