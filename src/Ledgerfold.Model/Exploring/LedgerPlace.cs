using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Ledgerfold.Model.Timelines;

namespace Ledgerfold.Model.Exploring;

/// <summary>A place in the ledger, told by a position or by a time: a closed family.</summary>
public abstract record LedgerPlace
{
    private static readonly string[] TimeFormats =
        ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    private LedgerPlace()
    {
    }

    /// <summary>What a text must be to name one.</summary>
    public static string Rule => "a position such as 42, or an ISO 8601 time such as 2026-01-31T12:00:00.123456Z";

    /// <summary>The moment behind this place: after the event at the position, or as the ledger stood at the time.</summary>
    public abstract Moment Moment { get; }

    /// <summary>The place of a position.</summary>
    public static LedgerPlace At(long position)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(position);
        return new Position(position);
    }

    /// <summary>The place of a time.</summary>
    public static LedgerPlace At(DateTimeOffset time) => new Clock(Times.Cut(time));

    /// <summary>Reads digits as a position, and ISO 8601 as a time, which is UTC where it names no offset.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out LedgerPlace? place)
    {
        place = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var position) ? new Position(position)
            : DateTimeOffset.TryParseExact(text, TimeFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
                ? At(time)
                : null;
        return place is not null;
    }

    /// <summary>The last position before everything at or behind this place.</summary>
    internal abstract ValueTask<long> Before(ILedger ledger, CancellationToken cancel);

    /// <summary>The last position at this place.</summary>
    internal abstract ValueTask<long> Through(ILedger ledger, CancellationToken cancel);

    private sealed record Position(long Value) : LedgerPlace
    {
        public override Moment Moment => Moment.AfterPosition(Value);

        internal override ValueTask<long> Before(ILedger ledger, CancellationToken cancel) => new(Math.Max(0, Value - 1));

        internal override ValueTask<long> Through(ILedger ledger, CancellationToken cancel) => new(Value);
    }

    private sealed record Clock(DateTimeOffset Time) : LedgerPlace
    {
        public override Moment Moment => Moment.RecordedAt(Time);

        internal override ValueTask<long> Before(ILedger ledger, CancellationToken cancel) =>
            Time == DateTimeOffset.MinValue ? new(0) : ledger.PositionAt(Time - TimeSpan.FromMicroseconds(1), cancel);

        internal override ValueTask<long> Through(ILedger ledger, CancellationToken cancel) => ledger.PositionAt(Time, cancel);
    }
}
