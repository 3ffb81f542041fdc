using Xunit;

namespace Ledgerfold.Testing.Conformance;

public abstract class Looking_things_up(LedgerBackend backend) : LedgerConformance(backend)
{
    [Fact]
    public async Task Finds_each_event_by_its_id()
    {
        var items = Events(300);
        foreach (var some in items.Chunk(7))
            await Append($"order-{some[0].Id.GetHashCode() % 3}", some);

        for (var i = 0; i < items.Length; i++)
            Same($"the position of the event {items[i].Id}", i + 1L, (await Ledger.ReadById(Tenants.Default, items[i].Id))?.Position);
        Same("an id that was never appended", "no event", Spoken.Of(await Ledger.ReadById(Tenants.Default, NewId())));
        Same("the id of all zeros", "no event", Spoken.Of(await Ledger.ReadById(Tenants.Default, Guid.Empty)));
    }

    [Fact]
    public async Task Finds_the_platforms_events_by_id_too()
    {
        var item = Event();
        await Append("$audit-1", item);
        Same("its position", 1L, (await Ledger.ReadById(Tenants.Default, item.Id))?.Position);
        Same("its stream", new StreamHead(1, false), await HeadOf("$audit-1"));
    }

    [Fact]
    public async Task Knows_where_each_of_many_streams_stands()
    {
        for (var s = 0; s < 200; s++)
            await Append($"order-{s}", Events(1 + (s % 3)));

        for (var s = 0; s < 200; s++)
            Same($"the head of order-{s}", new StreamHead(1 + (s % 3), false), await HeadOf($"order-{s}"));
        Same("a stream without events", default, await HeadOf("order-200"));
    }

    [Fact]
    public async Task Finds_the_position_that_stood_at_a_time()
    {
        Same("a time in an empty ledger", 0L, await Ledger.PositionAt(DateTimeOffset.MaxValue));
        for (var a = 0; a < 30; a++)
            await Append("order-1", Events(1 + (a % 3)));
        var all = await Read(EventQuery.All);

        foreach (var time in all.SelectMany(recorded => Around(recorded.RecordedAt)).Distinct())
        {
            var expected = all.LastOrDefault(recorded => recorded.RecordedAt <= time)?.Position ?? 0;
            Same($"the position at {time:O}", expected, await Ledger.PositionAt(time));
        }

        Same("the position at the end of time", (long)all.Count, await Ledger.PositionAt(DateTimeOffset.MaxValue));
        Same("the position before all time", 0L, await Ledger.PositionAt(DateTimeOffset.MinValue));

        static DateTimeOffset[] Around(DateTimeOffset time) =>
            [time, time.AddTicks(-1), time.AddTicks(9), time.AddTicks(-10), time.AddTicks(10), time.ToOffset(TimeSpan.FromHours(3))];
    }

    [Fact]
    public async Task Gives_out_its_batches_from_any_position_without_a_gap()
    {
        Same("batches of an empty ledger that hold events", "", await Batches(0));
        for (var a = 0; a < 20; a++)
        {
            await Append("order-1", Events(1 + (a % 4)));
            if (a % 5 == 0)
                await Append(new AppendRequest { CursorMoves = [new CursorMove { Consumer = $"c{a}", Expected = 0, Next = 1 }] });
        }

        var head = await Head();
        for (var after = 0L; after <= head; after++)
        {
            var next = after + 1;
            var started = false;
            await foreach (var batch in Ledger.ReadBatches(after))
            {
                if (batch.Count == 0)
                    continue;
                Assert.False(batch.Bytes.IsEmpty, $"the batch at {batch.FirstPosition} has no bytes");
                if (!started)
                    Assert.True(
                        batch.FirstPosition <= next && next < batch.FirstPosition + batch.Count,
                        $"batches after {after} begin with {batch.FirstPosition}, {batch.Count} events");
                else
                    Same($"the next batch after {after}", next, batch.FirstPosition);
                (started, next) = (true, batch.FirstPosition + batch.Count);
            }

            Same($"the end of the batches after {after}", head + 1, next);
        }
    }

    private async Task<string> Batches(long after)
    {
        var shown = new List<string>();
        await foreach (var batch in Ledger.ReadBatches(after))
        {
            if (batch.Count > 0)
                shown.Add($"{batch.FirstPosition}+{batch.Count}");
        }

        return string.Join(' ', shown);
    }
}
