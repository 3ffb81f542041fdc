namespace Ledgerfold.Testing.Disk;

/// <summary>
/// A file twice: as the page cache shows it, and as it would be found after a power cut. They meet sector by sector, when a sync or the
/// background writes a dirty one; the length is written apart from the sectors.
/// </summary>
internal sealed class Inode
{
    private readonly SectorSet _dirty = new();
    private readonly SectorSet _lost = new();
    private SectorMap _cached = new();
    private SectorMap _durable = new();
    private long _durableLength;
    private int _reservedSectors;
    private int _durableReservedSectors;

    /// <summary>The length that readers see.</summary>
    public long Length { get; private set; }

    /// <summary>How many sectors take space.</summary>
    public int AllocatedSectors { get; private set; }

    /// <summary>Whether a name leads to it.</summary>
    public bool Linked { get; set; }

    /// <summary>How many open files refer to it.</summary>
    public int Handles { get; set; }

    /// <summary>Whether a sync failed: nothing reaches the durable side any more.</summary>
    public bool Poisoned { get; private set; }

    public bool IsClean => _dirty.Count == 0 && !LengthIsDirty;

    public bool HasLostSectors => _lost.Count > 0;

    private bool LengthIsDirty =>
        !Poisoned && (Length != _durableLength || _reservedSectors != _durableReservedSectors);

    public static Inode Durable(ReadOnlySpan<byte> content)
    {
        var inode = new Inode();
        inode.Write(content, 0);
        inode.Sync();
        return inode;
    }

    public Inode Copy()
    {
        var copy = new Inode
        {
            _cached = _cached.Copy(),
            _durable = _durable.Copy(),
            _durableLength = _durableLength,
            _reservedSectors = _reservedSectors,
            _durableReservedSectors = _durableReservedSectors,
            Length = Length,
            AllocatedSectors = AllocatedSectors,
            Poisoned = Poisoned,
        };
        copy._dirty.CopyFrom(_dirty);
        copy._lost.CopyFrom(_lost);
        return copy;
    }

    public int Read(Span<byte> into, long offset) => Read(_cached, Length, into, offset);

    public byte[] DurableContent()
    {
        var content = new byte[_durableLength];
        Read(_durable, _durableLength, content, 0);
        return content;
    }

    /// <summary>How many of the bytes of a write find space when so many more sectors may be taken.</summary>
    public int Fitting(long offset, int length, long sectorsFree)
    {
        for (var position = offset; position < offset + length; position += SectorMap.SectorBytes - (position % SectorMap.SectorBytes))
        {
            var sector = SectorOf(position);
            if (sector >= _reservedSectors && _cached[sector] is null && --sectorsFree < 0)
                return (int)(position - offset);
        }

        return length;
    }

    /// <summary>Writes to the page cache; with a lottery, only the sectors it picks.</summary>
    public void Write(ReadOnlySpan<byte> bytes, long offset, SeededRandom? lottery = null)
    {
        while (!bytes.IsEmpty)
        {
            var within = (int)(offset % SectorMap.SectorBytes);
            var count = Math.Min(SectorMap.SectorBytes - within, bytes.Length);
            if (lottery is null || lottery.Coin())
            {
                Put(SectorOf(offset), within, bytes[..count]);
                Length = Math.Max(Length, offset + count);
            }

            offset += count;
            bytes = bytes[count..];
        }
    }

    /// <summary>How many more sectors a reservation up to this length takes.</summary>
    public int SectorsToReserve(long length)
    {
        var end = SectorMap.SectorsFor(length);
        var holes = 0;
        for (var sector = _reservedSectors; sector < end; sector++)
        {
            if (_cached[sector] is null)
                holes++;
        }

        return holes;
    }

    public void Reserve(long length)
    {
        if (length <= Length)
            return;
        AllocatedSectors += SectorsToReserve(length);
        _reservedSectors = Math.Max(_reservedSectors, SectorMap.SectorsFor(length));
        Length = length;
    }

    public void Sync()
    {
        while (_dirty.Count > 0)
            Persist(_dirty[^1]);
        PersistLength();
    }

    /// <summary>A sync that fails: some of the dirty sectors arrive, and the others look clean from now on.</summary>
    public void FailSync(SeededRandom random)
    {
        PersistSome(random, random.Fraction());
        if (random.Coin())
            PersistLength();
        Poisoned = true;
        while (_dirty.Count > 0)
            Persist(_dirty[^1]);
    }

    /// <summary>What the background does when nobody looks.</summary>
    public void WriteBack(SeededRandom random)
    {
        if (LengthIsDirty && (_dirty.Count == 0 || random.OneIn(4)))
        {
            PersistLengthPartly(random);
            return;
        }

        for (var left = random.Between(1, 4); left > 0 && _dirty.Count > 0; left--)
            Persist(_dirty[random.Below(_dirty.Count)]);
    }

