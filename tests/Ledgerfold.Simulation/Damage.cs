using Ledgerfold.Storage.Format;

namespace Ledgerfold.Simulation;

/// <summary>
/// What time and hands do to the files of a ledger that is not open. Only what can be seen: the end of a log that was not closed may be cut
/// off without a trace, so that there only its sealed part and single bits are touched.
/// </summary>
internal sealed class Damage(World world)
{
    public void Strike(bool wasClosed)
    {
        var random = world.Random;
        var names = world.Disk.Names();
        if (names.Count == 0)
            return;
        var runs = names.Where(one => one.EndsWith(".run", StringComparison.Ordinal)).ToArray();
        var logs = names.Where(one => one.EndsWith(".log", StringComparison.Ordinal)).ToArray();
        var name = random.Pick(
            random.OneIn(8) && runs.Length > 0 ? runs : random.Coin() && logs.Length > 0 ? random.Coin() ? logs[^1..] : logs : names);
        var length = world.Disk.Content(name).Length;
        if (length == 0)
            return;
        var isIndex = name.EndsWith(".run", StringComparison.Ordinal);
        world.IsDamaged |= !isIndex;
        world.IsIndexDamaged |= isIndex;
        var mayCut = wasClosed || !IsLastSegment(name, names);
        switch (random.Below(6))
        {
            case 0 when mayCut:
                world.Say($"{name} is gone");
                world.Disk.Corrupt.Delete(name);
                break;
            case 1 when mayCut:
                var left = random.Below(length);
                world.Say($"{name} is cut off at {left} of {length}");
                world.Disk.Corrupt.Truncate(name, left);
                break;
            case 2 or 3:
                LoseSector(name, length, mayCut);
                break;
            default:
                var offset = random.Below(EndOfContent(name));
                world.Say($"a bit of {name} flips at {offset}");
                world.Disk.Corrupt.FlipBit(name, offset, random.Below(8));
                break;
        }
    }

    /// <summary>A bit of the index flips while the ledger is open.</summary>
    public void StrikeIndex()
    {
        var runs = world.Disk.Names().Where(one => one.EndsWith(".run", StringComparison.Ordinal)).ToArray();
        if (runs.Length == 0)
            return;
        world.IsIndexDamaged = true;
        var name = world.Random.Pick(runs);
        var offset = world.Random.Below(world.Disk.Content(name).Length);
        world.Say($"a bit of {name} flips at {offset}");
        world.Disk.Corrupt.FlipBit(name, offset, world.Random.Below(8));
    }

    /// <summary>
    /// A sector of zeros looks as if it was never written. Where no batch begins behind it nothing tells the two apart, and what stood
    /// there may be lost without a word.
    /// </summary>
    private void LoseSector(string name, int length, bool mayCut)
    {
        var from = world.Random.Below((EndOfContent(name) + 511) / 512) * 512;
        var through = Math.Min(from + 512, length);
        if (!mayCut)
        {
            var batches = BatchesOf(world.Disk.Content(name));
            var before = Math.Max(0, batches.Find(batch => batch.End > from).FirstPosition - 1);
            if (!batches.Exists(batch => batch.Offset >= through))
                world.Floor = Math.Min(world.Floor ?? long.MaxValue, before);
        }

        world.Say($"{name} loses its sector at {from}");
        world.Disk.Corrupt.Overwrite(name, from, new byte[through - from]);
    }

    private static List<(int Offset, int End, long FirstPosition)> BatchesOf(ReadOnlySpan<byte> content)
    {
        var batches = new List<(int Offset, int End, long FirstPosition)>();
        for (var at = SegmentHeader.Bytes; at < content.Length && BatchHeader.TryRead(content[at..], out var header); at += header.Length)
            batches.Add((at, at + header.Length, header.FirstPosition));
        return batches;
    }

    private int EndOfContent(string name) => Math.Max(1, world.Disk.Content(name).AsSpan().LastIndexOfAnyExcept((byte)0) + 1);

    private static bool IsLastSegment(string name, IReadOnlyList<string> names) =>
        name == names.LastOrDefault(one => one.EndsWith(".log", StringComparison.Ordinal));
}
