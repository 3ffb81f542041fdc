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
        using var listener = new MeterListener();
        listener.InstrumentPublished = static (instrument, listens) =>
        {
            if (instrument.Meter.Name == "Ledgerfold")
                listens.EnableMeasurementEvents(instrument);
        };
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
    public async Task Traces_them_from_whoever_sent_them()
    {
        var traced = new ConcurrentBag<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == "Ledgerfold",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = traced.Add,
        };
        ActivitySource.AddActivityListener(listener);
        const string Sender = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

        await _commands.Tell(new Watched(), new CommandOrigin { TraceParent = Sender });

        var activity = Assert.Single(traced, one => one.DisplayName == nameof(Watched));
        Assert.Equal((Sender, "rejected"), (activity.ParentId, activity.GetTagItem("ledgerfold.answer")));
    }
}
