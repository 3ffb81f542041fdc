using System.Collections.Immutable;

namespace Ledgerfold.Model.Commanding;

/// <summary>What became of a command: a closed family, so that a caller's <c>switch</c> sees every case.</summary>
public abstract record CommandAnswer
{
    private CommandAnswer()
    {
    }

    /// <summary>The stable name of the case, kebab-case, the same on every surface.</summary>
    public abstract string Kind { get; }

    /// <summary>It is done, and on disk.</summary>
    /// <param name="Token">A position: whoever has read up to here has read what the command did.</param>
    /// <param name="Versions">For each stream that got events, its version after the last of them.</param>
    /// <param name="Repeated">Whether the command had been answered before.</param>
    public sealed record Accepted(long Token, ImmutableArray<StreamVersion> Versions, bool Repeated) : CommandAnswer
    {
        /// <inheritdoc />
        public override string Kind => "accepted";
    }

    /// <summary>A decision turned it down.</summary>
    /// <param name="Code">Why, for programs.</param>
    /// <param name="Field">The member of the command that is at fault, if one is.</param>
    /// <param name="Message">Why, for people.</param>
    /// <param name="Repeated">Whether the command had been answered before.</param>
    public sealed record Rejected(string Code, string? Field, string? Message, bool Repeated) : CommandAnswer
    {
        /// <inheritdoc />
        public override string Kind => "rejected";
    }

    /// <summary>It breaks a rule that needs no state to be checked; nothing is remembered of it.</summary>
    /// <param name="Field">The member that is at fault.</param>
    /// <param name="Rule">What must hold there.</param>
    public sealed record Invalid(string Field, string Rule) : CommandAnswer
    {
        /// <inheritdoc />
        public override string Kind => "invalid";
    }

    /// <summary>Whoever sent it may not; nothing is remembered of it.</summary>
    public sealed record Forbidden(string Reason) : CommandAnswer
    {
        /// <inheritdoc />
        public override string Kind => "forbidden";
    }

    /// <summary>Others were faster each time; nothing happened, and it can be sent again.</summary>
    public sealed record Conflict(int Tries) : CommandAnswer
    {
        /// <inheritdoc />
        public override string Kind => "conflict";
    }

    /// <summary>An event that the decision rests on cannot be read, so nothing was decided.</summary>
    public sealed record Unreadable(string Stream, long Version, Events.Unreadable Problem) : CommandAnswer
    {
        /// <inheritdoc />
        public override string Kind => "unreadable";
    }

    /// <summary>The ledger takes no writes now.</summary>
    public sealed record ReadOnly(string Reason) : CommandAnswer
    {
        /// <inheritdoc />
        public override string Kind => "read-only";
    }

    /// <summary>Too much is waiting; nothing happened, and it can be sent again later.</summary>
    public sealed record Overloaded(string Reason) : CommandAnswer
    {
        /// <inheritdoc />
        public override string Kind => "overloaded";
    }

    /// <summary>It may or may not have happened: send it again with the same id.</summary>
    public sealed record Indeterminate(string Reason) : CommandAnswer
    {
        /// <inheritdoc />
        public override string Kind => "indeterminate";
    }
}
