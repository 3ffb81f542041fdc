using Ledgerfold.Model.Exploring;
using Ledgerfold.Testing;

namespace Ledgerfold.Model.Tests.Exploring;

#pragma warning disable xUnit1051 // nothing here waits long

public sealed class Listing_events
{
    private static readonly EventFilter Everything = new();

    [Theory]
    [InlineData(Backend.InMemory)]
    [InlineData(Backend.Embedded)]
    public async Task Begins_and_ends_at_a_position_or_a_time_both_included(Backend backend)
    {
        await using var world = new ExploringWorld(backend);
        var events = new EventExplorer(world.Ledger);
        var noon = world.Clock.GetUtcNow();
        await world.Append("order-1", world.Event("A"));
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        await world.Append("order-1", world.Event("B"), world.Event("C"));
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        await world.Append("order-1", world.Event("D"));

        Assert.Equal("BCD", await Types(Everything with { From = LedgerPlace.At(noon.AddMinutes(1)) }));
        Assert.Equal("D", await Types(Everything with { From = LedgerPlace.At(noon.AddMinutes(1).AddMicroseconds(1)) }));
        Assert.Equal("ABC", await Types(Everything with { To = LedgerPlace.At(noon.AddMinutes(1)) }));
        Assert.Equal("A", await Types(Everything with { To = LedgerPlace.At(noon.AddMinutes(1).AddMicroseconds(-1)) }));
        Assert.Equal("BC", await Types(Everything with { From = LedgerPlace.At(2), To = LedgerPlace.At(3) }));
        Assert.Equal("", await Types(Everything with { From = LedgerPlace.At(noon.AddHours(1)) }));
        Assert.Equal("", await Types(Everything with { To = LedgerPlace.At(noon.AddHours(-1)) }));
        Assert.Equal("ABCD", await Types(Everything with { From = LedgerPlace.At(0), To = LedgerPlace.At(long.MaxValue) }));
        Assert.Equal("ABCD", await Types(Everything with { From = LedgerPlace.At(DateTimeOffset.MinValue), To = LedgerPlace.At(DateTimeOffset.MaxValue) }));

        async Task<string> Types(EventFilter filter) => string.Concat((await events.List(filter, new PageRequest())).Items.Select(one => one.Type));
    }

    [Fact]
    public async Task Says_what_it_searched_and_where_it_goes_on()
    {
        await using var world = new ExploringWorld();
        for (var n = 0; n < 10; n++)
            await world.Append("order-1", world.Event("A"));
        var events = new EventExplorer(world.Ledger);

        var first = await events.List(Everything, new PageRequest { Limit = 4 });
        var second = await events.List(Everything, new PageRequest { Limit = 4, After = first.Next });
        var third = await events.List(Everything, new PageRequest { Limit = 4, After = second.Next });
        var back = await events.List(Everything, new PageRequest { Limit = 4, Before = third.Prev, Backward = true });
        var newest = await events.List(Everything, new PageRequest { Limit = 4, Backward = true });

        Assert.Equal((4, null, new Searched(1, 4, 4), EarlyStop.None), (first.Next, first.Prev, first.Searched, first.Stop));
        Assert.Equal((8, 5, new Searched(5, 8, 4)), (second.Next, second.Prev, second.Searched));
        Assert.Equal((null, 9, new Searched(9, 10, 2)), (third.Next, third.Prev, third.Searched));
        Assert.Equal([8, 7, 6, 5], back.Items.Select(one => one.Position));
        Assert.Equal((5, 8, new Searched(5, 8, 4)), (back.Next, back.Prev, back.Searched));
        Assert.Equal((7, null), (newest.Next, newest.Prev));
        Assert.Equal(4, first.Searched.Scanned);
        Assert.Equal(new Searched(11, 10, 0), (await events.List(Everything, new PageRequest { After = 99 })).Searched); // 11 may still come
    }

