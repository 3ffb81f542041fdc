using System.Text.Json.Serialization;

namespace Ledgerfold.Cli.Load.Recounting;

/// <summary>What a recount found, in figures; the first group must be nothing throughout.</summary>
internal sealed record RecountReport
{
    /// <summary>Units that were promised beyond what was there.</summary>
    public long Oversold { get; init; }

    /// <summary>
    /// Orders (or cards, where each is for one purchase) whose money is held or taken more than once, or beyond what was agreed.
    /// </summary>
    public int PaidTwice { get; init; }

    /// <summary>Holds on money that belong to no confirmed order, by the events or by the provider's journal.</summary>
    public int OrphanedHolds { get; init; }

    /// <summary>Confirmed orders with something to pay and no money behind them.</summary>
    public int ConfirmedUnpaid { get; init; }

    /// <summary>Orders that a caller was told of and that are not there, or stand otherwise than was said for good.</summary>
    public int Lost { get; init; }

    /// <summary>Articles of which confirmed orders hold another number of units than their stock has committed.</summary>
    public int UnevenArticles { get; init; }

    /// <summary>Confirmed orders whose vendors' parts do not come to their total.</summary>
    public int WrongParts { get; init; }

    /// <summary>Ends of reservations that had one already, or that nobody made.</summary>
    public int WrongEnds { get; init; }

    /// <summary>Orders without an end.</summary>
    public int Open { get; init; }

    public long Events { get; init; }

    public int Created { get; init; }

    public int Confirmed { get; init; }

    public int Rejected { get; init; }

    public int Cancelled { get; init; }

    public int OnHold { get; init; }

    public IReadOnlyDictionary<string, int> RejectedBy { get; init; } = new Dictionary<string, int>();

    public int OpenCheckoutsPeak { get; init; }

    public int RefusedWhileFree { get; init; }

    /// <summary>From the first event of an order until it was known what becomes of it.</summary>
    public double DecidedP50Millis { get; init; }

    public double DecidedP99Millis { get; init; }

    public double DecidedMaxMillis { get; init; }

    /// <summary>The article that everybody wants, where there is one.</summary>
    public HotReport? Hot { get; init; }

    /// <summary>The business's own figures, computed from the events alone.</summary>
    public KpiReport Kpis { get; init; } = new();

    /// <summary>The first few of what must not be, for people.</summary>
    public IReadOnlyList<string> Findings { get; init; } = [];

    [JsonIgnore]
    public bool IsClean => this is
    {
        Oversold: 0, PaidTwice: 0, OrphanedHolds: 0, ConfirmedUnpaid: 0, Lost: 0, UnevenArticles: 0, WrongParts: 0, WrongEnds: 0,
    };
}

/// <summary>What became of every unit of one article.</summary>
/// <param name="Unexplained">Units that are neither confirmed nor left over for a reason.</param>
/// <param name="Holds">Each part that is not confirmed, with the reason.</param>
internal sealed record HotReport(string Article, long Units, long Confirmed, long Unexplained, IReadOnlyList<HeldUnits> Holds);

/// <summary>Units of an article that nobody bought in the end, though somebody had them reserved.</summary>
/// <param name="OrderId">Who had them reserved last.</param>
/// <param name="How">How the reservation ended, or that it has not.</param>
/// <param name="Why">What became of that order.</param>
internal sealed record HeldUnits(long Units, string? OrderId, string How, string Why, DateTimeOffset? Since);
