namespace Ledgerfold.Testing.Disk;

/// <summary>
/// What time, hands and other programs do to files: it happens to the page cache and the durable image at once, and is no call.
/// </summary>
public sealed class DiskCorruption
{
    private readonly SimulatedDisk _disk;

    internal DiskCorruption(SimulatedDisk disk) => _disk = disk;

    /// <summary>Flips one bit of a file.</summary>
    public void FlipBit(string name, long offset, int bit) => Alter(name, offset, [(byte)(1 << bit)]);

    /// <summary>Puts other bytes where some are.</summary>
    public void Overwrite(string name, long offset, ReadOnlySpan<byte> bytes)
    {
        var mask = new byte[bytes.Length];
        lock (_disk.Gate)
        {
            Found(name).Read(mask, offset);
            for (var index = 0; index < mask.Length; index++)
                mask[index] ^= bytes[index];
            Alter(name, offset, mask);
        }
    }

    /// <summary>Cuts a file off.</summary>
    public void Truncate(string name, long length)
    {
        lock (_disk.Gate)
            Found(name).Truncate(length);
    }

    /// <summary>Removes a file.</summary>
    public void Delete(string name)
    {
        lock (_disk.Gate)
            _disk.ForceUnlink(name);
    }

    /// <summary>Copies a file over whatever has the other name.</summary>
    public void Duplicate(string name, string copy)
    {
        lock (_disk.Gate)
            _disk.ForceLink(copy, Found(name).Copy());
    }

    /// <summary>Puts a file of these bytes in the place of whatever has the name: a foreign one, or one from an older time.</summary>
    public void Replace(string name, ReadOnlySpan<byte> content)
    {
        lock (_disk.Gate)
            _disk.ForceLink(name, Inode.Durable(content));
    }

    private void Alter(string name, long offset, ReadOnlySpan<byte> mask)
    {
        lock (_disk.Gate)
        {
            var inode = Found(name);
            ArgumentOutOfRangeException.ThrowIfNegative(offset);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + mask.Length, inode.Length, nameof(offset));
            inode.Alter(offset, mask);
        }
    }

    private Inode Found(string name) => _disk.Entries.Cached[name];
}