    [Theory]
    [InlineData(Backend.InMemory)]
    [InlineData(Backend.Embedded)]
    public async Task Stops_where_it_looked_at_much_in_vain_and_goes_on_from_there(Backend backend)
    {
        await using var world = new ExploringWorld(backend);
        for (var n = 0; n < 30; n++)
            await world.Append("order-1", world.Event(n == 29 ? "Rare" : "A", tags: n == 29 ? ["a:1", "b:1"] : n % 2 == 0 ? ["a:1"] : ["b:1"]));
        var events = new EventExplorer(world.Ledger, new ExploreLimits { ScannedMax = 10 });
        var filter = Everything with { Tags = ["a:1", "b:1"] };

        var pages = new List<ExplorePage<RecordedEvent>> { await events.List(filter, new PageRequest()) };
        while (pages[^1].Next is { } next)
            pages.Add(await events.List(filter, new PageRequest { After = next }));

        Assert.Equal([EarlyStop.Scanned, EarlyStop.Scanned, EarlyStop.None], pages.Select(page => page.Stop));
        Assert.Equal([new(1, 10, 0), new(11, 20, 0), new(21, 30, 1)], pages.Select(page => page.Searched));
        Assert.Equal("Rare", Assert.Single(pages[^1].Items).Type);
    }

    [Theory]
    [InlineData(Backend.InMemory)]
    [InlineData(Backend.Embedded)]
    public async Task Counts_what_an_index_passes_over_as_no_work(Backend backend)
    {
        await using var world = new ExploringWorld(backend);
        await world.Append("order-1", world.Event("First"));
        await world.Append("stock-1", [.. Enumerable.Range(0, 300).Select(_ => world.Event("A"))]);
        await world.Append("order-1", world.Event("Last"));
        var events = new EventExplorer(world.Ledger, new ExploreLimits { ScannedMax = 100 });

        var found = await events.List(Everything with { Stream = "order-1" }, new PageRequest { Limit = 1 });
        var rest = await events.List(Everything with { Stream = "order-1" }, new PageRequest { After = found.Next });

        Assert.Equal(("First", "Last"), (Assert.Single(found.Items).Type, Assert.Single(rest.Items).Type));
        Assert.Equal((null, EarlyStop.None), (rest.Next, rest.Stop));
    }

    [Fact]
    public async Task Ends_a_page_that_has_many_bytes()
    {
        await using var world = new ExploringWorld();
        for (var n = 0; n < 5; n++)
            await world.Append("order-1", world.Event("A") with { Data = new byte[60] });
        var events = new EventExplorer(world.Ledger, new ExploreLimits { BytesMax = 100 });

        var page = await events.List(Everything, new PageRequest());

        Assert.Equal((2, 2, EarlyStop.Bytes), (page.Items.Length, page.Next, page.Stop));
    }

    [Fact]
    public async Task Gives_what_stands_before_a_damaged_place_and_then_says_what_it_is()
    {
        await using var world = new ExploringWorld();
        await world.Append("order-1", [.. Enumerable.Range(0, 300).Select(n => world.Event(n == 270 ? "Broken" : "A"))]);
        var damaged = new WatchedLedger(world.Ledger)
        {
            OnRead = static one => one.Type == "Broken" ? throw new LedgerDamagedException("It is broken", "segment-1", 7, one.Position) : one,
        };
        var events = new EventExplorer(damaged);

        var page = await events.List(Everything, new PageRequest { Limit = 1_000 });

        Assert.Equal((256, 256, EarlyStop.Damage), (page.Items.Length, page.Next, page.Stop));
        await Assert.ThrowsAsync<LedgerDamagedException>(async () => await events.List(Everything, new PageRequest { After = page.Next }));
    }

    [Fact]
    public async Task Never_shows_another_tenants_events_unless_asked_across_all()
    {
        await using var world = new ExploringWorld();
        await world.Append("order-1", world.Event("Ours"));
        await world.AppendAs("acme", "order-1", world.Event("Theirs"));
        var events = new EventExplorer(world.Ledger);

        Assert.Equal("Ours", Assert.Single((await events.List(Everything, new PageRequest())).Items).Type);
        Assert.Equal(["Ours", "Theirs"], (await events.ListAcrossTenants(Everything, new PageRequest())).Items.Select(one => one.Type));
        Assert.Null(await events.Find(2));
        Assert.Equal("Theirs", (await events.Find(2, "acme"))?.Type);
        Assert.Null(await events.Find(ExploringWorld.IdOf(2)));
    }

