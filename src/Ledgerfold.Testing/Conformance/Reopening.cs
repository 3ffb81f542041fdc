using Xunit;

namespace Ledgerfold.Testing.Conformance;

public abstract class Reopening(LedgerBackend backend) : LedgerConformance(backend)
{
    [Fact]
    public async Task An_empty_ledger_is_still_empty()
    {
        await Reopen();

        Same("the range", new LedgerRange(1, 0), await Ledger.ReadRange());
        await Answers(To("order-1", Event()), new AppendOutcome.Appended(1, 1, [new("order-1", 1)], false));
    }

    [Fact]
    public async Task Goes_on_with_the_next_position_and_version()
    {
        for (var round = 0; round < 5; round++)
        {
            await Answers(
                To("order-1", Expectation.Exactly(2 * round), Events(2)),
                new AppendOutcome.Appended((2 * round) + 1, (2 * round) + 2, [new("order-1", (2 * round) + 2)], false));
            await Reopen();
            Same("the range", new LedgerRange(1, (2 * round) + 2), await Ledger.ReadRange());
            Same("the head of the stream", new StreamHead((2 * round) + 2, false), await HeadOf("order-1"));
        }

        SamePositions("all events", Enumerable.Range(1, 10).Select(p => (long)p), await Read(EventQuery.All));
    }

    [Fact]
    public async Task Remembers_every_repeat()
    {
        var items = Events(4);
        var (other, refused) = (Event(), Event());
        var whole = new AppendRequest
        {
            Writes = [Write("order-1", Expectation.NoStream, items), Write("order-2", Expectation.Any, other)],
        };
        await Append(whole);
        await Append("order-1", Event());
        await Answer<AppendOutcome.WrongVersion>(To("order-1", Expectation.NoStream, refused));

        await Reopen();

        await Answers(whole, new AppendOutcome.Appended(1, 5, [new("order-1", 4), new("order-2", 1)], true), "the whole append");
        await Answers(To("order-1", items[1..3]), new AppendOutcome.Appended(2, 3, [new("order-1", 3)], true), "a part of it");
        await Answers(To("order-2", items[0]), new AppendOutcome.IdConflict(items[0].Id, 1), "another stream");
        await Answers(To("order-1", items[3] with { Type = "Other" }), new AppendOutcome.IdConflict(items[3].Id, 4), "other content");
        await Answers(To("order-1", items[1], items[0]), new AppendOutcome.MixedRepeat(items[0].Id), "another order");
        await Answers(To("order-1", items[0], refused), new AppendOutcome.MixedRepeat(refused.Id), "with a new event");
        await Answers(
            To("order-1", Expectation.Exactly(5), refused),
            new AppendOutcome.Appended(7, 7, [new("order-1", 6)], false),
            "what was refused is new");
    }

    [Fact]
    public async Task Still_guards_with_conditions()
    {
        await Append("order-1", Event("Booked", "seat:1"));
        await Append("order-1", Event("Booked", "seat:2"));

        await Reopen();

        var request = To("order-2", Event("Booked", "seat:1"));
        await Answers(
            request with { Condition = new AppendCondition(EventQuery.Tagged("seat:1"), 0) }, new AppendOutcome.ConditionFailed(1));
        await Append(request with { Condition = new AppendCondition(EventQuery.Tagged("seat:1"), 1) });
    }

    [Fact]
    public async Task Finds_the_same_events_by_every_way()
    {
        var requests = new RandomRequests(new Random(11), 0);
        for (var a = 0; a < 100; a++)
            await Append(
                To(
                    requests.Stream(),
                    [.. Enumerable.Range(0, 1 + (a % 3)).Select(_ => requests.Event())]) with
                { Tenant = requests.Tenant() });
        var all = await Read(new ReadRequest { Query = RandomRequests.Everything }, acrossTenants: true);
        requests.Head = all.Count;

        await Reopen();

        var again = await Read(new ReadRequest { Query = RandomRequests.Everything }, acrossTenants: true);
        Assert.Equal(
            all.ConvertAll(one => $"{one.RecordedAt:O} {Spoken.Of(one)}"), again.ConvertAll(one => $"{one.RecordedAt:O} {Spoken.Of(one)}"));
        foreach (var recorded in all)
            Same($"the event {recorded.Id}", Spoken.Of(recorded), Spoken.Of(await Ledger.ReadById(recorded.Tenant, recorded.Id)));
        for (var i = 0; i < 100; i++)
        {
            var request = requests.Read();
            if (PageRules.FirstBroken(request, request.Tenant, await Pages(request), all) is { } broken)
                Assert.Fail(broken);
        }
    }

    [Fact]
    public async Task Never_lets_the_recorded_time_go_back()
    {
        for (var round = 0; round < 3; round++)
        {
            await Append("order-1", Events(3));
            await Reopen();
        }

        var times = (await Read(EventQuery.All)).ConvertAll(recorded => recorded.RecordedAt);
        Assert.Equal(times.Order(), times);
    }

    [Fact]
    public async Task Finds_everything_after_many_restarts_with_little_in_between()
    {
        var items = Events(12);
        for (var i = 0; i < items.Length; i++)
        {
            await Answers(
                To("order-1", Expectation.Exactly(i), items[i]), new AppendOutcome.Appended(i + 1, i + 1, [new("order-1", i + 1)], false));
            await Append(new AppendRequest { CursorMoves = [new CursorMove { Consumer = "c", Expected = i, Next = i + 1 }] });
            await Reopen();
            await Reopen();
        }

        SamePositions("all events", Enumerable.Range(1, items.Length).Select(p => (long)p), await Read(EventQuery.All));
        Same("the cursor", (long)items.Length, (await CursorOf("c")).Position);
        for (var i = 0; i < items.Length; i++)
            await Answers(To("order-1", items[i]), new AppendOutcome.Appended(i + 1, i + 1, [new("order-1", i + 1)], true));
    }
}
