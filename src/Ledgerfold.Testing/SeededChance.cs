using Ledgerfold.Seams;

namespace Ledgerfold.Testing;

/// <summary>Ids, salts and jitter that a seed decides, for tests that must run the same way twice. Any thread.</summary>
public sealed class SeededChance(ulong seed) : IChance
{
    private readonly Lock _gate = new();
    private readonly SeededRandom _random = new(seed);

    /// <inheritdoc />
    public void Fill(Span<byte> bytes)
    {
        lock (_gate)
            _random.Fill(bytes);
    }
}