    [Theory]
    [InlineData(Backend.InMemory)]
    [InlineData(Backend.Embedded)]
    public async Task Finds_one_event_by_its_id_or_its_position(Backend backend)
    {
        await using var world = new ExploringWorld(backend);
        await world.Append("order-1", world.Event("A"));
        await world.Append("$command-x", world.Event("B"));
        var events = new EventExplorer(world.Ledger);

        Assert.Equal("A", (await events.Find(ExploringWorld.IdOf(1)))?.Type);
        Assert.Equal(("A", "B"), ((await events.Find(1))?.Type, (await events.Find(2))?.Type));
        Assert.Null(await events.Find(0) ?? await events.Find(3) ?? await events.Find(-1));
        Assert.Null(await events.Find(ExploringWorld.IdOf(9)));
    }

    [Theory]
    [InlineData("limit", 0)]
    [InlineData("limit", 1_001)]
    [InlineData("after", 50, -1L)]
    [InlineData("before", 50, null, -1L)]
    public async Task Refuses_a_page_that_breaks_a_rule(string field, int limit, long? after = null, long? before = null)
    {
        await using var world = new ExploringWorld();
        var events = new EventExplorer(world.Ledger);
        var page = new PageRequest { Limit = limit, After = after, Before = before };

        Assert.Equal(field, page.Check(events.Limits)?.Field);
        await Assert.ThrowsAsync<ArgumentException>(async () => await events.List(Everything, page));
    }

    [Fact]
    public void Names_the_part_of_a_filter_that_breaks_a_rule()
    {
        Assert.Equal("tags", (Everything with { Tags = ["nocolon"] }).Check()?.Field);
        Assert.Equal("category", (Everything with { Category = "1x" }).Check()?.Field);
        Assert.Equal("stream", (Everything with { Stream = "nodash" }).Check()?.Field);
        Assert.Equal("tenant", (Everything with { Tenant = "" }).Check()?.Field);
        Assert.Null((Everything with { Stream = "order-1", Types = ["A"], CorrelationId = "c" }).Check());
    }

