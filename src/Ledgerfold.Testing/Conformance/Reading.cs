using Xunit;

namespace Ledgerfold.Testing.Conformance;

public abstract class Reading(LedgerBackend backend) : LedgerConformance(backend)
{
    [Fact]
    public async Task Finds_what_a_plain_filter_finds_in_every_direction_and_range()
    {
        var all = await Fill(streams: 4, appends: 6);
        var head = all.Count;
        EventQuery[] queries = [EventQuery.All, EventQuery.OfStream("order-1"), EventQuery.Tagged("third:0"), EventQuery.OfTypes("Never")];
        foreach (var query in queries)
        {
            foreach (var request in
                     from after in new long[] { 0, 1, head / 2, head - 1, head, head + 1, head + 100, long.MaxValue }
                     from before in new long[] { 0, 1, 2, head / 2, head, head + 1, head + 2, long.MaxValue }
                     from limit in new long?[] { null, 0, 1, 3, head, long.MaxValue }
                     from backward in new[] { false, true }
                     select new ReadRequest { Query = query, After = after, Before = before, Limit = limit, Backward = backward })
            {
                await Holds(request, all);
            }
        }
    }

    [Fact]
    public async Task Finds_what_a_plain_filter_finds_for_random_queries()
    {
        var all = await Fill(streams: 5, appends: 300);
        var queries = new RandomRequests(new Random(20_260_101), all.Count);
        for (var i = 0; i < 300; i++)
        {
            var request = queries.Read();
            await Holds(request, all);
            await Holds(request, all, acrossTenants: true);
        }
    }

    [Fact]
    public async Task An_empty_ledger_gives_one_page_that_is_caught_up_at_zero()
    {
        foreach (var backward in new[] { false, true })
        {
            var pages = await Pages(new ReadRequest { Backward = backward });
            Same("the pages of an empty ledger", "[] scanned to 0, caught up", Spoken.Of(pages));
        }
    }

    [Fact]
    public async Task Of_all_leaves_out_the_platforms_own_events()
    {
        await Append("$audit-1", Event("Seen", "x:1"));
        await Append("order-1", Event("Seen", "x:1"));
        await Append("$timer-1", Event("Seen", "x:1"));

        SamePositions("all", [2], await Read(EventQuery.All));
        SamePositions("an item without parts", [2], await Read(EventQuery.Of(new QueryItem())));
        SamePositions("by type", [2], await Read(EventQuery.OfTypes("Seen")));
        SamePositions("by tag", [2], await Read(EventQuery.Tagged("x:1")));
        SamePositions("by category, named", [1], await Read(EventQuery.OfCategory("$audit")));
        SamePositions("by stream, named", [3], await Read(EventQuery.OfStream("$timer-1")));
        SamePositions("by category without its $", [], await Read(EventQuery.OfCategory("audit")));
        SamePositions(
            "named beside the others",
            [1, 2],
            await Read(new EventQuery { Items = [new QueryItem(), new QueryItem { Category = "$audit" }] }));
        SamePositions("all of all tenants", [2], await Read(new ReadRequest(), acrossTenants: true));
    }

    [Fact]
    public async Task Takes_types_as_any_tags_as_all_and_items_as_any()
    {
        await Append("order-1", Event("A", "x:1"), Event("B", "x:1", "y:1"), Event("C", "y:1"), Event("A"));

        SamePositions("types", [1, 2, 4], await Read(EventQuery.OfTypes("A", "B")));
        SamePositions("one tag", [1, 2], await Read(EventQuery.Tagged("x:1")));
        SamePositions("two tags", [2], await Read(EventQuery.Tagged("x:1", "y:1")));
        SamePositions("a tag given twice", [1, 2], await Read(EventQuery.Tagged("x:1", "x:1")));
        SamePositions("type and tag", [2], await Read(EventQuery.Of(new QueryItem { Types = ["B", "C", "B"], Tags = ["x:1"] })));
        SamePositions(
            "items that overlap give an event once",
            [1, 2, 4],
            await Read(new EventQuery
            {
                Items = [new QueryItem { Types = ["A"] }, new QueryItem { Tags = ["x:1"] }, new QueryItem { Types = ["A"] }],
            }));
        SamePositions(
            "a stream that is not of the category",
            [],
            await Read(EventQuery.Of(new QueryItem { Stream = "order-1", Category = "stock" })));
        SamePositions(
            "a stream that is of the category",
            [1, 2, 3, 4],
            await Read(EventQuery.Of(new QueryItem { Stream = "order-1", Category = "order" })));
    }

    [Fact]
    public async Task Takes_the_category_up_to_the_first_dash()
    {
        await Append("order-1", Event());
        await Append("orderLine-1", Event());
        await Append("order-line-1", Event());
        await Append("orders-1", Event());

        SamePositions("order", [1, 3], await Read(EventQuery.OfCategory("order")));
        SamePositions("orderLine", [2], await Read(EventQuery.OfCategory("orderLine")));
        SamePositions("ord", [], await Read(EventQuery.OfCategory("ord")));
        SamePositions("the stream order-line-1", [3], await Read(EventQuery.OfStream("order-line-1")));
    }

    [Fact]
    public async Task Finds_a_conversation_by_its_tag()
    {
        await Append(
            "order-1", Event("A", "x:1") with { CorrelationId = "talk" }, Event("A", "x:1"), Event("B") with { CorrelationId = "talk2" });
        await Append("stock-1", Event("C") with { CorrelationId = "talk" });

        SamePositions("the conversation", [1, 4], await Read(EventQuery.OfCorrelation("talk")));
        SamePositions("with a tag", [1], await Read(EventQuery.Tagged("correlation:talk", "x:1")));
        SamePositions("another one", [], await Read(EventQuery.OfCorrelation("alk")));
        Same("the tags are those that were given", "x:1", string.Join(' ', (await ReadStream("order-1"))[0].Tags));
    }

