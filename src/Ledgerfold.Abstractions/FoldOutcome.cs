namespace Ledgerfold;

/// <summary>What became of a batch: a closed family, so that a caller's <c>switch</c> sees every case.</summary>
public abstract record FoldOutcome
{
    private FoldOutcome()
    {
    }

    /// <summary>The stable name of the case, kebab-case, the same on every surface.</summary>
    public abstract string Code { get; }

    /// <summary>It is on disk.</summary>
    public sealed record Written : FoldOutcome
    {
        /// <inheritdoc />
        public override string Code => "written";
    }

    /// <summary>The fold does not stand where it was expected; another copy moved it.</summary>
    public sealed record FoldMoved(long Actual) : FoldOutcome
    {
        /// <inheritdoc />
        public override string Code => "fold-moved";
    }

    /// <summary>Another row holds a unique value already.</summary>
    public sealed record NotUnique(string Tenant, string Key, FoldIndexEntry Entry, string HeldBy) : FoldOutcome
    {
        /// <inheritdoc />
        public override string Code => "not-unique";
    }

    /// <summary>The batch breaks a rule, and changed nothing.</summary>
    /// <param name="Field">Where, as a path: <c>rows[3].key</c>.</param>
    /// <param name="Rule">What must hold there.</param>
    public sealed record Refused(string Field, string Rule) : FoldOutcome
    {
        /// <inheritdoc />
        public override string Code => "refused";
    }

    /// <summary>The store takes no writes now; reads go on.</summary>
    public sealed record ReadOnly(string Reason) : FoldOutcome
    {
        /// <inheritdoc />
        public override string Code => "read-only";
    }

    /// <summary>It may or may not be there after the next start.</summary>
    public sealed record Indeterminate(string Reason) : FoldOutcome
    {
        /// <inheritdoc />
        public override string Code => "indeterminate";
    }
}

/// <summary>The fold store holds something that nobody wrote: drop the fold and compute it again from the ledger.</summary>
public sealed class FoldsDamagedException(string message) : IOException(message)
{
    /// <summary>The stable name of this failure.</summary>
    public string Code => "folds-damaged";
}