    [Theory]
    [InlineData("42", true)]
    [InlineData("2026-01-31", true)]
    [InlineData("2026-01-31T12:00Z", true)]
    [InlineData("2026-01-31T12:00:00.123456+02:00", true)]
    [InlineData("-1", false)]
    [InlineData("1/31/2026", false)]
    [InlineData("now", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void Takes_a_position_or_an_iso_time_as_a_place(string? text, bool isPlace) => Assert.Equal(isPlace, LedgerPlace.TryParse(text, out _));

    [Fact]
    public void Takes_a_time_without_an_offset_as_utc()
    {
        Assert.True(LedgerPlace.TryParse("2026-01-31T12:00:00", out var plain));
        Assert.True(LedgerPlace.TryParse("2026-01-31T14:00:00+02:00", out var offset));

        Assert.Equal(LedgerPlace.At(new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero)), plain);
        Assert.Equal(plain, offset);
    }

    /// <summary>The oracle knows events and conditions; nothing of pages, indexes, windows and early stops.</summary>
    [Theory]
    [InlineData(Backend.InMemory)]
    [InlineData(Backend.Embedded)]
    public async Task Shows_every_match_once_whatever_the_pages(Backend backend)
    {
        for (ulong seed = 1; seed <= 8; seed++)
        {
            var random = new SeededRandom(seed);
            await using var world = new ExploringWorld(backend);
            await Fill(world, random);
            var all = (await world.Ledger.All()).ToList();
            for (var question = 0; question < 60; question++)
            {
                var (filter, isWithin) = RandomQuestion(random, all);
                var backward = random.Coin();
                var limits = new ExploreLimits { ScannedMax = random.Between(1, 90), BytesMax = random.Between(1, 60) };
                var expected = all.Where(one => IsAskedFor(filter, one) && isWithin(one)).Select(one => one.Position);
                var found = await ReadAll(new EventExplorer(world.Ledger, limits), filter, backward, random.Between(1, 9));
                Assert.True((backward ? expected.Reverse() : expected).SequenceEqual(found), $"seed {seed}, question {question}: {filter}");
            }
        }
    }

    private static async Task<List<long>> ReadAll(EventExplorer events, EventFilter filter, bool backward, int limit)
    {
        var found = new List<long>();
        var page = new PageRequest { Backward = backward, Limit = limit };
        while (true)
        {
            var part = await events.List(filter, page);
            Assert.Equal(part.Items.Length, part.Searched.Matched);
            Assert.True(part.Items.Length <= limit);
            Assert.All(part.Items, one => Assert.InRange(one.Position, part.Searched.From, part.Searched.To));
            found.AddRange(part.Items.Select(one => one.Position));
            if (part.Next is not { } next)
                return found;
            Assert.True(part.Searched.Scanned > 0, "it goes on");
            page = backward ? page with { Before = next } : page with { After = next };
        }
    }

    private static async Task Fill(ExploringWorld world, SeededRandom random)
    {
        for (var append = 0; append < 60; append++)
        {
            if (random.Coin())
                world.Clock.Advance(TimeSpan.FromMilliseconds(random.Below(3)));
            var events = Enumerable.Range(0, random.Between(1, 4)).Select(_ => world.Event(
                random.Pick(["A", "B", "C"]), random.Coin() ? random.Pick(["c-1", "c-2"]) : null, tags: random.Coin() ? ["t:1"] : random.Coin() ? ["t:1", "u:1"] : []));
            await world.AppendAs(random.OneIn(5) ? "acme" : Tenants.Default, random.Pick(["order-1", "order-2", "stock-1", "$command-1"]), [.. events]);
        }
    }

    private static (EventFilter Filter, Func<RecordedEvent, bool> IsWithin) RandomQuestion(SeededRandom random, List<RecordedEvent> all)
    {
        var (from, isBehind) = random.OneIn(3) ? RandomPlace(random, all) : (null, static _ => 0);
        var (to, isBefore) = random.OneIn(3) ? RandomPlace(random, all) : (null, static _ => 0);
        var filter = new EventFilter
        {
            Stream = random.OneIn(5) ? random.Pick(["order-1", "stock-1", "none-1"]) : null,
            Category = random.OneIn(5) ? random.Pick(["order", "stock"]) : null,
            Types = random.OneIn(3) ? random.Coin() ? ["A"] : ["B", "C"] : [],
            Tags = random.OneIn(3) ? random.Coin() ? ["t:1"] : ["u:1", "t:1"] : [],
            CorrelationId = random.OneIn(4) ? "c-1" : null,
            From = from,
            To = to,
        };
        return (filter, one => isBehind(one) >= 0 && isBefore(one) <= 0);
    }

    private static (LedgerPlace? Place, Func<RecordedEvent, int> Compare) RandomPlace(SeededRandom random, List<RecordedEvent> all)
    {
        if (random.Coin())
        {
            var time = random.Pick(all).RecordedAt.AddMicroseconds(random.Between(-1, 1));
            return (LedgerPlace.At(time), one => one.RecordedAt.CompareTo(time));
        }

        var position = random.Below(all.Count + 50L);
        return (LedgerPlace.At(position), one => one.Position.CompareTo(position));
    }

    private static bool IsAskedFor(EventFilter filter, RecordedEvent one) =>
        !one.Stream.StartsWith('$')
        && (filter.Stream is null || one.Stream == filter.Stream)
        && (filter.Category is null || one.Stream.Split('-')[0] == filter.Category)
        && (filter.Types.IsEmpty || filter.Types.Contains(one.Type))
        && filter.Tags.All(tag => one.Tags.Contains(tag))
        && (filter.CorrelationId is null || one.CorrelationId == filter.CorrelationId);
}
