using System.Collections.Immutable;

namespace Ledgerfold;

/// <summary>What became of an append: a closed family, so that a caller's <c>switch</c> sees every case.</summary>
public abstract record AppendOutcome
{
    private AppendOutcome()
    {
    }

    /// <summary>The stable name of the case, kebab-case, the same on every surface.</summary>
    public abstract string Code { get; }

    /// <summary>It is on disk: now, or (repeated) since an earlier append of the same events.</summary>
    /// <param name="First">The lowest position of its events; 0 where it had none.</param>
    /// <param name="Last">The highest position of its events, or the head it was checked at where it had none: the token of this
    /// append.</param>
    /// <param name="Versions">For each stream that got events, the version of the last of them.</param>
    /// <param name="Repeated">Whether these events stood in the ledger already.</param>
    public sealed record Appended(long First, long Last, ImmutableArray<StreamVersion> Versions, bool Repeated) : AppendOutcome
    {
        /// <inheritdoc />
        public override string Code => "appended";
    }

    /// <summary>A stream is not at the version that was expected.</summary>
    public sealed record WrongVersion(string Stream, Expectation Expected, long Actual) : AppendOutcome
    {
        /// <inheritdoc />
        public override string Code => "wrong-version";
    }

    /// <summary>An event that matches the condition stands at this position.</summary>
    public sealed record ConditionFailed(long Position) : AppendOutcome
    {
        /// <inheritdoc />
        public override string Code => "condition-failed";
    }

    /// <summary>Another copy of the consumer moved the cursor; it stands here now.</summary>
    public sealed record CursorMoved(string Consumer, int Partition, long Actual) : AppendOutcome
    {
        /// <inheritdoc />
        public override string Code => "cursor-moved";
    }

    /// <summary>The event id is taken by an event that says something else.</summary>
    public sealed record IdConflict(Guid Id, long Position) : AppendOutcome
    {
        /// <inheritdoc />
        public override string Code => "id-conflict";
    }

    /// <summary>Some of the events stand in the ledger, but not all, or not from one append: this one is the first that tells.</summary>
    public sealed record MixedRepeat(Guid Id) : AppendOutcome
    {
        /// <inheritdoc />
        public override string Code => "mixed-repeat";
    }

    /// <summary>The stream was closed for ever.</summary>
    public sealed record StreamClosed(string Stream) : AppendOutcome
    {
        /// <inheritdoc />
        public override string Code => "stream-closed";
    }

    /// <summary>The event stands in the ledger but its content was erased, so whether this is a repeat cannot be known.</summary>
    public sealed record Erased(Guid Id, long Position) : AppendOutcome
    {
        /// <inheritdoc />
        public override string Code => "erased";
    }

    /// <summary>The request breaks a rule, and changed nothing.</summary>
    /// <param name="Field">Where, as a path: <c>writes[0].events[2].type</c>.</param>
    /// <param name="Rule">What must hold there.</param>
    public sealed record Refused(string Field, string Rule) : AppendOutcome
    {
        /// <inheritdoc />
        public override string Code => "refused";
    }

    /// <summary>The ledger takes no writes now; reads go on.</summary>
    public sealed record ReadOnly(string Reason) : AppendOutcome
    {
        /// <inheritdoc />
        public override string Code => "read-only";
    }

    /// <summary>The queue was full until the caller's time was up; nothing was staged.</summary>
    public sealed record Overloaded(string Reason) : AppendOutcome
    {
        /// <inheritdoc />
        public override string Code => "overloaded";
    }

    /// <summary>It may or may not have happened: ask again with the same event ids.</summary>
    public sealed record Indeterminate(string Reason) : AppendOutcome
    {
        /// <inheritdoc />
        public override string Code => "indeterminate";
    }
}

/// <summary>A stream and a version of it.</summary>
public readonly record struct StreamVersion(string Stream, long Version);
