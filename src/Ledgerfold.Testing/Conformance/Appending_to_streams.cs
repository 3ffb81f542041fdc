using Xunit;

namespace Ledgerfold.Testing.Conformance;

public abstract class Appending_to_streams(LedgerBackend backend) : LedgerConformance(backend)
{
    [Fact]
    public async Task Begins_with_an_empty_ledger()
    {
        Same("the range of an empty ledger", new LedgerRange(1, 0), await Ledger.ReadRange());
        Same("the head of a stream without events", default, await HeadOf("order-1"));
        Same("a cursor that never moved", Spoken.Of(Cursor.None), Spoken.Of(await CursorOf("billing")));
    }

    [Fact]
    public async Task Counts_positions_over_all_streams_and_versions_in_each()
    {
        await Answers(To("order-1", Events(2)), new AppendOutcome.Appended(1, 2, [new("order-1", 2)], false));
        await Answers(To("order-2", Events(1)), new AppendOutcome.Appended(3, 3, [new("order-2", 1)], false));
        await Answers(To("order-1", Events(1)), new AppendOutcome.Appended(4, 4, [new("order-1", 3)], false));

        var all = await Read(EventQuery.All);

        Same("positions and versions", "1:order-1@1 2:order-1@2 3:order-2@1 4:order-1@3", Places(all));
        Same("the head", new LedgerRange(1, 4), await Ledger.ReadRange());
        Same("the head of order-1", new StreamHead(3, false), await HeadOf("order-1"));
    }

    [Fact]
    public async Task Writes_many_streams_in_the_order_of_the_request()
    {
        await Append("order-2", Event());
        var request = new AppendRequest
        {
            Writes =
            [
                Write("order-2", Expectation.Exactly(1), Events(2)),
                Write("order-9", Expectation.NoStream),
                Write("order-1", Expectation.NoStream, Events(1)),
            ],
        };

        await Answers(request, new AppendOutcome.Appended(2, 4, [new("order-2", 3), new("order-1", 1)], false));

        Same("places", "1:order-2@1 2:order-2@2 3:order-2@3 4:order-1@1", Places(await Read(EventQuery.All)));
        Same("the checked stream", default, await HeadOf("order-9"));
    }

    [Fact]
    public async Task Takes_every_expectation_that_holds()
    {
        foreach (var (version, expect) in Holding())
        {
            var stream = await StreamAt(version, $"order-{version}x{expect}");
            await Append(To(stream, expect, Event()), $"a stream at version {version} meets the expectation '{expect}'");
            Same("the version after", version + 1, (await HeadOf(stream)).Version);
        }

        static IEnumerable<(int Version, Expectation Expect)> Holding() =>
            from version in new[] { 0, 1, 3 }
            from expect in new[] { Expectation.Any, Expectation.Exactly(version) }
            select (version, expect);
    }

    [Fact]
    public async Task Is_refused_when_the_version_is_stale()
    {
        foreach (var (version, expect) in new[]
                 {
                     (0, Expectation.Exactly(1)), (1, Expectation.NoStream), (3, Expectation.NoStream), (3, Expectation.Exactly(2)),
                     (3, Expectation.Exactly(4)), (1, Expectation.Exactly(long.MaxValue - 1)),
                 })
        {
            var stream = await StreamAt(version, $"order-{version}x{expect}");
            await ChangesNothing(() => Answers(To(stream, expect, Event()), new AppendOutcome.WrongVersion(stream, expect, version)));
            Same("the version after", version, (await HeadOf(stream)).Version);
        }
    }

    [Fact]
    public async Task Does_not_cut_versions_to_32_bits()
    {
        var wraps = Expectation.Exactly((1L << 32) + 1);
        await Append("order-1", Event());

        await Answers(To("order-1", wraps, Event()), new AppendOutcome.WrongVersion("order-1", wraps, 1));

        Same("a version above int.MaxValue", 3_000_000_000L, new StreamHead(3_000_000_000L, false).Version);
        Same("a head above int.MaxValue", 3_000_000_000L, new LedgerRange(1, 3_000_000_000L).Head);
    }

    [Fact]
    public async Task Writes_all_streams_or_none()
    {
        await Append("order-3", Event());
        var item = Event();
        var request = new AppendRequest
        {
            Writes =
            [
                Write("order-1", Expectation.NoStream, item),
                Write("order-2", Expectation.NoStream, Event()),
                Write("order-3", Expectation.NoStream, Event()),
            ],
        };

        await ChangesNothing(() => Answers(request, new AppendOutcome.WrongVersion("order-3", Expectation.NoStream, 1)));

        Same("order-1", default, await HeadOf("order-1"));
        Same("order-2", default, await HeadOf("order-2"));
        Same("the first event by id", "no event", Spoken.Of(await Ledger.ReadById(Tenants.Default, item.Id)));
        SamePositions("all events", [1], await Read(EventQuery.All));
    }

    [Fact]
    public async Task Names_the_first_stream_whose_version_is_wrong()
    {
        await Append("order-1", Event());
        await Append("order-2", Event());
        var request = new AppendRequest
        {
            Writes =
            [
                Write("order-0", Expectation.NoStream, Event()),
                Write("order-2", Expectation.Exactly(7)),
                Write("order-1", Expectation.Exactly(9), Event()),
            ],
        };

        await Answers(request, new AppendOutcome.WrongVersion("order-2", Expectation.Exactly(7), 1));
    }

