namespace Ledgerfold.Cli.Load.Recounting;

/// <summary>
/// What the events say of one article of one vendor, added up unit by unit. Units are thought to be sold in the order in which they came,
/// so that of each that is left over at the end it is known why: it was never sold, or a hold gave it back.
/// </summary>
internal sealed class ArticleCount
{
    private readonly Dictionary<string, long> _atLocation = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _open = new(StringComparer.Ordinal);
    private readonly LinkedList<FreeUnits> _free = [];

    public long OnHand { get; private set; }

    public long Received { get; private set; }

    public long Reserved { get; private set; }

    public long Committed { get; private set; }

    /// <summary>What confirmed orders hold of it, by their lines.</summary>
    public long Confirmed { get; set; }

    /// <summary>The most that was promised beyond what was there, at any moment.</summary>
    public long WorstShortfall { get; private set; }

    /// <summary>Ends of reservations that had one already, or that nobody made.</summary>
    public int WrongEnds { get; private set; }

    public int Reservations { get; private set; }

    public int Commits { get; private set; }

    public int Releases { get; private set; }

    public int Expiries { get; private set; }

    public long Available => Math.Max(0, OnHand - Reserved - Committed);

    /// <summary>What was promised that is not there: by reservations at any moment, or by confirmed orders at the end.</summary>
    public long Oversold => Math.Max(WorstShortfall, Math.Max(0, Confirmed - OnHand));

    /// <summary>What is left over at the end, each part with the hold that gave it back.</summary>
    public IEnumerable<FreeUnits> Free => _free;

    /// <summary>The reservations without an end, and how many units each holds.</summary>
    public IEnumerable<KeyValuePair<string, long>> Open => _open;

    public void Take(ExportedEvent one)
    {
        switch (one.Type)
        {
            case "StockReceived":
                Received += one.Number("quantity");
                Change(one["location"], _atLocation.GetValueOrDefault(one["location"]) + one.Number("quantity"));
                break;
            case "StockAdjusted" when one.Optional("location") is { } location:
                Change(location, _atLocation.GetValueOrDefault(location) + one.Number("quantity"));
                break;
            case "StockAdjusted":
                Committed += one.Number("committed");
                GiveBack(new FreeUnits(-one.Number("committed"), one.Optional("reservationId"), "cancelled", one.At));
                break;
            case "StockFeedApplied":
                Change(one["location"], one.Number("onHand"));
                break;
            case "StockReserved":
                Reserve(one["reservationId"], one.Number("quantity"));
                break;
            case "ReservationCommitted":
                Commits++;
                Committed += End(one, isCommit: true);
                break;
            case "ReservationReleased":
                Releases++;
                GiveBack(new FreeUnits(End(one, isCommit: false), one["reservationId"], "released", one.At));
                break;
            case "ReservationExpired":
                Expiries++;
                GiveBack(new FreeUnits(End(one, isCommit: false), one["reservationId"], "expired", one.At));
                break;
        }

        WorstShortfall = Math.Max(WorstShortfall, Reserved + Committed - OnHand);
    }

    private void Change(string location, long onHand)
    {
        var more = onHand - _atLocation.GetValueOrDefault(location);
        _atLocation[location] = onHand;
        OnHand += more;
        if (more > 0)
            GiveBack(new FreeUnits(more, null, "received", default));
        else
            Use(-more);
    }

    private void Reserve(string id, long quantity)
    {
        Reservations++;
        if (!_open.TryAdd(id, quantity))
            WrongEnds++;
        Reserved += quantity;
        Use(quantity);
    }

    private long End(ExportedEvent one, bool isCommit)
    {
        var id = one["reservationId"];
        if (!_open.Remove(id, out var quantity))
        {
            WrongEnds++;
            return isCommit ? one.Number("quantity") : 0; // sold all the same: it counts against what is there
        }

        Reserved -= quantity;
        return quantity;
    }

    private void GiveBack(FreeUnits units)
    {
        if (units.Quantity > 0)
            _free.AddLast(units);
    }

    private void Use(long quantity)
    {
        for (var first = _free.First; quantity > 0 && first is not null; first = _free.First)
        {
            var used = Math.Min(quantity, first.Value.Quantity);
            quantity -= used;
            if (used == first.Value.Quantity)
                _free.RemoveFirst();
            else
                first.Value = first.Value with { Quantity = first.Value.Quantity - used };
        }
    }
}

/// <summary>Units that can be sold, and why they can.</summary>
internal sealed record FreeUnits(long Quantity, string? ReservationId, string How, DateTimeOffset Since);
