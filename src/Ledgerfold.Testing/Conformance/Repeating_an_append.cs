using System.Collections.Immutable;
using Xunit;

namespace Ledgerfold.Testing.Conformance;

public abstract class Repeating_an_append(LedgerBackend backend) : LedgerConformance(backend)
{
    [Fact]
    public async Task Answers_with_the_original_positions_and_writes_nothing()
    {
        await Append("order-0", Event());
        var request = To("order-1", Expectation.NoStream, Events(3));
        await Append(request);
        await Append("order-1", Event());

        await ChangesNothing(() => Answers(request, new AppendOutcome.Appended(2, 4, [new("order-1", 3)], true)));
        await ChangesNothing(() => Answers(request, new AppendOutcome.Appended(2, 4, [new("order-1", 3)], true), "for the third time"));

        Same("the version", 4L, (await HeadOf("order-1")).Version);
    }

    [Fact]
    public async Task Is_answered_where_the_version_would_now_be_wrong()
    {
        var item = Event();
        await Append(To("order-1", Expectation.NoStream, item));
        await Append("order-1", Events(2));

        foreach (var expect in new[] { Expectation.NoStream, Expectation.Any, Expectation.Exactly(3), Expectation.Exactly(77) })
            await Answers(To("order-1", expect, item), new AppendOutcome.Appended(1, 1, [new("order-1", 1)], true));
    }

    [Fact]
    public async Task Is_answered_where_the_condition_would_now_fail()
    {
        var request = To("order-1", Event("Booked", "seat:1")) with { Condition = new AppendCondition(EventQuery.Tagged("seat:1"), 0) };
        await Append(request);

        await Answers(
            request, new AppendOutcome.Appended(1, 1, [new("order-1", 1)], true), "the event it wrote itself does not stand in its way");
        await Answers(
            request with { Condition = new AppendCondition(EventQuery.All, 1_000) },
            new AppendOutcome.Appended(1, 1, [new("order-1", 1)], true));
    }

    [Fact]
    public async Task Is_answered_where_the_stream_is_closed_by_now()
    {
        var first = Event();
        var last = Event();
        await Append("order-1", first);
        await Append(new AppendRequest { Writes = [Write("order-1", Expectation.Exactly(1), last) with { Close = true }] });

        await Answers(To("order-1", first), new AppendOutcome.Appended(1, 1, [new("order-1", 1)], true));
        await Answers(
            new AppendRequest { Writes = [Write("order-1", Expectation.Exactly(1), last) with { Close = true }] },
            new AppendOutcome.Appended(2, 2, [new("order-1", 2)], true),
            "the append that closed it is a repeat too");
    }

    [Fact]
    public async Task Moves_no_cursor()
    {
        var request = To("order-1", Event()) with { CursorMoves = [new CursorMove { Consumer = "billing", Expected = 0, Next = 1 }] };
        await Append(request);
        await Append("order-1", Events(5));
        await Append(
            new AppendRequest { CursorMoves = [new CursorMove { Consumer = "billing", Expected = 1, Next = 5, HeldKeys = ["k"] }] });

        await Answers(request, new AppendOutcome.Appended(1, 1, [new("order-1", 1)], true));
        await Answers(
            request with { CursorMoves = [new CursorMove { Consumer = "billing", Expected = 5, Next = 6 }] },
            new AppendOutcome.Appended(1, 1, [new("order-1", 1)], true),
            "also where the move would fit");

        Same("the cursor", Spoken.Of(new Cursor(5, ["k"])), Spoken.Of(await CursorOf("billing")));
    }

    [Fact]
    public async Task Checks_no_other_stream()
    {
        var item = Event();
        await Append("order-1", item);

        await Answers(
            new AppendRequest { Writes = [Write("stock-1", Expectation.Exactly(9)), Write("order-1", Expectation.Any, item)] },
            new AppendOutcome.Appended(1, 1, [new("order-1", 1)], true));
    }

    [Fact]
    public async Task Of_many_streams_names_the_version_each_stood_at()
    {
        var (a, b, c) = (Event(), Event(), Event());
        await Append("order-2", Events(4));
        await Append(new AppendRequest { Writes = [Write("order-2", Expectation.Any, a, b), Write("order-1", Expectation.Any, c)] });
        await Append("order-2", Event());

        await Answers(
            new AppendRequest { Writes = [Write("order-2", Expectation.Any, a, b), Write("order-1", Expectation.Any, c)] },
            new AppendOutcome.Appended(5, 7, [new("order-2", 6), new("order-1", 1)], true));
    }

