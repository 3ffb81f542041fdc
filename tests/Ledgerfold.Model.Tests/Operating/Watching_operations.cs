using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Ledgerfold.Model.Operating;
using Ledgerfold.Testing;

namespace Ledgerfold.Model.Tests.Operating;

public sealed class Watching_operations
{
    private readonly OperationWorld _world = new();
    private readonly Work _work;

    public Watching_operations()
    {
        _work = new Work(_world.Clock);
        _world.Start(_work.Kind, new Operation<Sweep>("watched") { Run = static (_, _) => throw new NotSupportedException("no such thing") });
    }

    [Fact]
    public void Counts_lives_and_ends_and_traces_each_life_under_who_asked()
    {
        var counted = new ConcurrentBag<string>();
        using var counting = new MeterListener
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Meter.Name == "Ledgerfold")
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        counting.SetMeasurementEventCallback<long>((instrument, _, tags, _) =>
        {
            if (tags is [(_, "watched"), ..])
                counted.Add($"{instrument.Name} {(tags.Length > 1 ? tags[1].Value : "")}");
        });
        counting.Start();
        var traced = new ConcurrentBag<Activity>();
        using var tracing = new ActivityListener
        {
            ShouldListenTo = static source => source.Name is "Ledgerfold" or "asking",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = traced.Add,
        };
        ActivitySource.AddActivityListener(tracing);
        using var source = new ActivitySource("asking");

        using (var asking = source.StartActivity("asks"))
        {
            var id = _world.Begun(new Sweep(null));
            _world.Settle();

            var life = Assert.Single(traced, one => one.DisplayName == "operation watched");
            Assert.Equal((asking!.Id, ActivityStatusCode.Error), (life.ParentId, life.Status));
            Assert.Equal((id, 1, "failed"), (life.GetTagItem("ledgerfold.operation.id"), life.GetTagItem("ledgerfold.operation.life"), life.GetTagItem("ledgerfold.outcome")));
        }

        Assert.Equal(["ledgerfold.operation.lives ", "ledgerfold.operations failed"], counted.Order());
    }

    [Fact]
    public void Says_how_many_there_are_and_which_failed_last()
    {
        _world.Begun(new DoSteps(5));
        _world.Settle();
        Assert.Equal((1, 1, null), (Status.Open, Status.Running, Status.LastFailed));

        var failed = _world.Begun(new Sweep(null));
        _world.Pass(TimeSpan.FromSeconds(2));

        Assert.Equal((1, 1, failed), (Status.Open, Status.Running, Status.LastFailed!.Id));
        Assert.Empty(Status.Unknown);
        _world.Pass(TimeSpan.FromSeconds(5));
        Assert.Equal((0, 0, failed), (Status.Open, Status.Running, Status.LastFailed!.Id));
    }

    [Fact]
    public void Says_that_it_hears_of_nothing()
    {
        _world.Faulty.Fail(LedgerCall.Read, new IOException("gone"));
        var asked = OperationRecords.Write(new OperationEvent.OperationCancelAsked("enough"), _world.NextId());
        _world.Do(() => _world.Ledger.Append(AppendRequest.To(OperationRecords.StreamOf(_world.NextId()), Expectation.Any, asked)));
        _world.Settle();

        Assert.Equal((true, "IOException: gone"), (Status.IsPausing, Status.LastError!.Message));
        var id = _world.Begun(new DoSteps(5));

        _world.Pass(TimeSpan.FromMinutes(5));
        Assert.False(Status.IsPausing);
        Assert.Equal(OperationPhase.Completed, _world.Find(id).Phase);
    }

    private OperationsStatus Status => _world.Do(() => _world.Engine.ReadStatus());
}