    [Fact]
    public async Task Goes_on_behind_what_it_scanned_without_a_gap()
    {
        var all = await Fill(streams: 3, appends: 40);
        foreach (var backward in new[] { false, true })
        {
            foreach (var limit in new[] { 1, 7, 100 })
            {
                var request = new ReadRequest { Query = EventQuery.Tagged("third:1"), Limit = limit, Backward = backward };
                var got = new List<RecordedEvent>();
                for (var rounds = 0; rounds <= all.Count; rounds++)
                {
                    var pages = await Pages(request);
                    got.AddRange(pages.SelectMany(page => page.Events));
                    request = backward ? request with { Before = pages[^1].ScannedTo } : request with { After = pages[^1].ScannedTo };
                    if (pages[^1].CaughtUp)
                        break;
                }

                var expected = all
                    .Where(one => one.Tenant == request.Tenant && request.Query.Matches(one))
                    .Select(one => one.Position);
                SamePositions(
                    $"pieces of {limit}, {(backward ? "backward" : "forward")}, each from where the last had scanned to",
                    backward ? expected.Reverse() : expected,
                    got);
            }
        }
    }

    [Fact]
    public async Task Without_a_match_still_says_how_far_it_looked()
    {
        await Append("order-1", Events(1_000));

        var pages = await Pages(new ReadRequest { Query = EventQuery.OfTypes("Never"), After = 10 });

        Assert.All(pages, page => Assert.True(page.Events.IsEmpty));
        Same("where it stopped", (1_000L, true), (pages[^1].ScannedTo, pages[^1].CaughtUp));
    }

    [Fact]
    public async Task Beyond_the_head_does_not_claim_what_may_still_come()
    {
        await Append("order-1", Events(3));
        foreach (var after in new[] { 3, 4, 100, long.MaxValue })
        {
            var pages = await Pages(new ReadRequest { After = after });
            Same($"where a read after {after} ended", "[] scanned to 3, caught up", Spoken.Of(pages.TakeLast(1)));
        }
    }

    [Fact]
    public async Task Ends_at_the_head_as_it_was_when_it_began()
    {
        await Append("order-1", Events(600));
        var got = new List<long>();
        await foreach (var page in Ledger.Read(new ReadRequest()))
        {
            got.AddRange(page.Events.Select(recorded => recorded.Position));
            await Append("order-1", Event());
            Assert.True(got.Count <= 600, "the read runs after a growing head");
        }

        Same("the events", string.Join(' ', Enumerable.Range(1, 600)), string.Join(' ', got));
    }

    [Fact]
    public async Task Comes_in_pages_of_bounded_size()
    {
        await Append("order-1", Events(3 * PageEventsMax));
        foreach (var backward in new[] { false, true })
        {
            var pages = await Pages(new ReadRequest { Backward = backward });
            Assert.All(pages, page => Assert.InRange(page.Events.Length, 0, PageEventsMax));
            Same("events in all", 3 * PageEventsMax, pages.Sum(page => page.Events.Length));
        }
    }

    [Fact]
    public async Task Can_be_left_before_its_end_and_taken_up_again()
    {
        await Append("order-1", Events(1_000));
        for (var i = 0; i < 50; i++)
        {
            await foreach (var page in Ledger.Read(new ReadRequest()))
            {
                Same("the first event", 1L, page.Events[0].Position);
                break;
            }
        }

        Same("all events, after many reads were left", 1_000, (await Read(EventQuery.All)).Count);
    }

    [Fact]
    public async Task Can_be_run_many_times_at_once()
    {
        var all = await Fill(streams: 4, appends: 100);
        var reads = Enumerable.Range(0, 8).Select(reader => Task.Run(async () =>
        {
            var queries = new RandomRequests(new Random(reader), all.Count);
            for (var i = 0; i < 20; i++)
                await Holds(queries.Read(), all);
            return true;
        }));
        await InTime(Task.WhenAll(reads), () => "the end of eight readers");
    }

    [Fact]
    public async Task Stops_when_cancelled()
    {
        await Append("order-1", Event());
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var page in Ledger.Read(new ReadRequest(), cancelled.Token))
                Assert.Fail($"a page came: {Spoken.Of([page])}");
        });
    }

    /// <summary>Appends of 1 to 4 events to a few streams of two tenants and the platform, with types and tags that overlap.</summary>
    private async Task<List<RecordedEvent>> Fill(int streams, int appends)
    {
        var requests = new RandomRequests(new Random(appends), 0);
        for (var a = 0; a < appends; a++)
        {
            var stream = (a % 7) switch { 3 => $"{RandomRequests.Platform}-1", _ => $"order-{a % streams}" };
            var events = Enumerable.Range(0, 1 + (a % 4)).Select(e => requests.Event() with { Tags = [$"third:{(a + e) % 3}", $"e:{e}"] });
            await Append(To(stream, [.. events]) with { Tenant = a % 5 == 4 ? RandomRequests.OtherTenant : Tenants.Default });
        }

        return await Read(new ReadRequest { Query = RandomRequests.Everything }, acrossTenants: true);
    }

    private async Task Holds(ReadRequest request, List<RecordedEvent> all, bool acrossTenants = false)
    {
        var pages = await Pages(request, acrossTenants);
        if (PageRules.FirstBroken(request, acrossTenants ? null : request.Tenant, pages, all) is { } broken)
            Assert.Fail(acrossTenants ? $"across tenants:\n{broken}" : broken);
    }
}
