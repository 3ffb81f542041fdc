using Xunit;

namespace Ledgerfold.Testing.Conformance;

public abstract class Racing_to_append(LedgerBackend backend) : LedgerConformance(backend)
{
    private const int Racers = 16;

    [Fact]
    public async Task One_of_many_with_the_same_expectation_wins()
    {
        for (var round = 0; round < 20; round++)
        {
            var stream = $"seat-{round}";
            var outcomes = await Race(_ => Ledger.Append(To(stream, Expectation.NoStream, Event())).AsTask());

            Same($"the winners of {stream}", 1, outcomes.OfType<AppendOutcome.Appended>().Count());
            foreach (var loser in outcomes.Where(outcome => outcome is not AppendOutcome.Appended))
                Same("what a loser is told", Spoken.Of(new AppendOutcome.WrongVersion(stream, Expectation.NoStream, 1)), Spoken.Of(loser));
            Same($"the version of {stream}", 1L, (await HeadOf(stream)).Version);
        }
    }

    [Fact]
    public async Task Nobody_overwrites_what_was_decided_on_a_version_read_before()
    {
        const int decisions = 10;
        await Race(async _ =>
        {
            AppendOutcome? outcome = null;
            for (var decided = 0; decided < decisions;)
            {
                var seen = (await HeadOf("counter-1")).Version;
                outcome = await Ledger.Append(To("counter-1", Expectation.Exactly(seen), Event() with { Data = Utf8($"{seen}") }));
                if (outcome is AppendOutcome.Appended)
                    decided++;
                else
                    Assert.IsType<AppendOutcome.WrongVersion>(outcome);
            }

            return outcome!;
        });

        var events = await ReadStream("counter-1");
        Same("the number of decisions", Racers * decisions, events.Count);
        foreach (var recorded in events)
        {
            var decidedAt = System.Text.Encoding.UTF8.GetString(recorded.Data.Span);
            Same($"the version that #{recorded.Position} was decided at", $"{recorded.Version - 1}", decidedAt);
        }
    }

    [Fact]
    public async Task One_of_many_with_the_same_condition_wins()
    {
        for (var round = 0; round < 20; round++)
        {
            var tag = $"seat:{round}";
            var outcomes = await Race(async racer =>
            {
                await Stagger(racer * (round % 5));
                var seen = await Head();
                var taken = await Read(new ReadRequest { Query = EventQuery.Tagged(tag), Before = seen + 1 });
                if (taken.Count > 0)
                    return new AppendOutcome.ConditionFailed(taken[0].Position);
                await Stagger(racer * (round % 3));
                return await Ledger.Append(To($"booking-{round}x{racer}", Event("Booked", tag)) with
                {
                    Condition = new AppendCondition(EventQuery.Tagged(tag), round % 2 == 0 ? 0 : seen),
                });
            });

            var won = (await Read(EventQuery.Tagged(tag))).Count;
            Same($"the bookings of {tag}", 1, won);
            Same($"those told that they booked {tag}", 1, outcomes.OfType<AppendOutcome.Appended>().Count());
            Assert.All(outcomes, outcome => Assert.True(
                outcome is AppendOutcome.Appended or AppendOutcome.ConditionFailed, $"a loser was told {Spoken.Of(outcome)}"));
        }
    }

    [Fact]
    public async Task One_of_many_copies_of_a_consumer_moves_its_cursor()
    {
        await Append("order-1", Event());
        for (var round = 0; round < 20; round++)
        {
            var consumer = $"billing{round}";
            var outcomes = await Race(racer => Ledger.Append(To($"invoice-{round}x{racer}", Event()) with
            {
                CursorMoves = [new CursorMove { Consumer = consumer, Expected = 0, Next = 1 }],
            }).AsTask());

            Same("the copies that moved it", 1, outcomes.OfType<AppendOutcome.Appended>().Count());
            foreach (var loser in outcomes.Where(outcome => outcome is not AppendOutcome.Appended))
                Same("what a loser is told", Spoken.Of(new AppendOutcome.CursorMoved(consumer, 0, 1)), Spoken.Of(loser));
        }

        Same("one invoice a round", 1L + 20, await Head());
    }

    [Fact]
    public async Task The_same_events_sent_by_many_are_written_once()
    {
        for (var round = 0; round < 20; round++)
        {
            var request = To($"order-{round}", Expectation.NoStream, Events(3));
            var first = (3 * round) + 1;
            var outcomes = await Race(_ => Ledger.Append(request).AsTask());

            Same("those who wrote", 1, outcomes.Count(outcome => outcome is AppendOutcome.Appended { Repeated: false }));
            foreach (var outcome in outcomes)
            {
                var told = Assert.IsType<AppendOutcome.Appended>(outcome);
                Same("the positions", (first, first + 2L), (told.First, told.Last));
            }

            Same("the head", first + 2L, await Head());
        }
    }

