using System.Collections.Immutable;
using System.Text;
using Ledgerfold.Model.Comparing;
using Ledgerfold.Model.Processing;
using Xunit;

namespace Ledgerfold.Testing.Processing;

/// <summary>What came of a recorded history under another definition: for each input, what differs from what is recorded.</summary>
public sealed class ProcessReplay
{
    private readonly ProcessRecording _recording;

    internal ProcessReplay(ProcessRecording recording, ImmutableArray<ReplayDifference> differences) =>
        (_recording, Differences) = (recording, differences);

    /// <summary>The inputs at which something differs, in order; none where the definition does the same.</summary>
    public ImmutableArray<ReplayDifference> Differences { get; }

    /// <summary>Nothing differs, but what is expected to.</summary>
    /// <param name="except">
    /// JSON pointers of fields of the state that may differ, with everything below them; an empty one is all of it.
    /// </param>
    public void ThenSame(params ImmutableArray<string> except)
    {
        var left = Differences.Select(one => one.Without(except)).Where(static one => !one.IsEmpty).ToImmutableArray();
        Assert.True(left.IsEmpty, new ProcessReplay(_recording, left).ToString());
    }

    /// <summary>Every difference, for people.</summary>
    public override string ToString() => Differences.IsEmpty
        ? $"{_recording.Process} {_recording.Key}: no difference"
        : $"{_recording.Process} {_recording.Key} differs at {Differences.Length} of {_recording.Inputs.Length} inputs:\n"
            + string.Join('\n', Differences);
}

/// <summary>What differs at one input.</summary>
public sealed record ReplayDifference
{
    /// <summary>Where the input stood in the ledger.</summary>
    public required long Position { get; init; }

    /// <summary>What it is.</summary>
    public required string Type { get; init; }

    /// <summary>When it was taken up.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>What it brought about and does not any more.</summary>
    public ImmutableArray<string> Gone { get; init; } = [];

    /// <summary>What it brings about and did not.</summary>
    public ImmutableArray<string> New { get; init; } = [];

    /// <summary>What it brings about, where it did the same in another order.</summary>
    public ImmutableArray<string> Order { get; init; } = [];

    /// <summary>Where the instance was in its life; null where the input was missed.</summary>
    public ProcessPhase? PhaseBefore { get; init; }

    /// <summary>Where it is; null where the input is missed.</summary>
    public ProcessPhase? PhaseNow { get; init; }

    /// <summary>The fields of the state that differ.</summary>
    public ImmutableArray<FieldChange> Fields { get; init; } = [];

    internal bool IsEmpty => Gone.IsEmpty && New.IsEmpty && Order.IsEmpty && Fields.IsEmpty && PhaseBefore == PhaseNow;

    internal ReplayDifference Without(ImmutableArray<string> pointers) => this with
    {
        Fields = Fields.RemoveAll(field => pointers.Any(pointer =>
            field.Pointer == pointer || field.Pointer.StartsWith($"{pointer}/", StringComparison.Ordinal))),
    };

    /// <inheritdoc />
    public override string ToString()
    {
        var text = new StringBuilder($"  {Position} {Type} at {Times.ToText(At)}");
        foreach (var gone in Gone)
            text.Append($"\n    - {gone}");
        foreach (var added in New)
            text.Append($"\n    + {added}");
        if (!Order.IsEmpty)
            text.Append($"\n    in another order: {string.Join(", ", Order)}");
        if (PhaseBefore != PhaseNow)
            text.Append($"\n    {PhaseBefore?.ToString() ?? "missed"} → {PhaseNow?.ToString() ?? "missed"}");
        foreach (var field in Fields)
            text.Append($"\n    state {field}");
        return text.ToString();
    }
}
