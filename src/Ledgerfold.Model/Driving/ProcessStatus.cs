using System.Collections.Immutable;
using Ledgerfold.Model.Folding;

namespace Ledgerfold.Model.Driving;

/// <summary>How a process does.</summary>
/// <param name="Process">The process.</param>
/// <param name="Versions">The versions of its definition that there are.</param>
/// <param name="Position">Up to here everything is taken up.</param>
/// <param name="Head">Where the ledger ends.</param>
/// <param name="IsPausing">Whether it stands still for a moment behind a failure.</param>
/// <param name="LastError">The last failure of the process as a whole; those of single instances are theirs.</param>
public sealed record ProcessStatus(
    string Process, ImmutableArray<int> Versions, long Position, long Head, bool IsPausing, FoldError? LastError)
{
    /// <summary>How many positions it is behind.</summary>
    public long LagEvents => Math.Max(0, Head - Position);

    /// <summary>Age of the oldest event that it should have taken up.</summary>
    public TimeSpan Lag { get; init; }
}
