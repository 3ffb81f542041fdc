using Ledgerfold.Storage.Disk;
using Ledgerfold.Testing.Conformance.Folds;

namespace Ledgerfold.Storage.Tests.Folds;

/// <summary>The embedded fold store on a real disk, with as much memory as is said.</summary>
internal sealed class EmbeddedFoldBackend(long memoryBytes) : FoldBackend
{
    private readonly List<TestDirectory> _directories = [];
    private readonly Dictionary<IFoldStore, EmbeddedFoldStoreOptions> _open = [];

    public override bool CanReopen => true;

    public override int RandomSequences => 25;

    public override ValueTask<IFoldStore> Open()
    {
        var directory = new TestDirectory();
        _directories.Add(directory);
        return new(Open(new EmbeddedFoldStoreOptions
        {
            Disk = new LinuxDisk(directory.Path),
            MemoryBytes = memoryBytes,
            LogStepBytes = 64 * 1024,
        }));
    }

    public override async ValueTask<IFoldStore> Reopen(IFoldStore store)
    {
        await store.DisposeAsync();
        return Open(_open[store]);
    }

    public override ValueTask DisposeAsync()
    {
        foreach (var directory in _directories)
            directory.Dispose();
        return base.DisposeAsync();
    }

    private EmbeddedFoldStore Open(EmbeddedFoldStoreOptions options)
    {
        var store = EmbeddedFoldStore.Open(options);
        _open[store] = options;
        return store;
    }
}
