using System.Collections.Immutable;
using Ledgerfold.Seams;

namespace Ledgerfold.Storage.Folds;

/// <summary>
/// What happens beside commits, in small steps: full memory tables are written out, tables are merged in tiers, files that nobody needs are
/// deleted. Nothing is replaced before what replaces it is durable, its name and the manifest that names it included. One thread.
/// </summary>
internal sealed class FoldUpkeep(FoldStoreParts parts) : IDisposable
{
    private const long MergeStepBytes = 1024 * 1024;
    private static readonly TimeSpan TryAgainForSpace = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MergeAgainForSpace = TimeSpan.FromMinutes(1); // it writes until there is none

    private TableMerge? _merge;
    private long? _fullAt;
    private long? _mergeFullAt;

    /// <summary>Called when a memory table was written out, so that the writer may go on.</summary>
    public Action Flushed { get; set; } = static () => { };

    /// <summary>Whether a memory table waits.</summary>
    public bool HasWaiting => parts.Head.Current.Version.Memory.Length > 1;

    /// <summary>Does a bounded piece of work, and answers whether there was any.</summary>
    public bool Step()
    {
        if (parts.Health.Trouble is { Passing: false })
            return false;
        try
        {
            if (_fullAt is { } since && parts.Options.Clock.GetElapsedTime(since) < TryAgainForSpace)
                return DeleteGarbage();
            if (parts.Health.Trouble is { Passing: true })
                LookForSpace();
            var worked = Flush() || Merge() || DeleteGarbage();
            if (worked && _fullAt is not null)
            {
                _fullAt = null;
                parts.Health.Resume();
            }

            return worked;
        }
        catch (DiskFullException)
        {
            _fullAt = parts.Options.Clock.GetTimestamp();
            if (_merge is not null)
                _mergeFullAt = _fullAt;
            GiveUpMerge();
            if (HasWaiting)
                parts.Health.Pause("disk-full", "The disk is full; the fold store takes writes again when there is space.");
            return false;
        }
        catch (IOException failure)
        {
            parts.Health.Stop("disk-failed", $"The disk failed ({failure.Message}); restart to recover what was acknowledged.");
            return false;
        }
    }

    public void Dispose()
    {
        _merge?.Dispose();
        _merge = null;
    }

    /// <summary>Writes a memory table into a file and makes it durable, its name too.</summary>
    public static FoldTable WriteOut(
        EmbeddedFoldStoreOptions options, Guid storeId, MemTable memory, bool withRemovals, PageBudget budget, Func<uint, bool> isDropped)
    {
        var nonce = FoldStoreParts.DrawNonce(options.Chance);
        try
        {
            using (var writer = new TableWriter(options.Disk, nonce, storeId))
            {
                var cursor = memory.Open(long.MaxValue, backward: false);
                for (var any = cursor.Seek([]); any; any = cursor.MoveNext())
                {
                    if ((withRemovals || !cursor.IsRemoval) && !isDropped(FoldKeys.NumberOf(cursor.Key)))
                        writer.Add(cursor.Key, cursor.Value, cursor.IsRemoval);
                }

                writer.Finish();
            }

            options.Disk.SyncDirectory();
        }
        catch (DiskFullException)
        {
            options.Disk.Delete(TableFormat.NameOf(nonce));
            throw;
        }

        return FoldTable.Open(options.Disk, nonce, storeId, budget);
    }

    private bool Flush()
    {
        var version = parts.Head.Current.Version;
        if (version.Memory.Length < 2)
            return false;
        var oldest = version.Memory[^1];
#if ZOO
        if (Zoo.Bug("fold-log-deleted-before-its-table"))
        {
            parts.Claim.Write(manifest => manifest with { Logs = manifest.Logs.RemoveAt(0).Insert(0, manifest.Logs[^1]) });
        }
#endif
        var isDropped = parts.Head.Current.Folds.Dropped();
        var table = WriteOut(parts.Options, parts.StoreId, oldest, withRemovals: version.Tables.Length > 0, parts.Budget, isDropped);
        var log = parts.Claim.Manifest.Logs[0];
        Commit(table, manifest => manifest with { Tables = manifest.Tables.Insert(0, table.Nonce), Logs = manifest.Logs.RemoveAt(0) });
        parts.Head.Exchange(now => now.With(now.Memory.RemoveAt(now.Memory.Length - 1), now.Tables.Insert(0, table)));
        lock (parts.Garbage)
            parts.Garbage.Enqueue(FoldLogFormat.NameOf(log));
        Flushed();
        return true;
    }

    private bool Merge()
    {
        if (_mergeFullAt is { } since && parts.Options.Clock.GetElapsedTime(since) < MergeAgainForSpace)
            return false;
        _mergeFullAt = null;
        if (_merge is null && !Begin())
            return false;
        try
        {
            if (!_merge!.Step(Math.Min(MergeStepBytes, parts.Options.MemoryTableBytes)))
                EndMerge(_merge);
        }
        catch (IOException failure) when (failure is FoldsDamagedException or TableUnreadableException)
        {
            SayWhatIsLost(_merge!, failure);
            GiveUpMerge();
        }

        return true;
    }

