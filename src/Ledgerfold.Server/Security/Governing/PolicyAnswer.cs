using Ledgerfold.Server.Security.Permitting;

namespace Ledgerfold.Server.Security.Governing;

/// <summary>What became of a change of policy: a closed family, so that a caller's <c>switch</c> sees every case.</summary>
internal abstract record PolicyAnswer
{
    private PolicyAnswer()
    {
    }

    /// <summary>It is on disk together with its record in the audit, and in force here.</summary>
    /// <param name="Position">Where it stands; 0 where it was so already.</param>
    public sealed record Done(long Position) : PolicyAnswer;

    /// <summary>A rule turned it down; nothing changed.</summary>
    /// <param name="Code">Why, for programs.</param>
    /// <param name="Field">The member at fault, if one is.</param>
    /// <param name="Message">Why, for people.</param>
    public sealed record Rejected(string Code, string? Field, string? Message) : PolicyAnswer;

    /// <summary>Whoever asked may not; nothing changed.</summary>
    public sealed record Denied(Ruling.Denied Ruling) : PolicyAnswer;

    /// <summary>The ledger takes nothing now, or lost its answer: it may have happened, and can be asked for again.</summary>
    public sealed record Unavailable(string Reason) : PolicyAnswer;
}