    [Fact]
    public async Task In_part_is_a_repeat()
    {
        var items = Events(5);
        var other = Event();
        await Append("order-0", Event());
        await Append(new AppendRequest { Writes = [Write("order-1", Expectation.Any, items), Write("order-2", Expectation.Any, other)] });

        await Answers(To("order-1", items[0]), new AppendOutcome.Appended(2, 2, [new("order-1", 1)], true), "the first");
        await Answers(To("order-1", items[4]), new AppendOutcome.Appended(6, 6, [new("order-1", 5)], true), "the last");
        await Answers(To("order-1", items[1..3]), new AppendOutcome.Appended(3, 4, [new("order-1", 3)], true), "from the middle");
        await Answers(To("order-1", items[0], items[3]), new AppendOutcome.Appended(2, 5, [new("order-1", 4)], true), "with a gap");
        await Answers(To("order-2", other), new AppendOutcome.Appended(7, 7, [new("order-2", 1)], true), "one of two streams");
        await Answers(
            new AppendRequest { Writes = [Write("order-1", Expectation.Any, items[2]), Write("order-2", Expectation.Any, other)] },
            new AppendOutcome.Appended(4, 7, [new("order-1", 3), new("order-2", 1)], true),
            "a part of each stream");
        Same("the head", 7L, await Head());
    }

    [Fact]
    public async Task In_another_order_is_a_mixture()
    {
        var items = Events(3);
        var other = Event();
        await Append(new AppendRequest { Writes = [Write("order-1", Expectation.Any, items), Write("order-2", Expectation.Any, other)] });

        await Refuses(To("order-1", items[1], items[0], items[2]), items[0], "two are swapped");
        await Refuses(To("order-1", items[2], items[1], items[0]), items[1], "all are reversed");
        await Refuses(
            new AppendRequest { Writes = [Write("order-2", Expectation.Any, other), Write("order-1", Expectation.Any, items)] },
            items[0],
            "the streams are swapped");
    }

    [Fact]
    public async Task Together_with_new_events_is_a_mixture()
    {
        var known = Events(2);
        var fresh = Event();
        await Append("order-1", known);

        await Refuses(To("order-1", known[0], known[1], fresh), fresh, "a new one at the end");
        await Refuses(To("order-1", fresh, known[0]), known[0], "a new one in front");
        await Refuses(To("order-1", known[0], fresh, known[1]), fresh, "a new one between");
        await Refuses(
            new AppendRequest { Writes = [Write("order-1", Expectation.Any, known), Write("order-2", Expectation.Any, fresh)] },
            fresh,
            "a new one in another stream");
        await Answers(To("order-2", fresh), new AppendOutcome.Appended(3, 3, [new("order-2", 1)], false), "the new one alone is new");
    }

    [Fact]
    public async Task Of_different_appends_is_a_mixture()
    {
        var (first, second) = (Event(), Event());
        await Append("order-1", first);
        await Append("order-1", second);

        await Refuses(To("order-1", first, second), second, "neighbours, but of two appends");
        await Refuses(
            new AppendRequest { Writes = [Write("order-1", Expectation.Any, second, Event())] }, null, "one known, one new");
    }

    [Fact]
    public async Task Of_events_that_were_refused_is_not_a_repeat()
    {
        var item = Event();
        await Append("order-1", Event());
        await Answer<AppendOutcome.WrongVersion>(To("order-1", Expectation.NoStream, item));
        await Answer<AppendOutcome.ConditionFailed>(To("order-1", item) with { Condition = new AppendCondition(EventQuery.All, 0) });

        await Answers(
            To("order-1", Expectation.Exactly(1), item),
            new AppendOutcome.Appended(2, 2, [new("order-1", 2)], false),
            "nothing was remembered of it");
    }

    [Fact]
    public async Task With_other_content_is_a_conflict()
    {
        var item = Full();
        await Append("order-1", Event());
        await Append("order-1", item);
        foreach (var (what, changed) in new (string, NewEvent)[]
                 {
                     ("type", item with { Type = "Other" }),
                     ("schema version", item with { SchemaVersion = 3 }),
                     ("content type", item with { ContentType = "text/plain" }),
                     ("data", item with { Data = Utf8("""{"a": 1}""") }),
                     ("shorter data", item with { Data = item.Data[..^1] }),
                     ("effective time", item with { EffectiveAt = item.EffectiveAt!.Value.AddMicroseconds(1) }),
                     ("no effective time", item with { EffectiveAt = null }),
                     ("one tag less", item with { Tags = item.Tags[..1] }),
                     ("another tag", item with { Tags = [item.Tags[0], "x:z"] }),
                     ("no tags", item with { Tags = [] }),
                     ("one header less", item with { Headers = item.Headers[..1] }),
                     ("another header value", item with { Headers = [item.Headers[0], new("h2", "other")] }),
                     ("another header name", item with { Headers = [item.Headers[0], new("h3", "v2")] }),
                 })
        {
            await ChangesNothing(
                () => Answers(To("order-1", changed), new AppendOutcome.IdConflict(item.Id, 2), $"another {what} says something else"));
        }
    }

