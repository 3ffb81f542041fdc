using System.Text;

namespace Ledgerfold.Testing.Tests;

public sealed class Using_the_in_memory_ledger
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Takes_the_recorded_time_from_its_clock_and_never_lets_it_go_back()
    {
        var clock = new SetClock(Noon.AddTicks(7));
        await using var ledger = new InMemoryLedger(clock);
        foreach (var time in new[] { Noon.AddTicks(7), Noon.AddHours(-1), Noon.AddMicroseconds(1), Noon.AddDays(1), Noon })
        {
            clock.Now = time;
            await Append(ledger);
        }

        var times = (await All(ledger)).ConvertAll(recorded => recorded.RecordedAt);

        Assert.Equal([Noon, Noon, Noon.AddMicroseconds(1), Noon.AddDays(1), Noon.AddDays(1)], times);
        Assert.Equal(0, await ledger.PositionAt(Noon.AddTicks(-1), Cancel));
        Assert.Equal(2, await ledger.PositionAt(Noon, Cancel));
        Assert.Equal(3, await ledger.PositionAt(Noon.AddHours(23), Cancel));
        Assert.Equal(5, await ledger.PositionAt(Noon.AddDays(1), Cancel));
    }

    [Fact]
    public async Task Answers_at_once_on_the_callers_thread()
    {
        await using var ledger = new InMemoryLedger();

        Assert.True(ledger.Append(new AppendRequest(), Cancel).AsTask().IsCompletedSuccessfully);
        Assert.True(ledger.ReadRange(Cancel).AsTask().IsCompletedSuccessfully);
        await using var pages = ledger.Read(new ReadRequest(), Cancel).GetAsyncEnumerator(Cancel);
        Assert.True(pages.MoveNextAsync().AsTask().IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Refuses_a_read_when_it_is_asked_and_not_only_when_it_is_read()
    {
        await using var ledger = new InMemoryLedger();

        Assert.Throws<ArgumentException>(() => ledger.Read(new ReadRequest { After = -1 }, Cancel));
        Assert.Throws<ArgumentException>(() => ledger.ReadAcrossTenants(new ReadRequest { Limit = -1 }, Cancel));
    }

    [Fact]
    public async Task Stores_one_batch_for_each_append_also_for_those_that_only_move_cursors()
    {
        await using var ledger = new InMemoryLedger();
        await Append(ledger);
        var move = new CursorMove { Consumer = "billing", Expected = 0, Next = 1 };
        await ledger.Append(new AppendRequest { CursorMoves = [move] }, Cancel);
        await Append(ledger);

        var batches = new List<RawBatch>();
        await foreach (var batch in ledger.ReadBatches(0, Cancel))
            batches.Add(batch);

        Assert.Equal([(1L, 1), (2L, 0), (2L, 1)], batches.ConvertAll(batch => (batch.FirstPosition, batch.Count)));
        Assert.Contains("billing", Encoding.UTF8.GetString(batches[1].Bytes.Span), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answers_nothing_once_it_is_disposed()
    {
        var ledger = new InMemoryLedger();
        await ledger.DisposeAsync();
        await ledger.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await Append(ledger));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await ledger.ReadRange(Cancel));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await All(ledger));
    }

    private static async Task Append(InMemoryLedger ledger)
    {
        var item = new NewEvent { Id = Guid.NewGuid(), Type = "Happened", Data = "{}"u8.ToArray() };
        Assert.IsType<AppendOutcome.Appended>(await ledger.Append(AppendRequest.To("order-1", Expectation.Any, item), Cancel));
    }

    private static async Task<List<RecordedEvent>> All(InMemoryLedger ledger)
    {
        var events = new List<RecordedEvent>();
        await foreach (var page in ledger.Read(new ReadRequest(), Cancel))
            events.AddRange(page.Events);
        return events;
    }

    /// <summary>A clock that also goes back, as a machine's may.</summary>
    private sealed class SetClock(DateTimeOffset now) : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = now;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
