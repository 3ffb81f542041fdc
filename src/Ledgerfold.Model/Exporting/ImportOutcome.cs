namespace Ledgerfold.Model.Exporting;

/// <summary>What an import did with the events of a file so far.</summary>
/// <param name="Appended">Appended now.</param>
/// <param name="Found">Stood in the ledger already, and say the same.</param>
/// <param name="PassedOver">Not looked at again, because the cursor says that an earlier run has done them.</param>
/// <param name="Erased">Left out, because the file has them without their data.</param>
public readonly record struct ImportCounts(long Appended, long Found, long PassedOver, long Erased);

/// <summary>What is wrong with a file.</summary>
/// <param name="Line">In which line, from 1.</param>
/// <param name="Field">In which attribute; empty where the line as a whole is wrong.</param>
/// <param name="Rule">What must hold there, or what was found.</param>
/// <param name="IsDamage">Whether the file is not, or not all of, what was exported, rather than a line breaking a rule.</param>
public sealed record FileFault(long Line, string Field, string Rule, bool IsDamage)
{
    /// <inheritdoc />
    public override string ToString() => Field.Length == 0 ? $"line {Line}: {Rule}" : $"line {Line}, {Field}: {Rule}";
}

/// <summary>
/// What became of an import: a closed family. However it ended, the same call again goes on where it stopped and does nothing twice.
/// </summary>
/// <param name="Counts">What this run did.</param>
public abstract record ImportOutcome(ImportCounts Counts)
{
    /// <summary>Every event of the file stands in the ledger, but for those that are erased.</summary>
    public sealed record Imported(ImportCounts Counts) : ImportOutcome(Counts);

    /// <summary>
    /// The file breaks a rule. From an input that can be read twice nothing was appended; from another, whole appends before that line
    /// were.
    /// </summary>
    public sealed record Refused(ImportCounts Counts, FileFault Fault) : ImportOutcome(Counts);

    /// <summary>A line does not go together with what stands in the ledger; what comes before it was appended.</summary>
    /// <param name="Line">Which line, from 1.</param>
    /// <param name="Code">Which rule, kebab-case.</param>
    /// <param name="Reason">In words.</param>
    public sealed record Conflict(ImportCounts Counts, long Line, string Code, string Reason) : ImportOutcome(Counts);

    /// <summary>The ledger takes no appends now, or their answers are lost again and again.</summary>
    /// <param name="Code">The ledger's answer, kebab-case.</param>
    /// <param name="Reason">In words.</param>
    public sealed record Stopped(ImportCounts Counts, string Code, string Reason) : ImportOutcome(Counts);
}
