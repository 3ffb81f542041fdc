using System.Collections.Immutable;

namespace Ledgerfold;

/// <summary>
/// Rows of folds, each by its key, and for every fold the position that its rows reflect: both change together or not at all. Everything in
/// it can be computed again from the ledger, so a lost store costs time and nothing else.
/// </summary>
public interface IFoldStore : IFoldReader, IAsyncDisposable
{
    /// <summary>Writes all rows of a batch and the fold's new position, or nothing, and answers once that is on disk.</summary>
    /// <exception cref="FoldsDamagedException">Rows of the fold are lost: it takes no more until it is dropped.</exception>
    ValueTask<FoldOutcome> Write(FoldBatch batch, CancellationToken cancel = default);

    /// <summary>Forgets a fold in this version with all its rows; one that is not there is fine.</summary>
    ValueTask<FoldOutcome> Drop(FoldName fold, CancellationToken cancel = default);

    /// <summary>The store as it is now, for several reads that belong together; writing goes on beside it.</summary>
    ValueTask<IFoldView> OpenView(CancellationToken cancel = default);
}

/// <summary>The store as it was at one moment; let go of it soon, because what it shows cannot be cleaned up meanwhile.</summary>
public interface IFoldView : IFoldReader, IAsyncDisposable;

/// <summary>What can be asked of a fold store, or of a view of it. What was dropped, or never written, is empty at position 0.</summary>
public interface IFoldReader
{
    /// <summary>The row with this key, or null.</summary>
    /// <exception cref="FoldsDamagedException">What is stored there is not what was written.</exception>
    ValueTask<FoldRow?> Get(FoldName fold, string tenant, string key, CancellationToken cancel = default);

    /// <summary>A page of rows in the order of their keys, or of one of their indexes.</summary>
    /// <exception cref="ArgumentException">The request breaks a rule of <see cref="Limits"/>, or continues another request.</exception>
    /// <exception cref="FoldsDamagedException">What is stored there is not what was written.</exception>
    ValueTask<FoldPage> Read(FoldRead request, CancellationToken cancel = default);

    /// <summary>The position that the rows of a fold reflect.</summary>
    ValueTask<long> ReadPosition(FoldName fold, CancellationToken cancel = default);

    /// <summary>Every fold that has a position or rows, by name and version.</summary>
    ValueTask<ImmutableArray<FoldName>> List(CancellationToken cancel = default);

    /// <summary>
    /// The tenants that a fold has rows of, in the order of their UTF-8 bytes, behind one of them; at most
    /// <see cref="Limits.FoldPageRowsMax"/>.
    /// </summary>
    ValueTask<ImmutableArray<string>> ListTenants(FoldName fold, string after = "", CancellationToken cancel = default);
}
