using System.Security.Cryptography;

namespace Ledgerfold.Seams;

/// <summary>Where ids, salts and jitter come from: the operating system in production, the seed in simulation.</summary>
public interface IChance
{
    /// <summary>Fills the span with unpredictable bytes. Any thread.</summary>
    void Fill(Span<byte> bytes);
}

/// <summary>Chance from the operating system.</summary>
public sealed class SystemChance : IChance
{
    /// <summary>The one instance.</summary>
    public static SystemChance Instance { get; } = new();

    private SystemChance()
    {
    }

    /// <inheritdoc />
    public void Fill(Span<byte> bytes) => RandomNumberGenerator.Fill(bytes);
}
