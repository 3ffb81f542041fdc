using Marketplace.Stock;

namespace Marketplace.Tests.Stock;

/// <summary>The rules of stock once more, as plainly as can be: every reservation is kept for ever, and every number is counted anew.</summary>
internal sealed class NaiveStock
{
    private readonly Dictionary<string, long> _sequences = [];
    private readonly Dictionary<string, Held> _reservations = [];

    public Dictionary<string, long> Locations { get; } = [];

    /// <summary>What was sold and then freed again.</summary>
    public long Freed { get; private set; }

    public long OnHand => Locations.Values.Sum();

    public long Reserved => Sum("open");

    public long Committed => Sum("committed") - Freed;

    public long Free => OnHand - Reserved - Committed;

    /// <summary>What a command leads to: the events that it leaves, or the code it is turned down with.</summary>
    public string Do(IStockCommand said, DateTimeOffset at)
    {
        var shortfall = Math.Max(0, -Free);
        var result = said switch
        {
            ReceiveStock command => Count(command.Location, Locations.GetValueOrDefault(command.Location) + command.Quantity, "StockReceived"),
            AdjustStock command => Locations.GetValueOrDefault(command.Location) + command.Quantity is >= 0 and var left
                ? Count(command.Location, left, "StockAdjusted")
                : "NEGATIVE_STOCK",
            ApplyStockFeed command => Feed(command),
            ReserveStock command => Reserve(command, at),
            ExtendReservation command => Extend(command, at),
            CommitReservation command => Commit(command.ReservationId, at),
            ReleaseReservation command => GiveBack(command.ReservationId, "released", "ReservationReleased", isDue: true),
            ExpireReservation command => GiveBack(command.ReservationId, "expired", "ReservationExpired", IsOver(command.ReservationId, at)),
            FreeCommitted command => FreeAgain(command, at),
            _ => throw new InvalidOperationException($"{said}"),
        };
        return Math.Max(0, -Free) > shortfall ? $"{result} OversellDetected {-Free}" : result;
    }

    private long Sum(string end) => _reservations.Values.Where(one => one.End == end).Sum(static one => one.Quantity);

    private bool IsOver(string id, DateTimeOffset at) => _reservations.TryGetValue(id, out var held) && at >= held.Until;

    private string Count(string location, long onHand, string result)
    {
        Locations[location] = onHand;
        return result;
    }

    private string Feed(ApplyStockFeed command)
    {
        if (command.Sequence <= _sequences.GetValueOrDefault(command.Location))
            return "STALE_SEQUENCE";
        _sequences[command.Location] = command.Sequence;
        return Count(command.Location, command.OnHand, "StockFeedApplied");
    }

    private string Reserve(ReserveStock command, DateTimeOffset at)
    {
        if (_reservations.TryGetValue(command.ReservationId, out var known))
            return known.End == "open" && known.Quantity == command.Quantity ? "" : "RESERVATION_EXISTS";
        var over = _reservations.Where(one => one.Value.End == "open" && at >= one.Value.Until)
            .OrderBy(static one => one.Value.Until).ThenBy(static one => one.Key, StringComparer.Ordinal).Select(static one => one.Value).ToList();
        if (Free + over.Sum(static one => one.Quantity) < command.Quantity)
            return "INSUFFICIENT_STOCK";
        var result = "";
        while (Free < command.Quantity)
        {
            over[0].End = "expired";
            over.RemoveAt(0);
            result += "ReservationExpired ";
        }

        _reservations[command.ReservationId] = new Held { Quantity = command.Quantity, Until = at.AddSeconds(command.TtlSeconds) };
        return result + "StockReserved";
    }

    private string Extend(ExtendReservation command, DateTimeOffset at)
    {
        if (Refusal(command.ReservationId, at) is { } refusal)
            return refusal;
        var held = _reservations[command.ReservationId];
        held.Until = held.Until.AddSeconds(command.Seconds);
        return "ReservationExtended";
    }

    private string Commit(string id, DateTimeOffset at)
    {
        if (_reservations.TryGetValue(id, out var held) && held.End == "committed")
            return "";
        if (Refusal(id, at) is { } refusal)
            return refusal;
        _reservations[id].End = "committed";
        return "ReservationCommitted";
    }

    private string GiveBack(string id, string end, string result, bool isDue)
    {
        if (!_reservations.TryGetValue(id, out var held) || held.End is "released" or "expired" || (held.End == "open" && !isDue))
            return "";
        if (held.End == "committed")
            return "RESERVATION_COMMITTED";
        held.End = end;
        return result;
    }

    private string FreeAgain(FreeCommitted command, DateTimeOffset at)
    {
        if (_reservations.TryGetValue(command.ReservationId, out var held) && held.End != "committed")
            return held.End == "open" ? (at >= held.Until ? "RESERVATION_EXPIRED" : "NOT_COMMITTED") : $"RESERVATION_{held.End.ToUpperInvariant()}";
        if (command.Quantity > Committed)
            return "NOT_COMMITTED";
        Freed += command.Quantity;
        return "StockAdjusted";
    }

    private string? Refusal(string id, DateTimeOffset at) => !_reservations.TryGetValue(id, out var held) ? "RESERVATION_NOT_FOUND"
        : held.End != "open" ? $"RESERVATION_{held.End.ToUpperInvariant()}"
        : at >= held.Until ? "RESERVATION_EXPIRED"
        : null;

    private sealed class Held
    {
        public required int Quantity { get; init; }

        public required DateTimeOffset Until { get; set; }

        public string End { get; set; } = "open";
    }
}
