namespace Ledgerfold.Testing.Disk;

/// <summary>
/// The sectors of a file, sparse: null is a hole. A sector is never changed once it is in a map, only replaced, so that page cache, durable
/// image and copies of the whole disk share what they have in common.
/// </summary>
internal sealed class SectorMap
{
    public const int SectorBytes = 512;
    private const int ChunkSectors = 64;

    private byte[]?[]?[] _chunks = [];

    /// <summary>A sector of zeros that takes space.</summary>
    public static byte[] Zeros { get; } = new byte[SectorBytes];

    public byte[]? this[int sector]
    {
        get
        {
            var chunk = sector / ChunkSectors;
            return chunk < _chunks.Length ? _chunks[chunk]?[sector % ChunkSectors] : null;
        }

        set
        {
            var chunk = sector / ChunkSectors;
            if (chunk >= _chunks.Length)
            {
                if (value is null)
                    return;
                Array.Resize(ref _chunks, Math.Max(chunk + 1, _chunks.Length * 2));
            }

            (_chunks[chunk] ??= new byte[]?[ChunkSectors])[sector % ChunkSectors] = value;
        }
    }

    /// <summary>How many sectors it takes to hold so many bytes.</summary>
    public static int SectorsFor(long bytes) => checked((int)((bytes + SectorBytes - 1) / SectorBytes));

    /// <summary>A sector that says this, shared when it is all zeros.</summary>
    public static byte[] Frozen(ReadOnlySpan<byte> content) =>
        content.IndexOfAnyExcept((byte)0) < 0 ? Zeros : content.ToArray();

    /// <summary>A sector that says what <paramref name="old"/> says, but for these bytes.</summary>
    public static byte[] Patched(byte[]? old, int within, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length == SectorBytes)
            return Frozen(bytes);
        Span<byte> sector = stackalloc byte[SectorBytes];
        if (old is null)
            sector.Clear();
        else
            old.CopyTo(sector);
        bytes.CopyTo(sector[within..]);
        return Frozen(sector);
    }

    public SectorMap Copy()
    {
        var copy = new SectorMap { _chunks = new byte[]?[]?[_chunks.Length] };
        for (var chunk = 0; chunk < _chunks.Length; chunk++)
            copy._chunks[chunk] = (byte[]?[]?)_chunks[chunk]?.Clone();
        return copy;
    }

    /// <summary>Forgets everything from this length on.</summary>
    public void CutTo(long length)
    {
        var kept = SectorsFor(length);
        var within = (int)(length % SectorBytes);
        if (within != 0 && this[kept - 1] is { } last)
            this[kept - 1] = Patched(last, within, Zeros.AsSpan(within));
        for (var sector = kept; sector < _chunks.Length * ChunkSectors; sector++)
        {
            if (_chunks[sector / ChunkSectors] is not { } chunk)
                sector |= ChunkSectors - 1;
            else
                chunk[sector % ChunkSectors] = null;
        }
    }

    /// <summary>How many sectors from <paramref name="first"/> on are no holes.</summary>
    public int CountFrom(int first)
    {
        var count = 0;
        for (var sector = first; sector < _chunks.Length * ChunkSectors; sector++)
        {
            if (_chunks[sector / ChunkSectors] is not { } chunk)
                sector |= ChunkSectors - 1;
            else if (chunk[sector % ChunkSectors] is not null)
                count++;
        }

        return count;
    }
}

/// <summary>Some sectors of a file, in an order that only depends on what was added and removed.</summary>
internal sealed class SectorSet
{
    private readonly List<int> _sectors = [];
    private readonly Dictionary<int, int> _places = [];

    public int Count => _sectors.Count;

    public int this[int place] => _sectors[place];

    public bool Contains(int sector) => _places.ContainsKey(sector);

    public void Add(int sector)
    {
        if (_places.TryAdd(sector, _sectors.Count))
            _sectors.Add(sector);
    }

    public void Remove(int sector)
    {
        if (!_places.Remove(sector, out var place))
            return;
        var last = _sectors[^1];
        _sectors.RemoveAt(_sectors.Count - 1);
        if (last == sector)
            return;
        _sectors[place] = last;
        _places[last] = place;
    }

    public void Clear()
    {
        _sectors.Clear();
        _places.Clear();
    }

    public void CopyFrom(SectorSet other)
    {
        foreach (var sector in other._sectors)
            Add(sector);
    }
}
