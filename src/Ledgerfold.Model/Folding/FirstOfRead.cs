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
}
