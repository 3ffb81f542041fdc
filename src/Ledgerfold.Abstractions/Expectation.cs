namespace Ledgerfold;

/// <summary>What an append expects of a stream: any state, no stream yet, or exactly this version.</summary>
public readonly record struct Expectation
{
    private readonly long _versionPlusOne; // 0 = any, so that default(Expectation) is Any

    private Expectation(long versionPlusOne) => _versionPlusOne = versionPlusOne;

    /// <summary>Whatever the stream's version is.</summary>
    public static Expectation Any => default;

    /// <summary>The stream has no event yet.</summary>
    public static Expectation NoStream => new(1);

    /// <summary>The version that is expected, 0 for no stream; null for any.</summary>
    public long? Version => _versionPlusOne == 0 ? null : _versionPlusOne - 1;

    /// <summary>The stream stands exactly at this version; 0 is <see cref="NoStream"/>.</summary>
    public static Expectation Exactly(long version)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(version);
        ArgumentOutOfRangeException.ThrowIfEqual(version, long.MaxValue);
        return new Expectation(version + 1);
    }

    /// <summary>Whether a stream at <paramref name="version"/> meets the expectation.</summary>
    public bool IsMetBy(long version) => _versionPlusOne == 0 || version == _versionPlusOne - 1;

    /// <inheritdoc />
    public override string ToString() => Version switch { null => "any", 0 => "none", var version => version.Value.ToString() };
}
