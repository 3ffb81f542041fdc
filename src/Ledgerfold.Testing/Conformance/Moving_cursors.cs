using System.Collections.Immutable;
using Xunit;

namespace Ledgerfold.Testing.Conformance;

public abstract class Moving_cursors(LedgerBackend backend) : LedgerConformance(backend)
{
    [Fact]
    public async Task Moves_together_with_the_events()
    {
        await Append("order-1", Events(2));

        await Answers(
            To("invoice-1", Event()) with { CursorMoves = [Move("billing", 0, 2)] },
            new AppendOutcome.Appended(3, 3, [new("invoice-1", 1)], false));

        Same("the cursor", 2L, (await CursorOf("billing")).Position);
    }

    [Fact]
    public async Task Moves_without_any_event()
    {
        await Append("order-1", Events(2));

        await Answers(new AppendRequest { CursorMoves = [Move("billing", 0, 2)] }, new AppendOutcome.Appended(0, 2, [], false));

        Same("the cursor", 2L, (await CursorOf("billing")).Position);
        Same("the head: a cursor is not an event", 2L, await Head());
    }

    [Fact]
    public async Task Fences_a_stale_copy_of_the_consumer()
    {
        await Append("order-1", Events(3));
        await Append(new AppendRequest { CursorMoves = [Move("billing", 0, 2)] });
        var item = Event();

        await ChangesNothing(() => Answers(
            To("invoice-1", item) with { CursorMoves = [Move("billing", 0, 3)] }, new AppendOutcome.CursorMoved("billing", 0, 2)));

        Same("the cursor", 2L, (await CursorOf("billing")).Position);
        Same("the event of the stale copy", "no event", Spoken.Of(await Ledger.ReadById(Tenants.Default, item.Id)));
        await Append(
            To("invoice-1", item) with { CursorMoves = [Move("billing", 2, 3)] }, "with the right expectation the same event is new");
    }

    [Fact]
    public async Task Is_refused_where_the_cursor_never_moved_and_a_position_is_expected()
    {
        await Append("order-1", Events(3));
        await Answers(new AppendRequest { CursorMoves = [Move("billing", 1, 3)] }, new AppendOutcome.CursorMoved("billing", 0, 0));
    }

    [Fact]
    public async Task Moves_all_or_none()
    {
        await Append("order-1", Events(3));
        await Append(new AppendRequest { CursorMoves = [Move("b", 0, 1)] });

        await Answers(
            new AppendRequest { CursorMoves = [Move("a", 0, 2), Move("b", 0, 2), Move("c", 0, 2)] },
            new AppendOutcome.CursorMoved("b", 0, 1));
        Same("a", 0L, (await CursorOf("a")).Position);
        Same("c", 0L, (await CursorOf("c")).Position);

        await Append(new AppendRequest { CursorMoves = [Move("a", 0, 2), Move("b", 1, 2), Move("c", 0, 3)] });
        Same("a, b, c", (2L, 2L, 3L), ((await CursorOf("a")).Position, (await CursorOf("b")).Position, (await CursorOf("c")).Position));
    }

    [Fact]
    public async Task Keeps_partitions_apart()
    {
        await Append("order-1", Events(3));
        await Append(new AppendRequest { CursorMoves = [Move("billing", 0, 1), Move("billing", 0, 2) with { Partition = 7 }] });
        await Append(new AppendRequest { CursorMoves = [Move("billing", 0, 3) with { Partition = int.MaxValue }] });

        Same("partition 0", 1L, (await CursorOf("billing")).Position);
        Same("partition 1", 0L, (await CursorOf("billing", 1)).Position);
        Same("partition 7", 2L, (await CursorOf("billing", 7)).Position);
        Same("the last partition", 3L, (await CursorOf("billing", int.MaxValue)).Position);
    }

    [Fact]
    public async Task Keeps_tenants_apart()
    {
        await Append("order-1", Events(3));
        await Append(new AppendRequest { CursorMoves = [Move("billing", 0, 3)] });

        await Append(new AppendRequest { Tenant = "other", CursorMoves = [Move("billing", 0, 2)] });

        Same("its own", 3L, (await CursorOf("billing")).Position);
        Same("the other tenant's", 2L, (await CursorOf("billing", tenant: "other")).Position);
        Same("a third tenant's", 0L, (await CursorOf("billing", tenant: "third")).Position);
    }

    [Fact]
    public async Task Keeps_apart_names_that_run_together()
    {
        await Append("order-1", Events(3));
        await Append(
            new AppendRequest
            {
                CursorMoves =
                [
                    Move("a", 0, 1) with { Partition = 11 },
                    Move("a1", 0, 2) with { Partition = 1 },
                    Move("a/1", 0, 3) with { Partition = 1 },
                ],
            });

        Same(
            "a/11, a1/1, a/1/1, a/1",
            (1L, 2L, 3L, 0L),
            (
                (await CursorOf("a", 11)).Position,
                (await CursorOf("a1", 1)).Position,
                (await CursorOf("a/1", 1)).Position,
                (await CursorOf("a", 1)).Position));
    }