    [Fact]
    public async Task In_another_stream_is_a_conflict()
    {
        var item = Event();
        await Append("order-1", item);

        await Answers(To("order-2", item), new AppendOutcome.IdConflict(item.Id, 1));
        await Answers(To("order-2", Expectation.NoStream, item), new AppendOutcome.IdConflict(item.Id, 1));
        Same("the other stream", default, await HeadOf("order-2"));
    }

    [Fact]
    public async Task May_come_from_elsewhere_and_in_other_words_for_the_same()
    {
        var item = Full();
        await Append("order-1", item);
        foreach (var (what, same) in new (string, NewEvent)[]
                 {
                     ("correlation", item with { CorrelationId = "another" }),
                     ("causation", item with { CausationId = null }),
                     ("actor", item with { Actor = "somebody else" }),
                     ("trace", item with { TraceParent = null }),
                     ("order of tags", item with { Tags = [.. item.Tags.Reverse()] }),
                     ("order of headers", item with { Headers = [.. item.Headers.Reverse()] }),
                     (
                         "effective time in another zone",
                         item with { EffectiveAt = item.EffectiveAt!.Value.ToOffset(TimeSpan.FromHours(-5)) }),
                     ("effective time below a microsecond", item with { EffectiveAt = item.EffectiveAt!.Value.AddTicks(3) }),
                 })
        {
            await Answers(To("order-1", same), new AppendOutcome.Appended(1, 1, [new("order-1", 1)], true), $"another {what} is a repeat");
        }

        Same("the event is the first one's", "somebody", (await ReadStream("order-1"))[0].Actor);
    }

    [Fact]
    public async Task Takes_arrays_left_out_for_empty_ones()
    {
        var item = Event();
        await Append("order-1", item);
        await Append("order-2", Event("Happened", "x:1"));

        await Answers(
            To("order-1", item with { Tags = default, Headers = default }) with { CursorMoves = default },
            new AppendOutcome.Appended(1, 1, [new("order-1", 1)], true));
        await Answers(new AppendRequest { Writes = default, CursorMoves = default }, new AppendOutcome.Appended(0, 2, [], false));
    }

    [Fact]
    public async Task Tells_a_conflict_before_a_mixture()
    {
        var (known, other) = (Event(), Event());
        await Append("order-1", known);
        await Append("order-1", other);
        var changed = other with { Type = "Other" };

        await Answers(
            To("order-1", known, Event(), changed),
            new AppendOutcome.IdConflict(other.Id, 2),
            "the mixture tells earlier, but the conflict weighs more");
        await Answers(
            To("order-1", known with { Type = "Other" }, changed), new AppendOutcome.IdConflict(known.Id, 1), "the first of two conflicts");
    }

    [Fact]
    public async Task Holds_for_ids_of_every_shape()
    {
        ImmutableArray<Guid> ids =
        [
            Guid.Parse("00000000-0000-0000-0000-000000000001"), Guid.Parse("01000000-0000-0000-0000-000000000000"), Guid.AllBitsSet,
            Guid.Parse("0198c0de-0000-7000-8000-000000000000"), Guid.Parse("dec09801-0000-0070-8000-000000000000"),
            Guid.Parse("ffffffff-ffff-ffff-ffff-fffffffffffe"), Guid.Parse("80000000-0000-0000-8000-000000000000"),
        ];
        foreach (var id in ids)
            await Append("order-1", Event() with { Id = id });

        for (var i = 0; i < ids.Length; i++)
            Same($"the position of {ids[i]}", i + 1L, (await Ledger.ReadById(Tenants.Default, ids[i]))?.Position);
        foreach (var id in ids)
            await Answer<AppendOutcome.IdConflict>(To("order-1", Event("Other") with { Id = id }));
    }

    private async Task Refuses(AppendRequest request, NewEvent? told, string because)
    {
        var head = await Head();
        var outcome = await Answer<AppendOutcome.MixedRepeat>(request, because);
        if (told is not null)
            Same($"{because}: the first that tells in {Spoken.Of(request)}", told.Id, outcome.Id);
        Same("the head", head, await Head());
    }

    private NewEvent Full() => Event() with
    {
        SchemaVersion = 2,
        EffectiveAt = new DateTimeOffset(2024, 2, 29, 12, 0, 0, TimeSpan.FromHours(2)),
        CorrelationId = "conversation",
        CausationId = "cause",
        Actor = "somebody",
        TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        Tags = ["x:y", "a:b"],
        Headers = [new("h1", "v1"), new("h2", "v2")],
    };
}
