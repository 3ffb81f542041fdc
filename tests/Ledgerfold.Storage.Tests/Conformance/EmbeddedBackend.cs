using Ledgerfold.Storage.Disk;
using Ledgerfold.Storage.Reading;
using Ledgerfold.Testing.Conformance;

namespace Ledgerfold.Storage.Tests.Conformance;

/// <summary>The embedded ledger on a real disk, its reads planned freely or in one forced way.</summary>
internal sealed class EmbeddedBackend(long segmentBytes, ReadPlan plan) : LedgerBackend
{
    private readonly List<TestDirectory> _directories = [];
    private readonly Dictionary<ILedger, EmbeddedLedgerOptions> _open = [];

    public override bool CanReopen => true;

    public override int RandomSequences => 25;

    public override ValueTask<ILedger> Open()
    {
        var directory = new TestDirectory();
        _directories.Add(directory);
        var options = new EmbeddedLedgerOptions
        {
            Disk = new LinuxDisk(directory.Path),
            SegmentBytes = segmentBytes,
            ZeroAheadBytes = 64 * 1024,
            VouchAfterIdle = TimeSpan.FromMilliseconds(20),
        };
        EmbeddedLedger.Create(options);
        return new(Open(options));
    }

    public override async ValueTask<ILedger> Reopen(ILedger ledger)
    {
        await ledger.DisposeAsync();
        return Open(_open[ledger]);
    }

    public override ValueTask DisposeAsync()
    {
        foreach (var directory in _directories)
            directory.Dispose();
        return base.DisposeAsync();
    }

    private EmbeddedLedger Open(EmbeddedLedgerOptions options)
    {
        var ledger = EmbeddedLedger.Open(options, plan);
        _open[ledger] = options;
        return ledger;
    }
}
