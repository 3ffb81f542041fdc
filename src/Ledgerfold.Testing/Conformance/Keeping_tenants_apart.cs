using Xunit;

namespace Ledgerfold.Testing.Conformance;

public abstract class Keeping_tenants_apart(LedgerBackend backend) : LedgerConformance(backend)
{
    private static readonly string[] Names = ["a", "b", "A", "ab", "a-", "a/b", "../a", "é", "e\u0301", "$", "default", " "];

    [Fact]
    public async Task Each_has_its_own_streams_and_versions()
    {
        foreach (var tenant in Names)
            await Answers(
                In(tenant, To("order-1", Expectation.NoStream, Event())),
                new AppendOutcome.Appended(await Head() + 1, await Head() + 1, [new("order-1", 1)], false));

        for (var t = 0; t < Names.Length; t++)
        {
            Same($"the stream of {Spoken.Text(Names[t])}", new StreamHead(1, false), await HeadOf("order-1", Names[t]));
            SamePositions($"all events of {Spoken.Text(Names[t])}", [t + 1], await Read(EventQuery.All, Names[t]));
        }

        Same("a tenant without events", default, await HeadOf("order-1", "nobody"));
    }

    [Fact]
    public async Task Each_has_its_own_event_ids()
    {
        var item = Event();
        await Append(In("a", To("order-1", item)));
        await Answers(
            In("b", To("order-2", item with { Type = "Other" })),
            new AppendOutcome.Appended(2, 2, [new("order-2", 1)], false),
            "the id is new to this tenant");

        Same("in a", "1 a", Place(await Ledger.ReadById("a", item.Id)));
        Same("in b", "2 b", Place(await Ledger.ReadById("b", item.Id)));
        Same("in c", "nothing", Place(await Ledger.ReadById("c", item.Id)));
        await Answers(In("a", To("order-1", item)), new AppendOutcome.Appended(1, 1, [new("order-1", 1)], true));
        await Answers(In("b", To("order-1", item)), new AppendOutcome.IdConflict(item.Id, 2));

        static string Place(RecordedEvent? recorded) => recorded is null ? "nothing" : $"{recorded.Position} {recorded.Tenant}";
    }

    [Fact]
    public async Task Each_reads_only_its_own_whatever_it_asks()
    {
        await Append(In("a", To("order-1", Event("A", "x:1") with { CorrelationId = "talk" })));
        await Append(In("b", To("order-1", Event("A", "x:1") with { CorrelationId = "talk" })));
        await Append(In("b", To("$audit-1", Event("A", "x:1"))));

        foreach (var query in new[]
                 {
                     EventQuery.All, EventQuery.OfStream("order-1"), EventQuery.OfCategory("order"), EventQuery.OfTypes("A"),
                     EventQuery.Tagged("x:1"),
                     EventQuery.OfCorrelation("talk"), EventQuery.Of(new QueryItem { Stream = "order-1", Types = ["A"], Tags = ["x:1"] }),
                 })
        {
            SamePositions($"{Spoken.Of(query)} of a", [1], await Read(query, "a"));
            SamePositions($"{Spoken.Of(query)} of b", [2], await Read(query, "b"));
            SamePositions($"{Spoken.Of(query)} of c", [], await Read(query, "c"));
            SamePositions(
                $"{Spoken.Of(query)} of b, backward", [2], await Read(new ReadRequest { Tenant = "b", Query = query, Backward = true }));
        }

        SamePositions("the platform's events in a", [], await Read(EventQuery.OfCategory("$audit"), "a"));
        SamePositions("the platform's events in b", [3], await Read(EventQuery.OfCategory("$audit"), "b"));
    }

    [Fact]
    public async Task Across_tenants_is_a_call_of_its_own_that_names_none()
    {
        await Append(In("a", To("order-1", Event("A", "x:1"))));
        await Append(In("b", To("order-1", Event("A"))));
        await Append(In("c", To("stock-1", Event("B", "x:1"))));

        SamePositions("everything", [1, 2, 3], await Read(new ReadRequest(), acrossTenants: true));
        SamePositions("a tenant named in vain", [1, 2, 3], await Read(new ReadRequest { Tenant = "b" }, acrossTenants: true));
        SamePositions("with a query", [1, 3], await Read(new ReadRequest { Query = EventQuery.Tagged("x:1") }, acrossTenants: true));
        SamePositions(
            "the same stream of two tenants",
            [2, 1],
            await Read(new ReadRequest { Query = EventQuery.OfStream("order-1"), Backward = true }, acrossTenants: true));
        Same("whose they are", "a b c", string.Join(' ', (await Read(new ReadRequest(), acrossTenants: true)).Select(one => one.Tenant)));
    }

    [Fact]
    public async Task Progress_covers_the_positions_of_others()
    {
        await Append(In("a", To("order-1", Event())));
        await Append(In("b", To("order-1", Events(5))));

        var pages = await Pages(new ReadRequest { Tenant = "a" });

        Same("where the read of a ended", (6L, true), (pages[^1].ScannedTo, pages[^1].CaughtUp));
    }

    [Fact]
    public async Task Stay_apart_after_a_restart()
    {
        var item = Event("A", "x:1");
        await Append(In("a", To("order-1", item)));
        await Append(In("b", To("order-1", item, Event())));

        await Reopen();

        SamePositions("a", [1], await Read(EventQuery.All, "a"));
        SamePositions("b", [2, 3], await Read(EventQuery.All, "b"));
        Same("the stream of a", 1L, (await HeadOf("order-1", "a")).Version);
        await Answers(In("b", To("order-1", item)), new AppendOutcome.Appended(2, 2, [new("order-1", 1)], true));
        await Answers(In("c", To("order-1", item)), new AppendOutcome.Appended(4, 4, [new("order-1", 1)], false));
    }

    private static AppendRequest In(string tenant, AppendRequest request) => request with { Tenant = tenant };
}
