using Ledgerfold.Durability.Child;
using Ledgerfold.Storage;
using Ledgerfold.Storage.Disk;

namespace Ledgerfold.Durability.Tests;

/// <summary>A directory of a test's own, below the build output so that it is on a real disk, gone when the test is.</summary>
internal sealed class TestDirectory : IDisposable
{
    public TestDirectory()
    {
        Root = Path.Combine(AppContext.BaseDirectory, "data", Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(Root);
    }

    /// <summary>The directory itself, for what is beside ledgers.</summary>
    public string Root { get; }

    /// <summary>The directory of the ledger that the test is about.</summary>
    public string Ledger => Path.Combine(Root, "ledger");

    public void Dispose() => Directory.Delete(Root, recursive: true);

    /// <summary>Writes the oath where a process can read it.</summary>
    public string Write(Oath oath)
    {
        var file = Path.Combine(Root, "oath");
        File.WriteAllLines(file, oath.ToLines());
        return file;
    }
}

/// <summary>What the test's own process does with a ledger on which others work.</summary>
internal static class OnDisk
{
    public static void Create(string directory)
    {
        using var disk = new LinuxDisk(directory);
        EmbeddedLedger.Create(OptionsOn(disk));
    }

    /// <summary>
    /// Opens the ledger for writing, which recovers it, and holds it against the oath; asks again for what was left open, closes it, and
    /// verifies what is left.
    /// </summary>
    public static async Task<RecoveryReport> Recover(string directory, Oath oath)
    {
        using var disk = new LinuxDisk(directory);
        RecoveryReport recovery;
        await using (var ledger = EmbeddedLedger.Open(OptionsOn(disk)))
        {
            Assert.Null(ledger.Health.Trouble);
            recovery = ledger.Recovery;
            var audit = await Audit.Of(ledger, oath);
            Assert.Empty(audit.Lies);
            Assert.Empty(LedgerMaintenance.Verify(OptionsOn(disk)).Problems);
            foreach (var deed in oath.Open)
                await AskAgain(ledger, deed, audit.Found.ContainsKey(deed));
        }

        var report = LedgerMaintenance.Verify(OptionsOn(disk));
        Assert.Empty(report.Problems);
        return recovery;
    }

    public static EmbeddedLedgerOptions OptionsOn(LinuxDisk disk) =>
        new() { Disk = disk, SegmentBytes = 8 * 1024, ZeroAheadBytes = 16 * 1024 };

    private static async Task AskAgain(EmbeddedLedger ledger, Deed deed, bool there)
    {
        var cursor = await ledger.ReadCursor(Tenants.Default, Deed.ConsumerOf(deed.Task), 0);
        var outcome = await ledger.Append(deed.ToRequest(cursor.Position), TestContext.Current.CancellationToken);
        Assert.Equal(there, Assert.IsType<AppendOutcome.Appended>(outcome).Repeated);
    }
}
