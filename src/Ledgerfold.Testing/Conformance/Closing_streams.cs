using Xunit;

namespace Ledgerfold.Testing.Conformance;

public abstract class Closing_streams(LedgerBackend backend) : LedgerConformance(backend)
{
    [Fact]
    public async Task Ends_a_stream_with_its_last_event()
    {
        await Append("order-1", Event());
        await Answers(Closing("order-1", Expectation.Exactly(1), Events(2)), new AppendOutcome.Appended(2, 3, [new("order-1", 3)], false));

        Same("the head", new StreamHead(3, true), await HeadOf("order-1"));
        SamePositions("its events", [1, 2, 3], await ReadStream("order-1"));
    }

    [Fact]
    public async Task May_begin_and_end_a_stream_at_once()
    {
        await Append(Closing("order-1", Expectation.NoStream, Event()));
        Same("the head", new StreamHead(1, true), await HeadOf("order-1"));
    }

    [Fact]
    public async Task Refuses_more_events_before_the_version_is_looked_at()
    {
        await Append(Closing("order-1", Expectation.NoStream, Event()));

        foreach (var expect in new[] { Expectation.Any, Expectation.NoStream, Expectation.Exactly(1), Expectation.Exactly(9) })
            await ChangesNothing(() => Answers(To("order-1", expect, Event()), new AppendOutcome.StreamClosed("order-1")));
        await ChangesNothing(
            () => Answers(Closing("order-1", Expectation.Exactly(1), Event()), new AppendOutcome.StreamClosed("order-1"), "closing again"));

        Same("the head", new StreamHead(1, true), await HeadOf("order-1"));
    }

    [Fact]
    public async Task Names_the_first_closed_stream_and_writes_none()
    {
        await Append(Closing("order-1", Expectation.Any, Event()));
        await Append(Closing("order-2", Expectation.Any, Event()));

        await Answers(
            new AppendRequest
            {
                Writes =
                [
                    Write("order-3", Expectation.Exactly(7)),
                    Write("order-4", Expectation.Any, Event()),
                    Write("order-2", Expectation.Any, Event()),
                    Write("order-1", Expectation.Any, Event()),
                ],
            },
            new AppendOutcome.StreamClosed("order-2"));
        Same("the open stream", default, await HeadOf("order-4"));
    }

    [Fact]
    public async Task Still_lets_the_stream_be_checked()
    {
        await Append(Closing("order-1", Expectation.Any, Events(2)));

        await Answers(To("order-1", Expectation.Exactly(2)), new AppendOutcome.Appended(0, 2, [], false), "a check writes nothing");
        await Answers(To("order-1", Expectation.Exactly(1)), new AppendOutcome.WrongVersion("order-1", Expectation.Exactly(1), 2));
    }

    [Fact]
    public async Task Closes_only_when_everything_is_written()
    {
        await Append("order-2", Event());
        var request = Closing("order-1", Expectation.Any, Event());

        await Answers(
            request with { Writes = [.. request.Writes, Write("order-2", Expectation.NoStream)] },
            new AppendOutcome.WrongVersion("order-2", Expectation.NoStream, 1));

        Same("the head", default, await HeadOf("order-1"));
        await Append("order-1", Event());
    }

    [Fact]
    public async Task Closes_this_stream_of_this_tenant_only()
    {
        await Append(Closing("order-1", Expectation.Any, Event()));

        await Append("order-11", Event());
        await Append(To("order-1", Expectation.NoStream, Event()) with { Tenant = "other" });
        Same("the other tenant's", new StreamHead(1, false), await HeadOf("order-1", "other"));
    }

    [Fact]
    public async Task Holds_after_a_restart()
    {
        await Append(Closing("order-1", Expectation.Any, Events(2)));
        await Append("order-2", Event());

        await Reopen();

        Same("the closed one", new StreamHead(2, true), await HeadOf("order-1"));
        Same("the open one", new StreamHead(1, false), await HeadOf("order-2"));
        await Answers(
            To("order-1", Expectation.NoStream, Event()), new AppendOutcome.StreamClosed("order-1"), "a closed stream is never used again");
    }

    private static AppendRequest Closing(string stream, Expectation expect, params NewEvent[] events) =>
        new() { Writes = [Write(stream, expect, events) with { Close = true }] };
}
