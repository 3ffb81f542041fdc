using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Ledgerfold.Model.Exploring;

/// <summary>
/// One page of a read, whose cost is bounded however much there is: by items, by bytes, and by what is passed over in vain. Where one index
/// list says what matches, only what is read counts; else the read itself is cut, because the ledger may look long for a next match.
/// </summary>
internal sealed class BoundedRead(ILedger ledger, ExploreLimits limits)
{
    public ILedger Ledger => ledger;

    public ExploreLimits Limits => limits;

    /// <param name="question">Which events.</param>
    /// <param name="page">Which part of them.</param>
    /// <param name="keep">Which of them are items; null for all.</param>
    /// <param name="cancel">Ends the read.</param>
    public async ValueTask<ExplorePage<RecordedEvent>> Read(
        Question question, PageRequest page, Func<RecordedEvent, bool>? keep, CancellationToken cancel)
    {
        var range = await RangeOf(question, cancel);
        var span = range.Between(page.After, page.Before);
        var progress = new Progress(page.Backward, span, page.Limit, limits.BytesMax);
        if (!span.IsEmpty)
            await Fill(progress, question, page.Backward, keep, cancel);
        var isOver = span.IsEmpty || progress.HasReachedEnd;
        return new ExplorePage<RecordedEvent>(
            progress.Items.ToImmutable(),
            isOver ? null : progress.Reached,
            PrevOf(page.Backward, range, span),
            progress.Searched,
            isOver ? EarlyStop.None : progress.Stop);
    }

    private async ValueTask Fill(
        Progress progress, Question question, bool backward, Func<RecordedEvent, bool>? keep, CancellationToken cancel)
    {
        var cut = question.IsNarrow ? progress.Span : progress.Span.CutTo(limits.ScannedMax, backward);
        var request = new ReadRequest
        {
            Tenant = question.Tenant,
            Query = question.Query,
            After = cut.After,
            Before = cut.Before,
            Backward = backward,
        };
        var cost = 0L;
        try
        {
            await foreach (var one in question.AcrossTenants ? ledger.ReadAcrossTenants(request, cancel) : ledger.Read(request, cancel))
            {
                foreach (var recorded in one.Events)
                {
                    if (progress.Take(recorded, keep))
                        return;
                }

                var passed = progress.PassTo(one.ScannedTo);
                cost += one.Events.IsEmpty ? passed : one.Events.Length;
                if (cost < limits.ScannedMax)
                    continue;
                progress.Stop = EarlyStop.Scanned;
                return;
            }

            progress.Stop = EarlyStop.Scanned; // of a span that was cut, or the end
        }
        catch (LedgerDamagedException) when (progress.Items.Count > 0)
        {
            progress.Stop = EarlyStop.Damage;
        }
    }

    private async ValueTask<Span> RangeOf(Question question, CancellationToken cancel)
    {
        var readable = await ledger.ReadRange(cancel);
        var after = question.From is { } from ? await from.Before(ledger, cancel) : 0;
        var through = question.To is { } to ? await to.Through(ledger, cancel) : long.MaxValue;
        return new Span(Math.Max(after, readable.First - 1), Math.Min(through, readable.Head) + 1);
    }

    private static long? PrevOf(bool backward, Span range, Span span) => backward
        ? span.Before < range.Before ? span.Before - 1 : null
        : span.After > range.After ? span.After + 1 : null;

    /// <summary>What a read is about.</summary>
    internal sealed record Question(
        string Tenant, EventQuery Query, bool IsNarrow, LedgerPlace? From = null, LedgerPlace? To = null, bool AcrossTenants = false)
    {
        public static Question Of(EventFilter filter, bool acrossTenants = false) =>
            new(filter.Tenant, filter.ToQuery(), filter.IsNarrow && !acrossTenants, filter.From, filter.To, acrossTenants);
    }

    /// <summary>Positions between two, both excluded.</summary>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Span(long After, long Before)
    {
        public bool IsEmpty => After >= Before - 1;

        /// <summary>What of it lies between two positions: never beyond its end, where positions may still be taken.</summary>
        public Span Between(long? after, long? before) => new(
            Math.Clamp(after ?? After, After, Math.Max(After, Before - 1)), Math.Min(Before, before ?? Before));

        public Span CutTo(long positions, bool backward) => Before - After - 1 <= positions ? this
            : backward ? this with { After = Before - positions - 1 }
            : this with { Before = After + positions + 1 };
    }

    /// <summary>How far a page has come.</summary>
    private sealed class Progress(bool backward, Span span, int itemsMax, long bytesMax)
    {
        private long _bytes;

        public Span Span => span;

        public ImmutableArray<RecordedEvent>.Builder Items { get; } = ImmutableArray.CreateBuilder<RecordedEvent>();

        /// <summary>Everything from the beginning to here was looked at; backward from the end down to here.</summary>
        public long Reached { get; private set; } = backward ? span.Before : span.After;

        public EarlyStop Stop { get; set; }

        public bool HasReachedEnd => backward ? Reached <= span.After + 1 : Reached >= span.Before - 1;

        public Searched Searched => backward
            ? new Searched(Reached, span.Before - 1, Items.Count)
            : new Searched(span.After + 1, Reached, Items.Count);

        /// <summary>Takes one event, and answers whether the page ends with it.</summary>
        public bool Take(RecordedEvent recorded, Func<RecordedEvent, bool>? keep)
        {
            Reached = recorded.Position;
            if (keep is not null && !keep(recorded))
                return false;
            Items.Add(recorded);
            if (Items.Count == itemsMax)
                return true;
            _bytes += recorded.Data.Length;
            if (_bytes < bytesMax)
                return false;
            Stop = EarlyStop.Bytes;
            return true;
        }

        /// <summary>Goes on to a position, and answers how far that was from the last match.</summary>
        public long PassTo(long position)
        {
            var passed = Math.Abs(position - Reached);
            Reached = position;
            return passed;
        }
    }
}