    /// <summary>Drops cached sectors that are clean, which shows what a failed sync has lost.</summary>
    public void Evict()
    {
        for (var place = _lost.Count - 1; place >= 0; place--)
        {
            var sector = _lost[place];
            if (_dirty.Contains(sector))
                continue;
            _cached[sector] = _durable[sector];
            _lost.Remove(sector);
        }

        Recount();
    }

    /// <summary>Keeps the durable side and, of the dirty sectors and the length, each with this probability.</summary>
    public void CutPower(SeededRandom random, double share)
    {
        PersistSome(random, share);
        if (LengthIsDirty && random.Chance(share))
        {
            if (random.Chance(share))
                PersistLength();
            else
                PersistLengthPartly(random);
        }

        _durable.CutTo(_durableLength);
        _cached = _durable.Copy();
        Length = _durableLength;
        _reservedSectors = _durableReservedSectors;
        _dirty.Clear();
        _lost.Clear();
        Poisoned = false;
        Handles = 0;
        Recount();
    }

    /// <summary>Changes bytes where they are, cached and durable, as rot does.</summary>
    public void Alter(long offset, ReadOnlySpan<byte> mask)
    {
        for (var index = 0; index < mask.Length; index++)
        {
            var sector = SectorOf(offset + index);
            var within = (int)((offset + index) % SectorMap.SectorBytes);
            var cached = _cached[sector];
            var durable = _durable[sector];
            _cached[sector] = Flipped(cached, within, mask[index]);
            _durable[sector] = ReferenceEquals(cached, durable) ? _cached[sector] : Flipped(durable, within, mask[index]);
        }

        Recount();
    }

    /// <summary>Cuts the file, cached and durable.</summary>
    public void Truncate(long length)
    {
        Length = Math.Min(Length, length);
        _durableLength = Math.Min(_durableLength, length);
        _reservedSectors = Math.Min(_reservedSectors, SectorMap.SectorsFor(length));
        _durableReservedSectors = Math.Min(_durableReservedSectors, SectorMap.SectorsFor(length));
        for (var place = _dirty.Count - 1; place >= 0; place--)
        {
            if (_dirty[place] >= SectorMap.SectorsFor(length))
                _dirty.Remove(_dirty[place]);
        }

        _cached.CutTo(length);
        _durable.CutTo(length);
        Recount();
    }

    private static int SectorOf(long offset) => checked((int)(offset / SectorMap.SectorBytes));

    private static byte[] Flipped(byte[]? sector, int within, byte mask) =>
        SectorMap.Patched(sector, within, [(byte)((sector?[within] ?? 0) ^ mask)]);

    private static int Read(SectorMap from, long length, Span<byte> into, long offset)
    {
        var total = (int)Math.Clamp(length - offset, 0, into.Length);
        for (var done = 0; done < total;)
        {
            var within = (int)((offset + done) % SectorMap.SectorBytes);
            var count = Math.Min(SectorMap.SectorBytes - within, total - done);
            var target = into.Slice(done, count);
            if (from[SectorOf(offset + done)] is { } sector)
                sector.AsSpan(within, count).CopyTo(target);
            else
                target.Clear();
            done += count;
        }

        return total;
    }

    private void Put(int sector, int within, ReadOnlySpan<byte> bytes)
    {
        var old = _cached[sector];
        if (old is null && sector >= _reservedSectors)
            AllocatedSectors++;
        var changed = SectorMap.Patched(old, within, bytes);
        _cached[sector] = changed;
        if (Poisoned || !ReferenceEquals(changed, _durable[sector]))
            _dirty.Add(sector);
    }

    private void Persist(int sector)
    {
        if (Poisoned)
            _lost.Add(sector);
        else
            _durable[sector] = _cached[sector];
        _dirty.Remove(sector);
    }

    private void PersistSome(SeededRandom random, double share)
    {
        if (share <= 0)
            return;
        for (var place = _dirty.Count - 1; place >= 0; place--)
        {
            if (share >= 1 || random.Chance(share))
                Persist(_dirty[place]);
        }
    }

    private void PersistLength()
    {
        if (Poisoned)
            return;
        _durableLength = Length;
        _durableReservedSectors = _reservedSectors;
    }

    // A file that grew by much is written in pieces, and its length with each.
    private void PersistLengthPartly(SeededRandom random)
    {
        var grown = Length - _durableLength;
        if (grown <= SectorMap.SectorBytes || random.Coin())
        {
            PersistLength();
            return;
        }

        var reached = _durableLength + random.Below(grown);
        _durableLength = Math.Max(_durableLength, reached - (reached % SectorMap.SectorBytes));
        _durableReservedSectors = Math.Min(_reservedSectors, SectorMap.SectorsFor(_durableLength));
    }

    private void Recount() => AllocatedSectors = _reservedSectors + _cached.CountFrom(_reservedSectors);
}