    [Fact]
    public async Task Checks_streams_that_it_does_not_write()
    {
        await Append("stock-1", Event());
        await Answers(
            new AppendRequest { Writes = [Write("order-1", Expectation.NoStream, Event()), Write("stock-1", Expectation.Exactly(1))] },
            new AppendOutcome.Appended(2, 2, [new("order-1", 1)], false));
        await Append("stock-1", Event());

        await ChangesNothing(() => Answers(
            new AppendRequest { Writes = [Write("order-2", Expectation.NoStream, Event()), Write("stock-1", Expectation.Exactly(1))] },
            new AppendOutcome.WrongVersion("stock-1", Expectation.Exactly(1), 2),
            "a stream that must not have changed is checked though nothing is written to it"));

        Same("the version of the checked stream", 2L, (await HeadOf("stock-1")).Version);
        Same("the stream that was not written", 0L, (await HeadOf("order-2")).Version);
    }

    [Fact]
    public async Task May_only_check_and_answers_with_the_head()
    {
        await Append("order-1", Events(3));
        var nothing = new AppendOutcome.Appended(0, 3, [], false);

        await Answers(new AppendRequest(), nothing, "a request without anything to do is legal");
        await Answers(To("order-1", Expectation.Exactly(3)), nothing);
        await Answers(To("order-1", Expectation.Exactly(3)), nothing, "a check is not remembered");
        await Answers(To("order-9", Expectation.NoStream), nothing);
        await Answers(To("order-1", Expectation.Exactly(2)), new AppendOutcome.WrongVersion("order-1", Expectation.Exactly(2), 3));

        Same("the head", 3L, await Head());
    }

    [Fact]
    public async Task Sees_the_append_before_it_at_once()
    {
        for (var version = 0; version < 50; version++)
        {
            await Append(To("order-1", Expectation.Exactly(version), Event()));
            Same("the version", version + 1L, (await HeadOf("order-1")).Version);
            Same("the head", version + 1L, await Head());
            SamePositions("the newest event", [version + 1], await Read(new ReadRequest { Backward = true, Limit = 1 }));
        }
    }

    [Fact]
    public async Task Records_times_in_whole_microseconds_that_never_go_back()
    {
        for (var i = 0; i < 20; i++)
            await Append($"order-{i % 3}", Events(2));

        var all = await Read(EventQuery.All);

        for (var e = 0; e < all.Count; e++)
        {
            Same($"whole microseconds at {e + 1}", all[e].RecordedAt, Times.FromMicros(Times.ToMicros(all[e].RecordedAt)));
            Same($"the offset at {e + 1}", TimeSpan.Zero, all[e].RecordedAt.Offset);
            Assert.True(e == 0 || all[e].RecordedAt >= all[e - 1].RecordedAt, $"the recorded time goes back at position {e + 1}");
        }
    }

    [Fact]
    public async Task Keeps_names_apart_that_look_alike()
    {
        string[] streams =
        [
            "order-a", "order-A", "order-a ", "order- a", "order-\u00e9", "order-e\u0301", "order-Aa", "order-BB", "order-a-b",
            "order-a-", "orders-a", "order-1", "order-01", "order-\u212a", "order-K", "order-k", "order-\U0001d11e", "order-.",
            "order-..", "order-%2e%2e", "order-a\u200b",
        ];
        foreach (var stream in streams)
            await Append(To(stream, Expectation.NoStream, Event()), $"{Spoken.Text(stream)} is a stream of its own");

        for (var s = 0; s < streams.Length; s++)
        {
            Same($"the version of {Spoken.Text(streams[s])}", 1L, (await HeadOf(streams[s])).Version);
            SamePositions($"the events of {Spoken.Text(streams[s])}", [s + 1], await ReadStream(streams[s]));
        }
    }

    [Fact]
    public async Task Is_not_changed_by_what_the_caller_does_with_its_buffer_later()
    {
        var buffer = "before"u8.ToArray();
        await Append("order-1", Event() with { Data = buffer });
        "after!"u8.CopyTo(buffer);

        Same("the data", "before", System.Text.Encoding.UTF8.GetString((await ReadStream("order-1"))[0].Data.Span));
    }

    [Fact]
    public async Task Leaves_no_trace_when_cancelled_before_it_began()
    {
        var item = Event();
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await ChangesNothing(() => Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await Ledger.Append(To("order-1", item), cancelled.Token)));

        await Answers(
            To("order-1", item), new AppendOutcome.Appended(1, 1, [new("order-1", 1)], false), "the cancelled append left nothing");
    }

    [Fact]
    public async Task Takes_ten_thousand_events_at_once()
    {
        await Append("order-1", Event());
        await Answers(
            To("order-1", Expectation.Exactly(1), Events(Limits.AppendEventsMax)),
            new AppendOutcome.Appended(2, Limits.AppendEventsMax + 1, [new("order-1", Limits.AppendEventsMax + 1)], false));

        SamePositions("all events", Enumerable.Range(1, Limits.AppendEventsMax + 1).Select(p => (long)p), await Read(EventQuery.All));
    }

    private async Task<string> StreamAt(int version, string stream)
    {
        if (version > 0)
            await Append(stream, Events(version));
        return stream;
    }

    private static string Places(IEnumerable<RecordedEvent> events) =>
        string.Join(' ', events.Select(one => $"{one.Position}:{one.Stream}@{one.Version}"));
}
