using Ledgerfold.Model.Commanding;

namespace Ledgerfold.Simulation.Bank;

/// <summary>A command that callers sent, once or more often, and what they were told.</summary>
internal sealed class SentCommand(object command, CommandOrigin origin, long head, string? tag = null)
{
    public object Command => command;

    public CommandOrigin Origin => origin;

    /// <summary>What it is called; the events of those that callers send carry it.</summary>
    public string Tag => tag ?? origin.CorrelationId!;

    /// <summary>Where the ledger stood when it was first sent.</summary>
    public long Head => head;

    /// <summary>How often it was sent.</summary>
    public int Sends { get; set; }

    /// <summary>Accepted or rejected, the first time somebody was told.</summary>
    public CommandAnswer? Answer { get; set; }

    /// <summary>Whether somebody was told an answer that was not given before.</summary>
    public bool WasFresh { get; set; }

    /// <summary>Whether its one caller was told that nothing happened.</summary>
    public string? Denied { get; set; }

    public override string ToString() => $"{Tag} {command}";
}

/// <summary>What a command left in the ledger.</summary>
/// <param name="Sent">The command.</param>
/// <param name="First">The position of its first event.</param>
/// <param name="Outcome">What it came to.</param>
internal sealed record Effect(SentCommand Sent, long First, Outcome Outcome)
{
    /// <summary>The position of its last event, or of the record of its answer.</summary>
    public long Last => First + Math.Max(1, Outcome.Events.Length) - 1;
}
