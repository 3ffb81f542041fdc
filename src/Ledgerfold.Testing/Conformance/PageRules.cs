namespace Ledgerfold.Testing.Conformance;

/// <summary>
/// What holds for the pages of every read that ends, checked against a plain filter of all events. Where pages are cut is the backend's
/// affair; what a page claims to have looked at is not.
/// </summary>
internal static class PageRules
{
    /// <summary>
    /// The first rule that the pages break, in words, or null; <paramref name="all"/> is every event of the ledger as it was when the read
    /// began, by position, and <paramref name="tenant"/> whose events are asked for, null for all tenants.
    /// </summary>
    public static string? FirstBroken(ReadRequest request, string? tenant, IReadOnlyList<EventPage> pages, IReadOnlyList<RecordedEvent> all)
    {
        var matching = all
            .Where(recorded => tenant is null || recorded.Tenant == tenant)
            .Where(recorded => recorded.Position > request.After && recorded.Position < request.Before && request.Query.Matches(recorded))
            .ToList();
        if (request.Backward)
            matching.Reverse();
        var expected = request.Limit is { } limit ? matching[..(int)Math.Min(limit, matching.Count)] : matching;
        var broken = FirstBrokenByEvents(expected, [.. pages.SelectMany(page => page.Events)]);
        if (broken is null && request.Limit != 0)
            broken = FirstBrokenByProgress(request, pages, matching, all.Count);
        return broken is null ? null : $"asked:    {Spoken.Of(request)}\n{broken}\npages:    {Spoken.Of(pages)}";
    }

    private static string? FirstBrokenByEvents(List<RecordedEvent> expected, List<RecordedEvent> got)
    {
        var (wanted, came) = (Positions(expected), Positions(got));
        if (wanted != came)
            return $"expected: events {wanted}\ngot:      events {came}";
        for (var e = 0; e < expected.Count; e++)
        {
            var (one, other) = (Spoken.Of(expected[e]), Spoken.Of(got[e]));
            if (one != other)
                return $"expected: {one}\ngot:      {other}";
        }

        return null;

        static string Positions(List<RecordedEvent> events) => string.Join(' ', events.Select(recorded => recorded.Position));
    }

    private static string? FirstBrokenByProgress(
        ReadRequest request, IReadOnlyList<EventPage> pages, List<RecordedEvent> matching, long head)
    {
        var delivered = 0;
        var scanned = request.Backward ? long.MaxValue : 0;
        for (var p = 0; p < pages.Count; p++)
        {
            var (page, last) = (pages[p], p == pages.Count - 1);
            delivered += page.Events.Length;
            if (page.Events.Length > LedgerConformance.PageEventsMax)
                return $"expected: at most {LedgerConformance.PageEventsMax} events a page\ngot:      {page.Events.Length}";
            if (page.ScannedTo > head || page.ScannedTo < 0)
                return $"expected: scanned to 0..{head}, because a position above the head may still be taken\ngot:      {page.ScannedTo}";
            if (request.Backward ? page.ScannedTo > scanned : page.ScannedTo < scanned)
                return $"expected: progress from {scanned}\ngot:      scanned to {page.ScannedTo}";
            scanned = page.ScannedTo;
            if (!page.Events.All(one => request.Backward ? one.Position >= scanned : one.Position <= scanned))
                return $"expected: the events of page {p + 1} within what it scanned\ngot:      scanned to {scanned}";
            if (delivered < matching.Count && IsWithin(matching[delivered].Position, scanned, request.Backward))
                return $"expected: {matching[delivered].Position} before a page says that it scanned to {scanned}\ngot:      no such event";
            if (page.CaughtUp && (!last || delivered < matching.Count))
                return $"expected: caught up only at the end, after {matching.Count} events\ngot:      on page {p + 1} after {delivered}";
        }

        return request.Limit <= delivered ? null : FirstBrokenByEnd(request, pages, scanned, head);
    }

    private static bool IsWithin(long position, long scanned, bool backward) => backward ? position >= scanned : position <= scanned;

    private static string? FirstBrokenByEnd(ReadRequest request, IReadOnlyList<EventPage> pages, long scanned, long head)
    {
        if (pages is not [.., { CaughtUp: true }])
            return "expected: a last page that is caught up, because the read was not cut by its limit\ngot:      none";
        var after = Math.Min(request.After, head);
        if (request.Backward)
            return scanned <= after + 1 ? null : $"expected: scanned down to {after + 1}\ngot:      {scanned}";
        var end = Math.Max(after, Math.Min(request.Before - 1, head));
        return scanned == end ? null : $"expected: scanned to {end}\ngot:      {scanned}";
    }
}
