using System.Numerics;

namespace Ledgerfold.Testing.Disk;

/// <summary>
/// Every call that was made to a disk, in order, and a hash of them and of all that was written: two runs of one seed agree in
/// it.
/// </summary>
public sealed class DiskTrace
{
    private readonly List<DiskCall> _calls = [];
    private readonly int[] _callsByKind = new int[Enum.GetValues<DiskCallKind>().Length];
    private readonly int[] _crashesByKind = new int[Enum.GetValues<DiskCallKind>().Length];

    internal DiskTrace()
    {
    }

    /// <summary>The calls, those that failed or crashed included.</summary>
    public IReadOnlyList<DiskCall> Calls => _calls;

    /// <summary>What all of them come to.</summary>
    public ulong Hash { get; private set; } = 0xCBF29CE484222325;

    /// <summary>How many calls of a kind there were.</summary>
    public int CallsOf(DiskCallKind kind) => _callsByKind[(int)kind];

    /// <summary>In how many calls of a kind something crashed.</summary>
    public int CrashesIn(DiskCallKind kind) => _crashesByKind[(int)kind];

    internal void Add(DiskCall call, DiskFault? fault)
    {
        _calls.Add(call);
        _callsByKind[(int)call.Kind]++;
        Mix((ulong)call.Kind);
        Mix((ulong)call.Process);
        foreach (var letter in call.File)
            Mix(letter);
        Mix((ulong)call.Offset);
        Mix((ulong)call.Length);
        Mix(fault is null ? 0UL : 1UL);
    }

    internal void Add(ReadOnlySpan<byte> content)
    {
        var crc = 0u;
        for (; content.Length >= sizeof(ulong); content = content[sizeof(ulong)..])
            crc = BitOperations.Crc32C(crc, BitConverter.ToUInt64(content));
        foreach (var last in content)
            crc = BitOperations.Crc32C(crc, last);
        Mix(crc);
    }

    internal void AddCrash(DiskCall call) => _crashesByKind[(int)call.Kind]++;

    private void Mix(ulong value) => Hash = BitOperations.RotateLeft((Hash ^ value) * 0x9E3779B97F4A7C15, 29);
}
