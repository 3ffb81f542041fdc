using System.Runtime;
using Ledgerfold.Storage;
using Ledgerfold.Storage.Disk;

namespace Ledgerfold.Cli.Bench;

/// <summary>How much is to be measured, and where: a fresh directory for each workload.</summary>
/// <param name="Directory">The directory of this workload alone.</param>
/// <param name="Seconds">How long a workload measures.</param>
/// <param name="Events">How many events <c>growth</c> grows to, or <c>catch-up</c> reads; the other large ones follow it.</param>
internal sealed record BenchPlan(string Directory, double Seconds, long Events)
{
    public const double SecondsDefault = 10;
    public const long EventsDefault = 20_000_000;
    public const long ModelEventsDefault = 1_000_000;

    /// <summary>Bytes that a standard event takes in the log and the index together, roughly and rather too many.</summary>
    public const int DiskBytesPerEvent = 1_100;

    /// <summary>How many pairs of stretches, half a second each.</summary>
    public int Pairs => Math.Clamp((int)Seconds, 3, 15);

    /// <summary>How long each of the two stretches of a pair takes.</summary>
    public TimeSpan Stretch => TimeSpan.FromSeconds(Seconds / Pairs / 2);

    /// <summary>How long code is run before it is measured, so that it is compiled in full.</summary>
    public TimeSpan WarmUp => TimeSpan.FromSeconds(Math.Min(6, Seconds / 2));

    /// <summary>
    /// Runs code again and again until the runtime compiles next to nothing any more, which takes longer on a busy machine.
    /// </summary>
    public async Task Warm(Func<TimeSpan, Task> run)
    {
        const int roundsMax = 8, fewMethods = 20;
        for (var round = 0; round < roundsMax; round++)
        {
            var before = JitInfo.GetCompiledMethodCount();
            await run(WarmUp / 2);
            if (round > 0 && JitInfo.GetCompiledMethodCount() - before < fewMethods)
                return;
        }
    }

    public EmbeddedLedgerOptions OptionsOf(string name) => new() { Disk = new LinuxDisk(Path.Combine(Directory, name)) };

    /// <summary>Creates and opens an empty ledger.</summary>
    public EmbeddedLedger CreateLedger(string name = "ledger", Func<EmbeddedLedgerOptions, EmbeddedLedgerOptions>? change = null)
    {
        var options = OptionsOf(name);
        options = change?.Invoke(options) ?? options;
        EmbeddedLedger.Create(options);
        return EmbeddedLedger.Open(options);
    }

    public EmbeddedLedger OpenLedger(string name = "ledger") => EmbeddedLedger.Open(OptionsOf(name));

    /// <summary>Opens a fold store, or a new one.</summary>
    public EmbeddedFoldStore OpenFolds(string name = "folds") =>
        EmbeddedFoldStore.Open(new EmbeddedFoldStoreOptions { Disk = new LinuxDisk(Path.Combine(Directory, name)) });

    /// <summary>How many segment files a ledger has.</summary>
    public int SegmentsOf(string name = "ledger") =>
        System.IO.Directory.GetFiles(Path.Combine(Directory, name), "segment-*.log").Length;

    /// <summary>Tells a person who waits what is being done.</summary>
    public static void Say(string what) => Console.Error.WriteLine($"  {what}");
}
