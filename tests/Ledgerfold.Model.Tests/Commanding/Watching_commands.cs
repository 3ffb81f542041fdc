using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Ledgerfold.Model.Commanding;
using Ledgerfold.Testing;

namespace Ledgerfold.Model.Tests.Commanding;

public sealed class Watching_commands
{
    private sealed record Watched;

    private readonly Commands _commands = new(
        new Module("watched").Handles<Watched>(static (_, context) =>
        {
            context.Reject("SEEN");
            return Task.CompletedTask;
        }),
        new InMemoryLedger());

    [Fact]
    public async Task Counts_them_by_answer_and_measures_how_long_they_take()
    {
        var measured = new ConcurrentBag<string>();
        using var listener = new MeterListener { InstrumentPublished = EnableOurs };
        void Take(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            if (tags is [(_, nameof(Watched)), (_, var answer)])
                measured.Add($"{instrument.Name} {answer}");
        }

        listener.SetMeasurementEventCallback<long>((instrument, _, tags, _) => Take(instrument, tags));
        listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Take(instrument, tags));
        listener.Start();

        await _commands.Tell(new Watched());

        Assert.Equal(["ledgerfold.command.duration rejected", "ledgerfold.commands rejected"], measured.Order());
    }

    [Fact]
    public async Task Counts_those_that_throw_and_marks_their_trace()
    {
        var module = new Module("broken").Handles<Watched>(static (_, _) => throw new NotSupportedException("no such thing")).Names<Watched>("BrokenOne");
        var failed = new ConcurrentBag<object?>();
        using var counting = new MeterListener { InstrumentPublished = EnableOurs };
        counting.SetMeasurementEventCallback<long>((instrument, _, tags, _) =>
        {
            if (tags is [(_, "BrokenOne"), (_, var answer)])
                failed.Add(answer);
        });
        counting.Start();
        var traced = new ConcurrentBag<Activity>();
        using var tracing = Listen(traced);

        await Assert.ThrowsAsync<NotSupportedException>(() => new Commands(module, new InMemoryLedger()).Tell(new Watched()));

        Assert.Equal("failed", Assert.Single(failed));
        var activity = Assert.Single(traced, one => one.DisplayName == "BrokenOne");
        Assert.Equal((ActivityStatusCode.Error, "no such thing"), (activity.Status, activity.StatusDescription));
    }

    private static void EnableOurs(Instrument instrument, MeterListener listener)
    {
        if (instrument.Meter.Name == "Ledgerfold")
            listener.EnableMeasurementEvents(instrument);
    }

    private static ActivityListener Listen(ConcurrentBag<Activity> traced)
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == "Ledgerfold",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = traced.Add,
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    [Fact]
    public async Task Traces_them_from_whoever_sent_them()
    {
        var traced = new ConcurrentBag<Activity>();
        using var listener = Listen(traced);
        const string Sender = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

        await _commands.Tell(new Watched(), new CommandOrigin { TraceParent = Sender });

        var activity = Assert.Single(traced, one => one.DisplayName == nameof(Watched));
        Assert.Equal((Sender, "rejected"), (activity.ParentId, activity.GetTagItem("ledgerfold.answer")));
    }
}
