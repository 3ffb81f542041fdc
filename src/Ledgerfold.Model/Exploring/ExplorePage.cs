using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Ledgerfold.Model.Exploring;

/// <summary>A part of a list, and what was looked at for it.</summary>
/// <param name="Items">What was found, in the order that was asked for.</param>
/// <param name="Next">
/// Where the list goes on: the <see cref="PageRequest.After"/> of the next part, or its <see cref="PageRequest.Before"/> where the list
/// runs backward; null at its end.
/// </param>
/// <param name="Prev">The same for the other direction, to the part in front; null where nothing is there.</param>
/// <param name="Searched">What was looked at.</param>
/// <param name="Stop">Why it ended before it was full and before the end; <see cref="Next"/> goes on.</param>
/// <typeparam name="T">What it lists.</typeparam>
public sealed record ExplorePage<T>(ImmutableArray<T> Items, long? Next, long? Prev, Searched Searched, EarlyStop Stop);

/// <summary>What was looked at for an answer.</summary>
/// <param name="From">The lowest position.</param>
/// <param name="To">The highest position; one below <see cref="From"/> where nothing was looked at.</param>
/// <param name="Matched">How many of them are in the answer.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Searched(long From, long To, int Matched)
{
    /// <summary>How many positions that are; where an index tells what matches, most of them were not read.</summary>
    public long Scanned => Math.Max(0, To - From + 1);
}

/// <summary>Why a page ended early.</summary>
public enum EarlyStop
{
    /// <summary>It did not.</summary>
    None,

    /// <summary>So much was looked at that the rest is left to another question.</summary>
    Scanned,

    /// <summary>The events in it are large.</summary>
    Bytes,

    /// <summary>What stands next cannot be read: the next page says what it is.</summary>
    Damage,
}
