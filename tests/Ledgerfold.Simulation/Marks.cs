using Ledgerfold.Testing.Disk;

namespace Ledgerfold.Simulation;

/// <summary>
/// What a long run must have met sometimes: one that it never meets is a scenario that nobody tests. And where processes crashed, by the
/// kind of the disk call, in recovery counted apart.
/// </summary>
internal sealed class Marks
{
    public static readonly int Kinds = Enum.GetValues<DiskCallKind>().Length;

    private readonly Dictionary<string, long> _met = new(StringComparer.Ordinal);

    public long[] Crashes { get; } = new long[Kinds];

    public long[] CrashesInRecovery { get; } = new long[Kinds];

    public IEnumerable<KeyValuePair<string, long>> Met => _met;

    public void Hit(string name, bool met = true)
    {
        if (met)
            _met[name] = _met.GetValueOrDefault(name) + 1;
    }

    public long CountOf(string name) => _met.GetValueOrDefault(name);

    public void Add(Marks other)
    {
        foreach (var (name, count) in other._met)
            _met[name] = _met.GetValueOrDefault(name) + count;
        for (var kind = 0; kind < Kinds; kind++)
        {
            Crashes[kind] += other.Crashes[kind];
            CrashesInRecovery[kind] += other.CrashesInRecovery[kind];
        }
    }
}
