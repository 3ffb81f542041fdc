using System.Globalization;
using Ledgerfold.Seams;

namespace Ledgerfold.Cli.Bench.Workloads;

/// <summary>
/// A disk that tells how far the newest segment is written and which segments have their index, and that can leave an index half-written
/// for good. Any thread.
/// </summary>
internal sealed class WatchedDisk(IDisk disk) : IDisk, IDisposable
{
    private const int HeldAfterBytes = 1024 * 1024;

    private readonly ManualResetEventSlim _never = new(initialState: false);
    private volatile WatchedFile? _newest;
    private volatile bool _holding;
    private volatile int _segment;
    private volatile int _indexedThrough;

    /// <summary>The number of the newest segment.</summary>
    public int Segment => _segment;

    /// <summary>The last segment that an index covers.</summary>
    public int IndexedThrough => _indexedThrough;

    /// <summary>How far the newest segment holds anything but zeros.</summary>
    public long DataEnd => _newest?.DataEnd ?? 0;

    public string Location => disk.Location;

    public bool DirectoryExists => disk.DirectoryExists;

    /// <summary>From now on no index is finished.</summary>
    public void HoldIndexes() => _holding = true;

    public void CreateDirectory() => disk.CreateDirectory();

    public IReadOnlyList<string> List() => disk.List();

    public bool Exists(string name) => disk.Exists(name);

    public IDiskFile Open(string name, bool writable) =>
        writable ? new WatchedFile(this, disk.Open(name, writable), name) : disk.Open(name, writable);

    public IDiskFile Create(string name) => new WatchedFile(this, disk.Create(name), name);

    public void Rename(string from, string to)
    {
        disk.Rename(from, to);
        if (to.StartsWith("segment-", StringComparison.Ordinal) && to.EndsWith(".log", StringComparison.Ordinal))
            _segment = int.Parse(to.AsSpan(8, 8), CultureInfo.InvariantCulture);
        if (to.StartsWith("index-", StringComparison.Ordinal))
            _indexedThrough = Math.Max(_indexedThrough, int.Parse(to.AsSpan(15, 8), CultureInfo.InvariantCulture));
    }

    public void Delete(string name) => disk.Delete(name);

    public void SyncDirectory() => disk.SyncDirectory();

    public IDisposable? TryLock() => disk.TryLock();

    public void Dispose() => _never.Dispose();

    /// <summary>A file that is written. The data of the newest segment are what was written last to a segment and is not zeros.</summary>
    private sealed class WatchedFile(WatchedDisk owner, IDiskFile file, string name) : IDiskFile
    {
        private readonly bool _isIndex = name.StartsWith("index-", StringComparison.Ordinal);
        private readonly bool _isSegment = name.StartsWith("segment-", StringComparison.Ordinal);
        private long _dataEnd;
        private long _written;

        public long DataEnd => Volatile.Read(ref _dataEnd);

        public long Length => file.Length;

        public int Read(Span<byte> into, long offset) => file.Read(into, offset);

        public void Write(ReadOnlySpan<byte> bytes, long offset)
        {
            if (_isIndex && owner._holding && (_written += bytes.Length) > HeldAfterBytes)
                owner._never.Wait();
            file.Write(bytes, offset);
            if (!_isSegment || bytes.IsEmpty || bytes[0] == 0)
                return;
            Volatile.Write(ref _dataEnd, Math.Max(_dataEnd, offset + bytes.Length));
            owner._newest = this;
        }

        public void Reserve(long length) => file.Reserve(length);

        public void Sync() => file.Sync();

        public void Prefetch(long offset, long length) => file.Prefetch(offset, length);

        public void Dispose() => file.Dispose();
    }
}
