using Ledgerfold.Storage;
using Ledgerfold.Storage.Disk;

namespace Ledgerfold.Model.Tests;

/// <summary>A directory of a test's own with a ledger in it, on a real disk, gone when the test is.</summary>
internal sealed class EmbeddedDirectory : IDisposable
{
    private readonly string _path = Path.Combine(AppContext.BaseDirectory, "data", Guid.NewGuid().ToString("N"));

    public EmbeddedDirectory()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        EmbeddedLedger.Create(new EmbeddedLedgerOptions { Disk = new LinuxDisk(_path) });
    }

    public EmbeddedLedger Open() => EmbeddedLedger.Open(new EmbeddedLedgerOptions { Disk = new LinuxDisk(_path) });

    public void Dispose() => Directory.Delete(_path, recursive: true);
}
