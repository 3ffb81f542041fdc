using Ledgerfold.Seams;

namespace Ledgerfold.Storage.Tests;

/// <summary>Files in memory that never fail: for tests that open a ledger tens of thousands of times.</summary>
internal sealed class MemoryDisk : IDisk
{
    private readonly Dictionary<string, Content> _files = new(StringComparer.Ordinal);

    public string Location => "memory";

    public bool DirectoryExists => true;

    /// <summary>How many files are open now.</summary>
    public int OpenFiles { get; private set; }

    /// <summary>The same files, apart.</summary>
    public MemoryDisk Copy()
    {
        var copy = new MemoryDisk();
        foreach (var (name, content) in _files)
            copy._files[name] = new Content { Bytes = [.. content.Bytes] };
        return copy;
    }

    public void Flip(string name, int bit) => _files[name].Bytes[bit / 8] ^= (byte)(1 << (bit % 8));

    public void Truncate(string name, int length) => Array.Resize(ref _files[name].Bytes, length);

    public long LengthOf(string name) => _files[name].Bytes.Length;

    public void CreateDirectory()
    {
    }

    public IReadOnlyList<string> List() => [.. _files.Keys];

    public bool Exists(string name) => _files.ContainsKey(name);

    public IDiskFile Open(string name, bool writable) =>
        _files.TryGetValue(name, out var content) ? new File(this, content) : throw new FileNotFoundException(name);

    public IDiskFile Create(string name)
    {
        var content = new Content();
        return _files.TryAdd(name, content) ? new File(this, content) : throw new DiskEntryExistsException(name);
    }

    public void Rename(string from, string to)
    {
        _files.Remove(from, out var content);
        _files[to] = content!;
    }

    public void Delete(string name) => _files.Remove(name);

    public void SyncDirectory()
    {
    }

    public IDisposable TryLock() => new MemoryStream();

    private sealed class Content
    {
        public byte[] Bytes = [];
    }

    private sealed class File : IDiskFile
    {
        private readonly MemoryDisk _disk;
        private readonly Content _content;
        private bool _closed;

        public File(MemoryDisk disk, Content content)
        {
            _disk = disk;
            _content = content;
            _disk.OpenFiles++;
        }

        public long Length => _content.Bytes.Length;

        public int Read(Span<byte> into, long offset)
        {
            var count = (int)Math.Clamp(_content.Bytes.Length - offset, 0, into.Length);
            _content.Bytes.AsSpan((int)Math.Min(offset, _content.Bytes.Length), count).CopyTo(into);
            return count;
        }

        public void Write(ReadOnlySpan<byte> bytes, long offset)
        {
            Reserve(offset + bytes.Length);
            bytes.CopyTo(_content.Bytes.AsSpan((int)offset));
        }

        public void Reserve(long length)
        {
            if (_content.Bytes.Length < length)
                Array.Resize(ref _content.Bytes, (int)length);
        }

        public void Sync()
        {
        }

        public void Prefetch(long offset, long length)
        {
        }

        public void Dispose()
        {
            _disk.OpenFiles -= _closed ? 0 : 1;
            _closed = true;
        }
    }
}
