using Xunit;

namespace Ledgerfold.Testing.Conformance;

public abstract class Following(LedgerBackend backend) : LedgerConformance(backend)
{
    [Fact]
    public async Task Gives_what_stands_and_then_what_comes()
    {
        await Append("order-1", Events(3));
        await using var follower = Follow(new ReadRequest());

        SamePositions("what stood", [1, 2, 3], await follower.Take(3));
        await Append("order-1", Events(2));
        SamePositions("what came", [4, 5], await follower.Take(2));
        await Append("order-1", Event());
        SamePositions("what came then", [6], await follower.Take(1));
    }

    [Fact]
    public async Task Says_that_it_is_caught_up_before_it_waits()
    {
        await using var empty = Follow(new ReadRequest());
        Same("where a follower of an empty ledger waits", 0L, (await empty.UntilCaughtUp()).ScannedTo);

        await Append("order-1", Events(3));
        await using var behind = Follow(new ReadRequest());
        Same("where a follower from the start waits", 3L, (await behind.UntilCaughtUp()).ScannedTo);
        SamePositions("what it got before", [1, 2, 3], behind.Events);
        await using var atHead = Follow(new ReadRequest { After = 3 });
        Same("where a follower from the head waits", 3L, (await atHead.UntilCaughtUp()).ScannedTo);
        SamePositions("what it got before", [], atHead.Events);
    }

    [Fact]
    public async Task Begins_before_the_first_event()
    {
        await using var follower = Follow(new ReadRequest());
        var coming = follower.Take(1);
        await Append("order-1", Event());

        SamePositions("the first event", [1], await coming);
    }

    [Fact]
    public async Task Wakes_a_reader_that_waits()
    {
        await using var follower = Follow(new ReadRequest());
        for (var position = 1; position <= 100; position++)
        {
            var coming = follower.Take(1);
            await Append("order-1", Event());
            SamePositions("what came", [position], await coming);
        }
    }

    [Fact]
    public async Task Gives_each_event_once_and_in_order_while_many_append()
    {
        const int writers = 4, appends = 50;
        await using var follower = Follow(new ReadRequest());
        var writing = Task.WhenAll(Enumerable.Range(0, writers).Select(writer => Task.Run(async () =>
        {
            for (var a = 0; a < appends; a++)
                await Append($"order-{writer}", Events(1 + (a % 3)));
        })));
        var expected = writers * Enumerable.Range(0, appends).Sum(a => 1 + (a % 3));

        SamePositions("what came", Enumerable.Range(1, expected).Select(p => (long)p), await follower.Take(expected));
        await writing;
    }

    [Fact]
    public async Task Takes_up_where_a_page_had_scanned_to_while_many_append()
    {
        const int writers = 4, appends = 50, expected = writers * appends;
        var query = EventQuery.OfTypes("Wanted");
        var writing = Task.WhenAll(Enumerable.Range(0, writers).Select(writer => Task.Run(async () =>
        {
            for (var a = 0; a < appends; a++)
                await Append($"order-{writer}", Event("Other"), Event("Wanted"), Event("Other"));
        })));

        var (got, after) = (new List<RecordedEvent>(), 0L);
        while (got.Count < expected)
        {
            await using var follower = Follow(new ReadRequest { Query = query, After = after });
            for (var pages = 0; pages < 3 && got.Count < expected; pages++)
            {
                var page = await follower.Page();
                got.AddRange(page.Events);
                Assert.True(page.ScannedTo >= after, $"scanned to {page.ScannedTo} after {after}");
                after = page.ScannedTo;
            }
        }

        await writing;
        SamePositions("what came over many resumes", (await Read(query)).Select(recorded => recorded.Position), got);
        Same("events that came twice", 0, got.Count - got.DistinctBy(recorded => recorded.Id).Count());
    }

    [Fact]
    public async Task Lets_two_followers_each_see_everything()
    {
        await using var one = Follow(new ReadRequest());
        await using var other = Follow(new ReadRequest { Query = EventQuery.OfStream("order-1") });
        for (var a = 0; a < 20; a++)
            await Append($"order-{a % 2}", Event());

        SamePositions("the one", Enumerable.Range(1, 20).Select(p => (long)p), await one.Take(20));
        SamePositions("the other", Enumerable.Range(1, 10).Select(p => 2L * p), await other.Take(10));
    }

    [Fact]
    public async Task Tells_progress_where_nothing_matches()
    {
        await Append("order-1", Events(2));
        await using var follower = Follow(new ReadRequest { Query = EventQuery.OfTypes("Never") });
        Same("where it waits at first", 2L, (await follower.UntilCaughtUp()).ScannedTo);
        var coming = follower.UntilCaughtUp();
        await Append("order-1", Events(3));

        Same("where it waits after three more", 5L, (await coming).ScannedTo);
        SamePositions("what it got", [], follower.Events);
    }

    [Fact]
    public async Task Never_claims_more_than_the_head()
    {
        await using var follower = Follow(new ReadRequest { Query = EventQuery.OfTypes("Wanted") });
        for (var a = 1; a <= 20; a++)
        {
            await Append("order-1", Event(a % 3 == 0 ? "Wanted" : "Other"));
            EventPage page;
            do
            {
                page = await follower.Page();
                Assert.True(page.ScannedTo <= a, $"scanned to {page.ScannedTo}, but the head is {a}");
            }
            while (page.ScannedTo < a);
        }
    }

