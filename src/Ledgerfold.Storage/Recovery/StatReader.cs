using Ledgerfold.Storage.Format;
using Ledgerfold.Storage.Index;

namespace Ledgerfold.Storage.Recovery;

/// <summary>Counts what a ledger holds, from its files and its index.</summary>
internal static class StatReader
{
    public static LedgerStat Read(EmbeddedLedgerOptions options)
    {
        var survey = Survey.Of(options.Disk);
        var loaded = LoadedLog.From(options.Disk, survey, options, readOnly: true);
        using var log = loaded.Log;
        loaded.Tail?.Settle();
        var logBytes = 0L;
        var fileBytes = 0L;
        foreach (var segment in log.Segments)
        {
            using var file = options.Disk.Open(segment.Name, writable: false);
            logBytes += segment.End;
            fileBytes += file.Length;
        }

        using var snapshot = log.Index.Acquire();
        return new LedgerStat
        {
            StoreId = log.StoreId,
            Format = BatchFormat.Format,
            Epoch = survey.EpochMax,
            CreatedAt = Times.FromMicros(survey.Manifest.CreatedAt),
            First = log.First,
            Head = log.Segments.Length == 0 ? 0 : log.Last.LastPosition,
            Streams = snapshot.Runs.Sum(CountFirstVersions) + log.UnsealedIndexes.Sum(index => index.CountFirstVersions()),
            Segments = log.Segments.Length,
            IndexRuns = snapshot.Runs.Count,
            Cursors = loaded.Cursors.All.Count(),
            LogBytes = logBytes,
            ReservedBytes = Math.Max(0, fileBytes - logBytes),
            IndexBytes = snapshot.Runs.Sum(run => run.FileBytes),
            Trouble = loaded.Trouble,
        };
    }

    /// <summary>Every stream begins once, with its version 1, so nothing need be remembered to count them.</summary>
    private static long CountFirstVersions(RunFile run)
    {
        var count = 0L;
        for (var scan = new RunScan(run); scan.MoveNext();)
        {
            if (scan.Kind == RunFormat.EntryKind.Stream && scan.Stream.FirstVersion == 1)
                count++;
        }

        return count;
    }
}