    private void EndMerge(TableMerge merge)
    {
        merge.Finish();
        parts.Disk.SyncDirectory();
        var inputs = merge.Inputs;
        FoldTable[] merged = merge.Entries == 0 ? [] : [FoldTable.Open(parts.Disk, merge.Nonce, parts.StoreId, parts.Budget)];
        Commit(
            merged.FirstOrDefault(),
            manifest => manifest with
            {
                Tables = Replace(manifest.Tables, inputs.Select(table => table.Nonce), merged.Select(table => table.Nonce)),
            });
        if (merged.Length == 0)
            Discard(TableFormat.NameOf(merge.Nonce));
        parts.Head.Exchange(now => now.With(now.Memory, Replace(now.Tables, inputs, merged)));
        merge.Dispose();
        _merge = null;
    }

    private void Commit(FoldTable? table, Func<FoldManifest, FoldManifest> change)
    {
        try
        {
            parts.Claim.Write(change);
        }
        catch (DiskFullException)
        {
            if (table is not null)
            {
                table.Dispose();
                parts.Disk.Delete(table.Name);
            }

            throw;
        }
    }

    private bool Begin()
    {
        var state = parts.Head.Current;
        if (MergeChoice.Of(state.Version.Tables, parts.Options.MemoryTableBytes, state.Folds.Dropped()) is not { } choice)
            return false;
        var inputs = state.Version.Tables.Slice(choice.First, choice.Count);
        var withRemovals = choice.First + choice.Count < state.Version.Tables.Length;
#if ZOO
        withRemovals &= !Zoo.Bug("fold-merge-drops-removals");
#endif
        _merge = new TableMerge(parts.Disk, parts.DrawNonce(), parts.StoreId, inputs, withRemovals, state.Folds);
        return true;
    }

    /// <summary>
    /// A merge met what it cannot read. The tables stay as they are, everything else goes on. What is damaged stays so: the folds that miss
    /// entries are condemned, so that whoever keeps them drops them and computes them again, and the merge that comes then leaves them out.
    /// What the disk could not read may be readable after a restart.
    /// </summary>
    private void SayWhatIsLost(TableMerge merge, IOException failure)
    {
        if (merge.FailedAt is not { } table)
        {
            foreach (var input in merge.Inputs)
                input.Lost.Add(0);
            parts.Health.Warn($"Tables of the fold store could not be merged and are left as they are: {failure.Message}");
            return;
        }

        var folds = parts.Head.Current.Folds;
        var names = table.Lost.Select(number => folds.NameOf(number)).Where(name => name is not null);
        if (failure is FoldsDamagedException)
        {
            foreach (var number in table.Lost)
                parts.Condemned[number] = failure.Message;
        }

        var whose = table.Lost.Contains(0) ? "all folds" : string.Join(", ", names);
        parts.Health.Warn($"{table.Name} is left as it is, for entries of {whose} cannot be read: {failure.Message}");
    }

    /// <summary>
    /// The disk was full. Health says that it no longer is before somebody writes: once a step of the log, and a table
    /// where one waits, would fit again.
    /// </summary>
    private void LookForSpace()
    {
        var name = FoldLogFormat.NameOf(parts.DrawNonce());
        try
        {
            using var probe = parts.Disk.Create(name);
            probe.Reserve(FoldLogFormat.HeaderBytes + parts.Options.LogStepBytes + (HasWaiting ? parts.Options.MemoryTableBytes : 0));
        }
        finally
        {
            parts.Disk.Delete(name);
        }

        parts.Health.Resume();
    }

    private void GiveUpMerge()
    {
        if (_merge is not { } merge)
            return;
        _merge = null;
        merge.Dispose();
        Discard(TableFormat.NameOf(merge.Nonce));
    }

    private void Discard(string name)
    {
        lock (parts.Garbage)
            parts.Garbage.Enqueue(name);
    }

    private bool DeleteGarbage()
    {
        string? name;
        lock (parts.Garbage)
        {
            if (!parts.Garbage.TryPeek(out name))
                return false;
        }

        if (!parts.Claim.IsCurrent())
        {
            parts.Health.Stop("fenced", "Another writer has taken over the fold store.");
            return false;
        }

        parts.Disk.Delete(name);
        lock (parts.Garbage)
            parts.Garbage.Dequeue();
        return true;
    }

    private static ImmutableArray<T> Replace<T>(ImmutableArray<T> all, IEnumerable<T> inputs, IEnumerable<T> by)
    {
        var gone = inputs.ToArray();
        var at = all.IndexOf(gone[0]);
        return all.RemoveRange(at, gone.Length).InsertRange(at, by);
    }
}
