using Ledgerfold.Storage.Format;
using Ledgerfold.Storage.Index;

namespace Ledgerfold.Storage.Recovery;

/// <summary>Throws the index away and builds it again from the log, segment by segment, in bounded memory.</summary>
internal static class IndexRebuild
{
    public static int Run(EmbeddedLedgerOptions options, Action<int, int>? progress)
    {
        _ = Survey.Of(options.Disk);
        using (options.Disk.TryLock() ?? throw Unavailable.Locked(options.Disk.Location))
        {
            foreach (var name in options.Disk.List())
            {
                if (RunName.TryParse(name, out _))
                    options.Disk.Delete(name);
            }

            options.Disk.SyncDirectory();
        }

        var ledger = EmbeddedLedger.OpenStepped(options with { LoadProgress = progress });
        while (ledger.StepIndex())
        {
        }

        var runs = ledger.Log.Index.Segments.Count();
        var trouble = ledger.Health.Trouble;
        ledger.Close();
        if (trouble is not null)
            throw new LedgerUnavailableException(trouble.Code, trouble.Reason);
        return runs;
    }
}
