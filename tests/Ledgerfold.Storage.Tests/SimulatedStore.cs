using Ledgerfold.Seams;
using Ledgerfold.Testing;
using Ledgerfold.Testing.Disk;

namespace Ledgerfold.Storage.Tests;

/// <summary>A ledger on a simulated disk and without threads: time, chance and every step are the test's.</summary>
internal sealed class SimulatedStore(SimulatedDisk disk)
{
    public SimulatedStore(ulong seed = 1)
        : this(new SimulatedDisk(seed) { WriteBackChance = 0 })
    {
    }

    /// <summary>Segments so small that a few events fill one.</summary>
    public static Func<EmbeddedLedgerOptions, EmbeddedLedgerOptions> TinySegments { get; } =
        options => options with { SegmentBytes = 8 * 1024, ZeroAheadBytes = 4 * 1024 };

    public SimulatedDisk Disk { get; } = disk;

    public ManualClock Clock { get; init; } = new();

    public SeededChance Chance { get; } = new(7);

    /// <summary>Changes what every opening gets.</summary>
    public Func<EmbeddedLedgerOptions, EmbeddedLedgerOptions> With { get; set; } = options => options;

    public EmbeddedLedgerOptions Options => OptionsOn(Disk);

    public EmbeddedLedgerOptions OptionsOn(IDisk process) => With(new EmbeddedLedgerOptions
    {
        Disk = process,
        Clock = Clock,
        Chance = Chance,
        SegmentBytes = 64 * 1024,
        ZeroAheadBytes = 16 * 1024,
    });

    public SimulatedStore Create()
    {
        EmbeddedLedger.Create(Options);
        return this;
    }

    /// <summary>Opens it in a process of its own.</summary>
    public EmbeddedLedger Open() => EmbeddedLedger.OpenStepped(OptionsOn(Disk.Start()));

    public EmbeddedLedger OpenReadOnly() => EmbeddedLedger.OpenReadOnly(OptionsOn(Disk.Start()));

    public VerifyReport Verify() => LedgerMaintenance.Verify(OptionsOn(Disk.Start()));

    /// <summary>A copy of the disk as it is, page cache and all, without its processes.</summary>
    public SimulatedStore Fork(ulong seed = 2) => new(Disk.Fork(seed)) { Clock = new ManualClock(Clock.GetUtcNow()), With = With };

    /// <summary>A ledger with these events, one append each, and its writer killed or ended in good order.</summary>
    public static async Task<SimulatedStore> Holding(
        int events, bool closed, Func<EmbeddedLedgerOptions, EmbeddedLedgerOptions>? with = null)
    {
        var store = new SimulatedStore { With = with ?? (options => options) }.Create();
        var ledger = store.Open();
        for (var n = 1; n <= events; n++)
            await ledger.AppendNow(Given.Append(n));
        if (closed)
            ledger.Close();
        else
            store.Disk.Crash(CrashKind.Kill);
        return store;
    }

    /// <summary>The segment files, oldest first.</summary>
    public List<string> SegmentNames() => NamesOf("segment-", ".log");

    public List<string> ManifestNames() => NamesOf("manifest-", "");

    public List<string> RunNames() => NamesOf("index-", ".run");

    private List<string> NamesOf(string start, string end) =>
        [.. Disk.Names().Where(name => name.StartsWith(start, StringComparison.Ordinal) && name.EndsWith(end, StringComparison.Ordinal))];
}
