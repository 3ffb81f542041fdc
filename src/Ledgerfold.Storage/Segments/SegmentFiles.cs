using Ledgerfold.Seams;

namespace Ledgerfold.Storage.Segments;

/// <summary>
/// Open files of segments, shared by all readers: at most so many stay open, the least recently used is closed first, and none while
/// somebody reads it. Any thread.
/// </summary>
internal sealed class SegmentFiles(IDisk disk, int openMax) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Entry> _open = new(StringComparer.Ordinal);
    private long _clock;
    private bool _disposed;

    /// <summary>Borrows the file until the lease is disposed.</summary>
    public Lease Borrow(string name)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (!_open.TryGetValue(name, out var entry))
            {
                entry = new Entry(disk.Open(name, writable: false));
                _open.Add(name, entry);
                CloseSurplus(entry);
            }

            entry.Readers++;
            entry.LastUse = ++_clock;
            return new Lease(this, entry);
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            foreach (var entry in _open.Values.Where(entry => entry.Readers == 0))
                entry.File.Dispose();
        }
    }

    private void CloseSurplus(Entry newest)
    {
        while (_open.Count > openMax)
        {
            var victim = _open.Where(pair => pair.Value.Readers == 0 && pair.Value != newest).MinBy(pair => pair.Value.LastUse);
            if (victim.Key is null)
                return;
            victim.Value.File.Dispose();
            _open.Remove(victim.Key);
        }
    }

    private void Return(Entry entry)
    {
        lock (_lock)
        {
            if (--entry.Readers == 0 && _disposed)
                entry.File.Dispose();
        }
    }

    /// <summary>A borrowed file.</summary>
    public readonly struct Lease : IDisposable
    {
        private readonly SegmentFiles _owner;
        private readonly Entry _entry;

        internal Lease(SegmentFiles owner, Entry entry)
        {
            _owner = owner;
            _entry = entry;
        }

        public IDiskFile File => _entry.File;

        public void Dispose() => _owner.Return(_entry);
    }

    internal sealed class Entry(IDiskFile file)
    {
        public IDiskFile File { get; } = file;

        public int Readers { get; set; }

        public long LastUse { get; set; }
    }
}
