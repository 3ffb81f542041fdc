using System.Collections.Immutable;
using Ledgerfold.Model.Folding;

namespace Ledgerfold.Model.Operating;

/// <summary>How the operations of all tenants do, as one engine sees them.</summary>
/// <param name="Open">How many have not ended.</param>
/// <param name="Running">How many of them this engine runs.</param>
/// <param name="LastFailed">The one that failed last, whenever that was.</param>
/// <param name="LastError">The last failure to follow the ledger.</param>
/// <param name="IsPausing">Whether the engine pauses behind it, and does not hear of what others record.</param>
public sealed record OperationsStatus(int Open, int Running, OperationState? LastFailed, FoldError? LastError, bool IsPausing)
{
    /// <summary>The kinds of open operations that this engine does not know: they stay open until one is started that does.</summary>
    public ImmutableArray<string> Unknown { get; init; } = [];
}
