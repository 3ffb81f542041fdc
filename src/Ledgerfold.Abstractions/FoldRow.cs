using System.Collections.Immutable;

namespace Ledgerfold;

/// <summary>A fold by its name, and the version of its code: two versions stand side by side and never mix.</summary>
/// <param name="Name">The fold's name.</param>
/// <param name="Version">The version of its code, from 1.</param>
public readonly record struct FoldName(string Name, int Version = 1)
{
    /// <inheritdoc />
    public override string ToString() => $"{Name}@{Version}";
}

/// <summary>What a fold holds under one key.</summary>
public sealed record FoldRow
{
    /// <summary>Whose row.</summary>
    public required string Tenant { get; init; }

    /// <summary>Its key, unique within fold and tenant; keys stand in the order of their UTF-8 bytes.</summary>
    public required string Key { get; init; }

    /// <summary>The state, as the fold encoded it.</summary>
    public required ReadOnlyMemory<byte> Data { get; init; }

    /// <summary>Where else it is found.</summary>
    public ImmutableArray<FoldIndexEntry> Indexes { get; init; } = [];
}

/// <summary>A second key of a row.</summary>
/// <param name="Index">The index's name.</param>
/// <param name="Value">What the row is found by; values stand in the order of their UTF-8 bytes.</param>
/// <param name="Unique">Whether no other row of the fold and tenant may have it.</param>
public readonly record struct FoldIndexEntry(string Index, string Value, bool Unique = false);

/// <summary>Names a row within its fold.</summary>
public readonly record struct FoldKey(string Tenant, string Key);
