namespace Ledgerfold.Model.Folding;

/// <summary>Reads that ask for one event.</summary>
internal static class FirstOfRead
{
    /// <summary>The first event that a read comes to; null where there is none.</summary>
    public static async ValueTask<RecordedEvent?> First(this IAsyncEnumerable<EventPage> pages)
    {
        await foreach (var page in pages)
        {
            if (page.Events is [var first, ..])
                return first;
        }

        return null;
    }

    /// <summary>How old the first event behind a position is that matches, whosever it is; nothing where there is none.</summary>
    public static async ValueTask<TimeSpan> ReadLag(
        this ILedger ledger, EventQuery query, long position, TimeProvider clock, CancellationToken cancel)
    {
        var request = new ReadRequest { Query = query, After = position, Limit = 1 };
        return await ledger.ReadAcrossTenants(request, cancel).First() is { } oldest
            && clock.GetUtcNow() - oldest.RecordedAt is var age && age > TimeSpan.Zero ? age : TimeSpan.Zero;
    }
}