    [Fact]
    public async Task Beyond_the_head_waits_for_what_it_asks()
    {
        await Append("order-1", Events(2));
        await using var follower = Follow(new ReadRequest { After = 4 });
        var coming = follower.Take(1);
        for (var position = 3; position <= 6; position++)
            await Append("order-1", Event());

        SamePositions("what stands above 4", [5], (await coming)[..1]);
        Assert.All(follower.Pages, page => Assert.True(page.ScannedTo <= 6, $"scanned to {page.ScannedTo} of 6"));
    }

    [Fact]
    public async Task Ends_after_its_limit()
    {
        await Append("order-1", Events(2));
        await using var follower = Follow(new ReadRequest { Limit = 3 });
        SamePositions("the first two", [1, 2], await follower.Take(2));
        var coming = follower.Take(1);
        await Append("order-1", Events(5));

        SamePositions("the third", [3], await coming);
        Assert.False(await follower.Goes(), "a page came after the limit");
    }

    [Fact]
    public async Task Keeps_to_its_tenant_and_its_query()
    {
        await using var follower = Follow(new ReadRequest { Query = EventQuery.Tagged("x:1") });
        await using var across = Follow(new ReadRequest { Query = EventQuery.Tagged("x:1") }, acrossTenants: true);
        await Append(To("order-1", Event("A", "x:1")) with { Tenant = "other" });
        await Append("$audit-1", Event("A", "x:1"));
        await Append("order-1", Event("A", "x:2"));
        await Append("order-1", Event("A", "x:1"));

        SamePositions("one tenant's", [4], await follower.Take(1));
        SamePositions("all tenants'", [1, 4], await across.Take(2));
    }

    [Fact]
    public async Task Stops_when_cancelled()
    {
        using var stop = new CancellationTokenSource();
        await using var follower = Follow(new ReadRequest(), cancel: stop.Token);
        await follower.UntilCaughtUp();
        var waiting = follower.Goes();
        Assert.False(waiting.IsCompleted, "a follower at the head waits");
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await Append("order-1", Event());
        Same("the ledger after a cancelled follower", 1L, await Head());
    }

    [Fact]
    public async Task Stops_when_the_ledger_is_closed()
    {
        await using var follower = Follow(new ReadRequest());
        await follower.UntilCaughtUp();
        var waiting = follower.Goes();
        await Ledger.DisposeAsync();

        var ended = await InTime(Task.WhenAny(waiting), () => "the end of a follower of a closed ledger");
        Assert.True(ended.IsFaulted || ended.IsCanceled || !await ended, "a page came from a closed ledger");
    }

    [Fact]
    public async Task Slowly_holds_nobody_up_and_misses_nothing()
    {
        await Append("order-1", Event());
        await using var slow = Follow(new ReadRequest());
        SamePositions("the first", [1], await slow.Take(1));
        await using var quick = Follow(new ReadRequest());
        for (var a = 0; a < 200; a++)
            await Append("order-1", Events(5));

        SamePositions("the quick one", Enumerable.Range(1, 1001).Select(p => (long)p), await quick.Take(1001));
        SamePositions("the slow one", Enumerable.Range(2, 1000).Select(p => (long)p), await slow.Take(1000));
        Assert.All(slow.Pages, page => Assert.InRange(page.Events.Length, 0, PageEventsMax));
    }

    [Fact]
    public async Task Goes_on_after_a_restart_from_where_it_was()
    {
        await Append("order-1", Events(3));
        await using (var before = Follow(new ReadRequest()))
            await before.Take(3);

        await Reopen();

        await using var after = Follow(new ReadRequest { After = 3 });
        await after.UntilCaughtUp();
        var coming = after.Take(1);
        await Append("order-1", Event());
        SamePositions("what came", [4], await coming);
    }

    private Follower Follow(ReadRequest request, bool acrossTenants = false, CancellationToken cancel = default) =>
        new(this, request with { Follow = true }, acrossTenants, cancel);

    /// <summary>A following read that is asked for one page at a time, each in time.</summary>
    private sealed class Follower(Following situation, ReadRequest request, bool acrossTenants, CancellationToken cancel) : IAsyncDisposable
    {
        private readonly IAsyncEnumerator<EventPage> _pages = (acrossTenants
            ? situation.Ledger.ReadAcrossTenants(request, cancel)
            : situation.Ledger.Read(request, cancel)).GetAsyncEnumerator(cancel);

        private Task<bool>? _asked;

        public List<EventPage> Pages { get; } = [];

        public IEnumerable<RecordedEvent> Events => Pages.SelectMany(page => page.Events);

        /// <summary>Whether another page comes.</summary>
        public Task<bool> Goes() => _asked = _pages.MoveNextAsync().AsTask();

        public async Task<EventPage> Page()
        {
            var soFar = Pages.LastOrDefault()?.ScannedTo ?? request.After;
            Assert.True(
                await situation.InTime(Goes(), () => $"the page of the {Spoken.Of(request)}, which had come to {soFar}"),
                "the follow ended by itself");
            Pages.Add(_pages.Current);
            return _pages.Current;
        }

        /// <summary>The events of as many pages as it takes to have this many, or more where the last page brings more.</summary>
        public async Task<List<RecordedEvent>> Take(int count)
        {
            var events = new List<RecordedEvent>();
            while (events.Count < count)
                events.AddRange((await Page()).Events);
            return events;
        }

        public async Task<EventPage> UntilCaughtUp()
        {
            EventPage page;
            do
                page = await Page();
            while (!page.CaughtUp);
            return page;
        }

        public async ValueTask DisposeAsync()
        {
            // An enumerator that is still asked cannot be disposed; the ledger's own end will end it.
            if (_asked is null or { IsCompleted: true })
                await _pages.DisposeAsync();
        }
    }
}
