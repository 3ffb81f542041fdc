namespace Ledgerfold.Seams;

/// <summary>
/// One directory on a disk: everything the embedded ledger asks of storage. Names are plain file names. A new or renamed entry is durable
/// only after <see cref="SyncDirectory"/>; written bytes only after <see cref="IDiskFile.Sync"/>.
/// </summary>
public interface IDisk
{
    /// <summary>Where this is, for messages.</summary>
    string Location { get; }

    /// <summary>Whether the directory itself exists.</summary>
    bool DirectoryExists { get; }

    /// <summary>Creates the directory (and its parents), durably; existing is fine.</summary>
    void CreateDirectory();

    /// <summary>The names of all entries, unordered.</summary>
    IReadOnlyList<string> List();

    /// <summary>Whether an entry exists.</summary>
    bool Exists(string name);

    /// <summary>Opens an existing file.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    IDiskFile Open(string name, bool writable);

    /// <summary>Creates a file that must not exist, atomically.</summary>
    /// <exception cref="DiskEntryExistsException">The name is taken.</exception>
    IDiskFile Create(string name);

    /// <summary>Renames an entry, replacing what stands at the new name.</summary>
    void Rename(string from, string to);

    /// <summary>Removes an entry; a missing one is fine.</summary>
    void Delete(string name);

    /// <summary>Makes the directory's entries durable.</summary>
    void SyncDirectory();

    /// <summary>Takes the directory for one writer; null while another has it.</summary>
    IDisposable? TryLock();
}

/// <summary>A file: positioned reads and writes, no pointer, no buffering of its own.</summary>
public interface IDiskFile : IDisposable
{
    /// <summary>The length in bytes.</summary>
    long Length { get; }

    /// <summary>Reads until the buffer is full or the file ends, and answers how many bytes that were.</summary>
    int Read(Span<byte> into, long offset);

    /// <summary>Writes all bytes, growing the file if need be.</summary>
    /// <exception cref="DiskFullException">Space ran out; the range may hold part of the bytes.</exception>
    /// <exception cref="IOException">The disk failed.</exception>
    void Write(ReadOnlySpan<byte> bytes, long offset);

    /// <summary>
    /// Grows the file to at least this length with zeros whose space is reserved: later writes there cannot run out of it.
    /// </summary>
    /// <exception cref="DiskFullException">There is not that much space; the length is unchanged.</exception>
    void Reserve(long length);

    /// <summary>Makes what was written durable. After a failure nothing about the file can be trusted: never retry.</summary>
    /// <exception cref="IOException">The disk failed.</exception>
    void Sync();

    /// <summary>Hints that a range will be read soon.</summary>
    void Prefetch(long offset, long length);
}

/// <summary>The disk or a quota is full.</summary>
public sealed class DiskFullException(string message) : IOException(message);

/// <summary>A file of this name exists already.</summary>
public sealed class DiskEntryExistsException(string name) : IOException($"{name} exists already");
