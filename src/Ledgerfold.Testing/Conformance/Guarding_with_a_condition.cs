using Xunit;

namespace Ledgerfold.Testing.Conformance;

public abstract class Guarding_with_a_condition(LedgerBackend backend) : LedgerConformance(backend)
{
    [Fact]
    public async Task Passes_while_nothing_matches_and_fails_once_something_does()
    {
        await Append(Guarded(0, "seat:1"), "an empty result guards");
        await Fails(Guarded(0, "seat:1"), "and is no longer empty", 1);
        await Append(Guarded(1, "seat:1"), "what stood at the decision was seen by it");
        await Fails(Guarded(1, "seat:1"), "another one came since", 2);
    }

    [Fact]
    public async Task Guards_an_empty_ledger()
    {
        await Append(To("order-1", Event()) with { Condition = new AppendCondition(EventQuery.All, 0) });
        await Fails(
            To("order-1", Event()) with { Condition = new AppendCondition(EventQuery.All, 0) }, "the ledger is not empty any more", 1);
    }

    [Fact]
    public async Task Is_not_failed_by_an_unrelated_tag()
    {
        await Append("order-1", Event("Booked", "seat:2", "row:1"));
        await Append("order-1", Event("Booked", "seat:11"));
        await Append("order-1", Event("Booked", "seats:1"));
        await Append("order-1", Event("Booked"));

        await Append(Guarded(0, "seat:1"));
    }

    [Fact]
    public async Task Looks_only_after_the_position_it_names()
    {
        await Append("order-1", Events(5, "seat:1"));

        for (var after = 0; after < 5; after++)
            await Fails(
                Guarded(after, "seat:1"), $"events stand after {after}", [.. Enumerable.Range(after + 1, 5 - after).Select(p => (long)p)]);
        await Append(Guarded(5, "seat:1"));
    }

    [Fact]
    public async Task Fails_when_any_of_its_items_matches()
    {
        await Append("order-1", Event("Booked", "seat:1"));
        await Append("order-2", Event("Paid", "card:1"));
        var none = new QueryItem { Types = ["Shipped"] };
        var paid = new QueryItem { Types = ["Paid"], Tags = ["card:1"] };

        await Fails(With(new EventQuery { Items = [none, paid] }), "the second item matches", 2);
        await Fails(With(new EventQuery { Items = [paid, none] }), "the first item matches", 2);
        await Append(With(new EventQuery { Items = [none, paid with { Tags = ["card:2"] }] }), "no item matches whole");
    }

    [Fact]
    public async Task Asks_for_all_tags_and_any_type_of_an_item()
    {
        await Append("order-1", Event("Booked", "seat:1", "row:1"));

        await Append(With(EventQuery.Tagged("seat:1", "row:2")), "one of two tags is not enough");
        await Append(With(EventQuery.Of(new QueryItem { Types = ["Paid", "Shipped"], Tags = ["seat:1"] })), "the type differs");
        await Fails(With(EventQuery.Of(new QueryItem { Types = ["Paid", "Booked"], Tags = ["row:1", "seat:1"] })), "all of it matches", 1);
    }

    [Fact]
    public async Task Can_be_drawn_around_a_stream_a_category_or_a_conversation()
    {
        await Append("order-1", Event() with { CorrelationId = "talk" });

        await Fails(With(EventQuery.OfStream("order-1")), "the stream has an event", 1);
        await Fails(With(EventQuery.OfCategory("order")), "the category has an event", 1);
        await Fails(With(EventQuery.OfCorrelation("talk")), "the conversation has an event", 1);
        await Append(With(EventQuery.OfStream("order-11")), "another stream");
        await Append(With(EventQuery.OfCategory("orders")), "another category");
        await Append(With(EventQuery.OfCorrelation("tal")), "another conversation");
    }

    [Fact]
    public async Task Does_not_see_the_platforms_events_unless_they_are_named()
    {
        await Append("$audit-1", Event("Booked", "seat:1"));

        await Append(With(EventQuery.Of(new QueryItem { Types = ["Booked"], Tags = ["seat:1"] })));
        await Fails(With(EventQuery.OfCategory("$audit")), "the category is named", 1);
        await Fails(With(EventQuery.OfStream("$audit-1")), "the stream is named", 1);
    }

    [Fact]
    public async Task Does_not_see_another_tenant()
    {
        await Append(To("order-1", Event("Booked", "seat:1")) with { Tenant = "elsewhere" });

        await Append(Guarded(0, "seat:1"));
        await Fails(Guarded(0, "seat:1") with { Tenant = "elsewhere" }, "its own tenant has it", 1);
    }

    [Fact]
    public async Task Does_not_fail_by_the_events_it_comes_with()
    {
        await Append(To("order-1", Event("Booked", "seat:1"), Event("Booked", "seat:1")) with
        {
            Condition = new AppendCondition(EventQuery.Tagged("seat:1"), 0),
        });
    }

    [Fact]
    public async Task Is_refused_beyond_the_head()
    {
        await Append("order-1", Events(2));
        foreach (var after in new[] { 3, 4, 1_000, long.MaxValue })
        {
            var refused = await Answer<AppendOutcome.Refused>(
                Guarded(after, "seat:1"), "there is nothing yet that a decision there could have seen");
            Same("the field", "condition.after", refused.Field);
            Assert.False(string.IsNullOrWhiteSpace(refused.Rule), "the refusal names its rule");
        }

        await Append(Guarded(2, "seat:1"), "at the head it is fine");
    }

    [Fact]
    public async Task Guards_without_writing_anything()
    {
        await Append("order-1", Event("Booked", "seat:1"));

        await Fails(
            new AppendRequest { Condition = new AppendCondition(EventQuery.Tagged("seat:1"), 0) }, "a condition alone is checked", 1);
        await Answers(
            new AppendRequest { Condition = new AppendCondition(EventQuery.Tagged("seat:1"), 1) },
            new AppendOutcome.Appended(0, 1, [], false));
    }

    [Fact]
    public async Task Fetched_twice_at_one_position_passes_for_disjoint_boundaries()
    {
        await Append("order-1", Event("Defined", "seat:1", "seat:2"));

        await Append(Guarded(1, "seat:1"));
        await Append(Guarded(1, "seat:2"), "the append before touched another boundary");
        await Fails(Guarded(1, "seat:1"), "the first boundary has moved", 2);
    }

    [Fact]
    public async Task Over_one_tag_in_many_streams_fails_by_any_of_them()
    {
        for (var stream = 1; stream <= 5; stream++)
        {
            var request = To($"course-{stream}", Expectation.NoStream, Event("Enrolled", "student:7")) with
            {
                Condition = new AppendCondition(EventQuery.Tagged("student:7"), stream - 1),
            };
            await Append(request);
            await Fails(
                To($"course-x{stream}", Event("Enrolled", "student:7")) with { Condition = request.Condition },
                "the tag is the boundary, not the stream",
                stream);
        }
    }

    private async Task Fails(AppendRequest request, string because, params long[] matches)
    {
        var head = await Head();
        var failed = await Answer<AppendOutcome.ConditionFailed>(request, because);
        Assert.True(
            matches.Contains(failed.Position),
            $"{Spoken.Of(request)} names {failed.Position}; what matches is [{string.Join(' ', matches)}]");
        Same("the head", head, await Head());
    }

    private AppendRequest Guarded(long after, string tag) =>
        To("booking-1", Event("Booked", tag)) with { Condition = new AppendCondition(EventQuery.Tagged(tag), after) };

    private AppendRequest With(EventQuery query) => To("other-1", Event("Noted")) with { Condition = new AppendCondition(query, 0) };
}
