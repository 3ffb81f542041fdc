namespace Ledgerfold.Cli.Load.Recounting;

/// <summary>What the events say of one order.</summary>
/// <param name="lines">What was ordered, line by line.</param>
internal sealed class OrderCount(DateTimeOffset createdAt, Amount total, OrderLine[] lines)
{
    public DateTimeOffset CreatedAt { get; } = createdAt;

    /// <summary>What it comes to, without what was cancelled.</summary>
    public Amount Total { get; private set; } = total;

    public IReadOnlyList<OrderLine> Lines => lines;

    public OrderEnd End { get; private set; }

    /// <summary>When it was first known what becomes of it; put on hold for a person is known, too: checkout has done its part.</summary>
    public DateTimeOffset? DecidedAt { get; private set; }

    /// <summary>Why it was rejected.</summary>
    public string? Code { get; private set; }

    /// <summary>Whether it was ever confirmed, be it cancelled since or not.</summary>
    public bool WasConfirmed { get; private set; }

    /// <summary>What it came to when it was confirmed, whatever was cancelled since.</summary>
    public Amount ConfirmedFor { get; private set; }

    public decimal VendorTotals { get; private set; }

    public bool IsOpen => End is OrderEnd.Open;

    /// <summary>What it was confirmed for, once the vendors know their parts, is what they come to.</summary>
    public bool HasWrongParts => End is OrderEnd.Confirmed && VendorTotals != Total.Value;

    public void Take(ExportedEvent one)
    {
        switch (one.Type)
        {
            case "OrderRejected":
                Code = one["code"];
                Decide(OrderEnd.Rejected, one.At);
                break;
            case "OrderPutOnHold":
                Decide(OrderEnd.OnHold, one.At);
                break;
            case "OrderConfirmed":
                WasConfirmed = true;
                ConfirmedFor = Total;
                Decide(OrderEnd.Confirmed, one.At);
                break;
            case "OrderCancelled":
                Decide(OrderEnd.Cancelled, one.At);
                break;
            case "VendorOrderCreated":
                VendorTotals += one.Amount("total").Value;
                break;
            case "OrderLineCancelled":
                Without((int)one.Number("line"), one.Amount("net").Value + one.Amount("shipping").Value);
                break;
        }
    }

    private void Without(int line, decimal amount)
    {
        lines[line - 1] = lines[line - 1] with { Quantity = 0 };
        Total = Total with { Value = Total.Value - amount };
        VendorTotals -= amount;
    }

    private void Decide(OrderEnd end, DateTimeOffset at)
    {
        End = end;
        DecidedAt ??= at;
    }
}

/// <summary>Where an order stands at the end of the events.</summary>
internal enum OrderEnd
{
    Open,
    Confirmed,
    Rejected,
    OnHold,
    Cancelled,
}

/// <summary>So many of an article of a vendor.</summary>
internal readonly record struct OrderLine(string Article, long Quantity);