    [Fact]
    public async Task One_of_many_with_other_content_gets_the_id()
    {
        for (var round = 0; round < 20; round++)
        {
            var id = NewId();
            var outcomes = await Race(racer => Ledger.Append(To($"order-{racer}", Event() with { Id = id })).AsTask());

            var won = Assert.Single(outcomes.OfType<AppendOutcome.Appended>());
            foreach (var loser in outcomes.Where(outcome => outcome != won))
                Same("what a loser is told", Spoken.Of(new AppendOutcome.IdConflict(id, won.First)), Spoken.Of(loser));
            Same("the position of the id", won.First, (await Ledger.ReadById(Tenants.Default, id))?.Position);
        }

        Same("one event a round", 20L, await Head());
    }

    [Fact]
    public async Task The_whole_and_a_part_sent_at_once_agree_on_who_was_first()
    {
        for (var round = 0; round < 20; round++)
        {
            var (one, other) = (Event(), Event());
            var (whole, part) = (To($"order-{round}", one, other), To($"order-{round}", other));
            var outcomes = await Race(racer => Ledger.Append(racer % 2 == 0 ? whole : part).AsTask());

            var first = Assert.Single(outcomes.OfType<AppendOutcome.Appended>(), appended => !appended.Repeated);
            var wholeWasFirst = first.First < first.Last;
            for (var racer = 0; racer < Racers; racer++)
            {
                AppendOutcome expected = (racer % 2 == 0, wholeWasFirst) switch
                {
                    (true, false) => new AppendOutcome.MixedRepeat(other.Id),
                    (true, true) => first with { Repeated = true },
                    _ => first with { First = first.Last, Repeated = true },
                };
                var asked = $"what racer {racer} is told, the {(wholeWasFirst ? "whole" : "part")} being first";
                if (outcomes[racer] != first)
                    Same(asked, Spoken.Of(expected), Spoken.Of(outcomes[racer]));
            }
        }
    }

    [Fact]
    public async Task Nothing_is_written_behind_the_event_that_closes_a_stream()
    {
        for (var round = 0; round < 20; round++)
        {
            var stream = $"order-{round}";
            var outcomes = await Race(async racer =>
            {
                await Stagger(racer * (round % 4));
                var write = Write(stream, Expectation.Any, Event()) with { Close = racer == 7 };
                return await Ledger.Append(new AppendRequest { Writes = [write] });
            });

            var closed = Assert.IsType<AppendOutcome.Appended>(outcomes[7]).Last;
            Same($"the head of {stream}", new StreamHead(outcomes.OfType<AppendOutcome.Appended>().Count(), true), await HeadOf(stream));
            foreach (var outcome in outcomes.Where(outcome => outcome is not AppendOutcome.Appended))
                Same("what those behind are told", Spoken.Of(new AppendOutcome.StreamClosed(stream)), Spoken.Of(outcome));
            Assert.All(outcomes.OfType<AppendOutcome.Appended>(), appended => Assert.True(appended.Last <= closed));
        }
    }

    [Fact]
    public async Task Positions_are_dense_and_each_event_stands_where_its_writer_was_told()
    {
        var told = new System.Collections.Concurrent.ConcurrentDictionary<Guid, long>();
        await Race(async racer =>
        {
            AppendOutcome? outcome = null;
            for (var i = 0; i < 20; i++)
            {
                var events = Events(1 + (i % 3));
                outcome = await Ledger.Append(To($"order-{racer % 5}", events));
                var appended = Assert.IsType<AppendOutcome.Appended>(outcome);
                for (var e = 0; e < events.Length; e++)
                    Assert.True(told.TryAdd(events[e].Id, appended.First + e));
                if (i % 5 == 0)
                    Assert.IsType<AppendOutcome.WrongVersion>(await Ledger.Append(To("order-0", Expectation.Exactly(1_000_000), Event())));
            }

            return outcome!;
        });

        var all = await Read(EventQuery.All);

        SamePositions("all events", Enumerable.Range(1, told.Count).Select(position => (long)position), all);
        foreach (var recorded in all)
            Same($"what the writer of {recorded.Id} was told", told.GetValueOrDefault(recorded.Id), recorded.Position);
        foreach (var stream in all.GroupBy(recorded => recorded.Stream))
            Same(
                $"the versions of {stream.Key}",
                string.Join(' ', Enumerable.Range(1, stream.Count())),
                string.Join(' ', stream.Select(one => one.Version)));
    }

    private async Task<AppendOutcome[]> Race(Func<int, Task<AppendOutcome>> run)
    {
        var start = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var racers = Enumerable.Range(0, Racers).Select(racer => Task.Run(async () =>
        {
            await start.Task;
            return await run(racer);
        })).ToArray();
        start.SetResult();
        return await InTime(Task.WhenAll(racers), () => $"the end of a race of {Racers}");
    }

    private static async Task Stagger(int steps)
    {
        for (var step = 0; step < steps; step++)
            await Task.Yield();
    }
}
