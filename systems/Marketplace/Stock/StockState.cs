using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Marketplace.Stock;

/// <summary>How many of one article of one vendor there are, and what of it is spoken for.</summary>
/// <param name="OnHand">How many there are, over all locations.</param>
/// <param name="Reserved">What open reservations hold.</param>
/// <param name="Committed">What is sold and has not left.</param>
/// <param name="Locations">How many there are at each location, and the last word of its feed.</param>
/// <param name="Open">The reservations that have no end yet.</param>
public sealed record StockState(
    long OnHand,
    long Reserved,
    long Committed,
    ImmutableSortedDictionary<string, LocationStock> Locations,
    ImmutableDictionary<string, Reservation> Open)
{
    // Ends are remembered in two generations: when the younger is full, it becomes the older, and the older is forgotten.
    internal const int EndsMax = 500;

    /// <summary>Nothing of anything.</summary>
    public static StockState Empty { get; } = new(
        0,
        0,
        0,
        ImmutableSortedDictionary.Create<string, LocationStock>(StringComparer.Ordinal),
        ImmutableDictionary<string, Reservation>.Empty);

    /// <summary>How the last reservations that ended did so, at least <see cref="EndsMax"/> of them.</summary>
    public ImmutableDictionary<string, ReservationEnd> Ended { get; init; } = ImmutableDictionary<string, ReservationEnd>.Empty;

    /// <summary>The ones before those.</summary>
    public ImmutableDictionary<string, ReservationEnd> EndedBefore { get; init; } = ImmutableDictionary<string, ReservationEnd>.Empty;

    /// <summary>What can be sold.</summary>
    public long Available => Math.Max(0, Free);

    /// <summary>How many were promised that are not there.</summary>
    public long Shortfall => Math.Max(0, -Free);

    /// <summary>The open reservations by when they end.</summary>
    [JsonIgnore]
    internal ImmutableSortedSet<ReservationDue> ByExpiry { get; private init; } = ImmutableSortedSet.CreateRange(
        ReservationDue.EarlierFirst, Open.Select(static one => new ReservationDue(one.Value.ExpiresAt, one.Key)));

    /// <summary>What is free; less than none where more was promised than there is.</summary>
    [JsonIgnore]
    internal long Free => OnHand - Reserved - Committed;

    /// <summary>How a reservation ended, as far as that is remembered.</summary>
    public ReservationEnd? EndOf(string reservationId) =>
        Ended.TryGetValue(reservationId, out var end) || EndedBefore.TryGetValue(reservationId, out end) ? end : null;

    /// <summary>The same, with so many at a location.</summary>
    internal StockState WithLocation(string location, long onHand, long? sequence = null)
    {
        var before = LocationOf(location);
        return this with
        {
            OnHand = OnHand - before.OnHand + onHand,
            Locations = Locations.SetItem(location, new LocationStock(onHand, sequence ?? before.Sequence)),
        };
    }

    internal LocationStock LocationOf(string location) => Locations.GetValueOrDefault(location) ?? new LocationStock(0, 0);

    /// <summary>The same, with a reservation set aside, or with another time at which it ends.</summary>
    internal StockState WithOpen(string id, Reservation reservation)
    {
        var before = Open.GetValueOrDefault(id);
        var byExpiry = before is null ? ByExpiry : ByExpiry.Remove(new ReservationDue(before.ExpiresAt, id));
        return this with
        {
            Reserved = Reserved - (before?.Quantity ?? 0) + reservation.Quantity,
            Open = Open.SetItem(id, reservation),
            ByExpiry = byExpiry.Add(new ReservationDue(reservation.ExpiresAt, id)),
        };
    }

    /// <summary>The same, with a reservation at its end.</summary>
    internal StockState WithEnd(string id, ReservationEnd end)
    {
        if (!Open.TryGetValue(id, out var reservation))
            return this;
        var ended = this with
        {
            Reserved = Reserved - reservation.Quantity,
            Committed = end is ReservationEnd.Committed ? Committed + reservation.Quantity : Committed,
            Open = Open.Remove(id),
            ByExpiry = ByExpiry.Remove(new ReservationDue(reservation.ExpiresAt, id)),
            Ended = Ended.SetItem(id, end),
        };
        return ended.Ended.Count < EndsMax
            ? ended
            : ended with { Ended = ImmutableDictionary<string, ReservationEnd>.Empty, EndedBefore = ended.Ended };
    }
}

/// <summary>How many there are at a location, and the last sequence of its feed; 0 before the first.</summary>
public sealed record LocationStock(long OnHand, long Sequence);

/// <summary>Goods set aside until a time.</summary>
public sealed record Reservation(int Quantity, DateTimeOffset ExpiresAt)
{
    /// <summary>Whether it is over by then, be it written down or not.</summary>
    public bool IsOver(DateTimeOffset at) => at >= ExpiresAt;
}

/// <summary>How a reservation ended: once, in one of these ways.</summary>
public enum ReservationEnd
{
    Committed,
    Released,
    Expired,
}

/// <summary>A reservation among others, the one that ends first before those that end later.</summary>
internal readonly record struct ReservationDue(DateTimeOffset At, string Id)
{
    public static readonly Comparer<ReservationDue> EarlierFirst = Comparer<ReservationDue>.Create(static (one, other) =>
        one.At == other.At ? string.CompareOrdinal(one.Id, other.Id) : one.At.CompareTo(other.At));
}
