using Ledgerfold.Storage;
using Ledgerfold.Storage.Disk;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Ledgerfold.Hosting;

/// <summary>Opens what an application keeps. A damaged ledger is never touched; a damaged fold store is emptied, because the ledger fills
/// it again.</summary>
internal sealed class Stores(IServiceProvider services, IOptions<LedgerfoldOptions> options, ILogger<Stores> log)
{
    public ILedger OpenLedger()
    {
        var settings = options.Value;
        if (settings.OpenLedger is { } open)
            return open(services);
        var disk = new LinuxDisk(Path.Combine(settings.Directory!, "ledger"));
        var embedded = new EmbeddedLedgerOptions { Disk = disk, Clock = settings.Commands.Clock, Chance = settings.Commands.Chance };
        if (settings.CreateMissing && !disk.DirectoryExists)
            EmbeddedLedger.Create(embedded);
        return EmbeddedLedger.Open(embedded);
    }

    public IFoldStore OpenFolds()
    {
        var settings = options.Value;
        if (settings.OpenFolds is { } open)
            return open(services);
        var disk = new LinuxDisk(Path.Combine(settings.Directory!, "folds"));
        var embedded = new EmbeddedFoldStoreOptions { Disk = disk, Clock = settings.Commands.Clock, Chance = settings.Commands.Chance };
        try
        {
            return EmbeddedFoldStore.Open(embedded);
        }
        catch (FoldsDamagedException damage)
        {
            log.LogWarning(damage, "The fold store in {Directory} is damaged: it is emptied and computed again.", disk.Location);
            EmbeddedFoldStore.Reset(embedded);
            return EmbeddedFoldStore.Open(embedded);
        }
    }
}
