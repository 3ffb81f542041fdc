namespace Ledgerfold.Testing.Processing;

/// <summary>What a process is expected to want beside commands and activities.</summary>
public sealed record Wanted
{
    private Wanted(string text) => Text = text;

    internal string Text { get; }

    /// <summary>A timer is set to this time, or moved to it.</summary>
    public static Wanted Timer(string timer, DateTimeOffset due) => new($"timer {timer} at {Times.ToText(due)}");

    /// <summary>A step is taken back, which one of its name.</summary>
    public static Wanted Undo(string step, string? of = null) => new($"way back of {(of is null ? step : $"{step} {of}")}");

    /// <inheritdoc />
    public override string ToString() => Text;
}
