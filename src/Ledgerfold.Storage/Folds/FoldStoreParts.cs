using System.Buffers.Binary;
using System.Collections.Concurrent;
using Ledgerfold.Seams;

namespace Ledgerfold.Storage.Folds;

/// <summary>What writer, upkeep and readers of one open store share.</summary>
internal sealed class FoldStoreParts
{
    /// <summary>How many full memory tables may wait to be written out before the writer waits for them.</summary>
    public const int WaitingMax = 1;

    public required EmbeddedFoldStoreOptions Options { get; init; }

    public required LedgerHealth Health { get; init; }

    public required FoldClaim Claim { get; init; }

    public required FoldHead Head { get; init; }

    public required PageBudget Budget { get; init; }

    public required FoldQueue Queue { get; init; }

    /// <summary>Tables that nobody reads any more and the manifest does not name: closed, to be deleted. Under its own lock.</summary>
    public required Queue<string> Garbage { get; init; }

    /// <summary>
    /// By number, folds of which entries are lost, and why: they take no batch until they are dropped, because what is told of them may not
    /// be all. Any thread.
    /// </summary>
    public ConcurrentDictionary<uint, string> Condemned { get; } = new();

    public IDisk Disk => Options.Disk;

    public Guid StoreId => Claim.Manifest.StoreId;

    public ulong DrawNonce() => DrawNonce(Options.Chance);

    public static ulong DrawNonce(IChance chance)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        chance.Fill(bytes);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }
}