    [Fact]
    public async Task Never_stands_where_a_future_event_may_come()
    {
        await Append("order-1", Events(2));
        foreach (var (request, most) in new[]
                 {
                     (new AppendRequest(), 2),
                     (To("order-2", Events(3)), 5),
                 })
        {
            foreach (var next in new[] { most + 1, most + 2, long.MaxValue })
            {
                var refused = await Answer<AppendOutcome.Refused>(
                    request with { CursorMoves = [Move("fits", 0, 1), Move("billing", 0, next)] });
                Same("the field", "cursorMoves[1].next", refused.Field);
                Assert.False(string.IsNullOrWhiteSpace(refused.Rule), "the refusal names its rule");
            }

            Same("the head", 2L, await Head());
            Same("the move that fitted", 0L, (await CursorOf("fits")).Position);
        }

        await Append(
            To("order-2", Events(3)) with { CursorMoves = [Move("billing", 0, 5)] }, "up to the last event that the append itself leaves");
        Same("the cursor", 5L, (await CursorOf("billing")).Position);
    }

    [Fact]
    public async Task May_stay_or_go_back()
    {
        await Append("order-1", Events(3));
        await Append(new AppendRequest { CursorMoves = [Move("billing", 0, 3)] });

        await Append(new AppendRequest { CursorMoves = [Move("billing", 3, 3, "held")] }, "the same position with other held keys");
        Same("the cursor", Spoken.Of(new Cursor(3, ["held"])), Spoken.Of(await CursorOf("billing")));
        await Append(new AppendRequest { CursorMoves = [Move("billing", 3, 0)] }, "a replay begins again at 0");
        Same("the cursor", Spoken.Of(Cursor.None), Spoken.Of(await CursorOf("billing")));
        await Append(new AppendRequest { CursorMoves = [Move("billing", 0, 1)] });
    }

    [Fact]
    public async Task Replaces_the_held_keys()
    {
        await Append("order-1", Events(3));
        await Append(new AppendRequest { CursorMoves = [Move("billing", 0, 1, "order-1", "ключ", "\U0001d11e")] });
        Same("after the first", Spoken.Of(new Cursor(1, ["order-1", "ключ", "\U0001d11e"])), Spoken.Of(await CursorOf("billing")));

        await Append(new AppendRequest { CursorMoves = [Move("billing", 1, 2, "order-2")] });
        Same("after the second", Spoken.Of(new Cursor(2, ["order-2"])), Spoken.Of(await CursorOf("billing")));

        await Append(new AppendRequest { CursorMoves = [Move("billing", 2, 3) with { HeldKeys = default }] });
        Same("after the third", Spoken.Of(new Cursor(3, [])), Spoken.Of(await CursorOf("billing")));
    }

    [Fact]
    public async Task Holds_a_thousand_keys()
    {
        await Append("order-1", Event());
        ImmutableArray<string> keys = [.. Enumerable.Range(0, Limits.HeldKeysMax).Select(k => $"key-{k}-{new string('x', 200)}")];

        await Append(
            new AppendRequest { CursorMoves = [new CursorMove { Consumer = "billing", Expected = 0, Next = 1, HeldKeys = keys }] });

        Assert.Equal(keys, (await CursorOf("billing")).HeldKeys);
    }

    [Fact]
    public async Task Is_found_at_its_latest_after_a_restart()
    {
        await Append("order-1", Events(10));
        await Append(new AppendRequest { CursorMoves = [Move("still", 0, 4, "held")] });
        for (var position = 1; position <= 10; position++)
            await Append(new AppendRequest { CursorMoves = [Move("billing", position - 1, position, $"k{position}")] });
        await Append(new AppendRequest { Tenant = "other", CursorMoves = [Move("billing", 0, 2)] });

        await Reopen();

        Same("moved often", Spoken.Of(new Cursor(10, ["k10"])), Spoken.Of(await CursorOf("billing")));
        Same("moved long ago", Spoken.Of(new Cursor(4, ["held"])), Spoken.Of(await CursorOf("still")));
        Same("the other tenant's", Spoken.Of(new Cursor(2, [])), Spoken.Of(await CursorOf("billing", tenant: "other")));
        await Answers(new AppendRequest { CursorMoves = [Move("billing", 9, 10)] }, new AppendOutcome.CursorMoved("billing", 0, 10));
        await Append(new AppendRequest { CursorMoves = [Move("billing", 10, 10)] });
    }

    private static CursorMove Move(string consumer, long expected, long next, params string[] held) =>
        new() { Consumer = consumer, Expected = expected, Next = next, HeldKeys = [.. held] };
}
