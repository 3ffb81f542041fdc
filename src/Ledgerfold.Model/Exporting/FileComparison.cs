using System.Collections.Immutable;

namespace Ledgerfold.Model.Exporting;

/// <summary>How a file and a ledger compare: each event of the file, looked up by its id.</summary>
public sealed record FileComparison
{
    /// <summary>The most differences that are told one by one.</summary>
    public const int DifferencesMax = 20;

    /// <summary>How many events the file has.</summary>
    public long Events { get; init; }

    /// <summary>How many of them stand in the ledger with equal content.</summary>
    public long Same { get; init; }

    /// <summary>How many are not there.</summary>
    public long Missing { get; init; }

    /// <summary>How many are there and say something else, or were erased there.</summary>
    public long Different { get; init; }

    /// <summary>How many the file has without their data, so that there is nothing to compare.</summary>
    public long Erased { get; init; }

    /// <summary>The first events that are missing or different.</summary>
    public ImmutableArray<EventDifference> Differences { get; init; } = [];

    /// <summary>What is wrong with the file itself, so that the comparison ended there; null for a sound one.</summary>
    public FileFault? Fault { get; init; }

    /// <summary>Whether the file is sound and everything in it stands in the ledger.</summary>
    public bool IsSame => Fault is null && Missing == 0 && Different == 0;
}

/// <summary>An event of a file that is not so in the ledger.</summary>
/// <param name="Line">Its line in the file, from 1.</param>
/// <param name="Id">Its id.</param>
/// <param name="What">What is different: <c>missing</c>, <c>erased</c>, or a field's name.</param>
public sealed record EventDifference(long Line, Guid Id, string What);
