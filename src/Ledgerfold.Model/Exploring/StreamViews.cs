using System.Collections.Immutable;
using Ledgerfold.Model.Timelines;

namespace Ledgerfold.Model.Exploring;

/// <summary>Where a stream stands, and what is in it.</summary>
/// <param name="Tenant">Whose it is.</param>
/// <param name="Stream">Its name.</param>
/// <param name="Version">The version of its last event.</param>
/// <param name="Closed">Whether it takes no more events.</param>
/// <param name="First">Its first event; null where what could be read of it was removed.</param>
/// <param name="Last">Its last event.</param>
/// <param name="Types">How often each type stands in it, in the order in which they came first.</param>
/// <param name="Counted">How many of its events that counts, from the first on: at most <see cref="ExploreLimits.CountedMax"/>.</param>
public sealed record StreamView(
    string Tenant,
    string Stream,
    long Version,
    bool Closed,
    EventMark? First,
    EventMark? Last,
    ImmutableArray<TypeCount> Types,
    long Counted);

/// <summary>How often a type stands in a stream.</summary>
/// <param name="Type">The type.</param>
/// <param name="Events">How many events have it.</param>
public sealed record TypeCount(string Type, long Events);
