using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Ledgerfold.Model.Folding;
using Ledgerfold.Testing;

namespace Ledgerfold.Model.Tests.Folding;

public sealed class Measuring_a_fold : IDisposable
{
    private static int _folds;

    private readonly string _name = $"measured-{Interlocked.Increment(ref _folds)}"; // others measure at the same time
    private readonly FoldWorld _world = new();
    private readonly ConcurrentDictionary<string, double> _sums = [];
    private readonly ConcurrentDictionary<string, double> _last = [];
    private readonly MeterListener _listener = new();
    private readonly HashSet<long> _poison = [];
    private readonly Projection<Tally> _tallies;

    public Measuring_a_fold()
    {
        _tallies = new Projection<Tally>(_name)
        {
            Query = Tally.Query,
            Keys = Tally.KeysOf,
            Apply = (tally, _, recorded) => _poison.Contains(recorded.Position) ? throw new NotSupportedException() : new Tally((tally?.Sum ?? 0) + 1, ""),
        };
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name == "Ledgerfold")
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.Start();
    }

    public void Dispose() => _listener.Dispose();

    [Fact]
    public void Shows_how_far_it_is_behind_in_events_and_in_time_and_what_it_holds()
    {
        _world.Start(_tallies);
        _poison.Add(1);
        _world.Append("tally-1", new Tally.Added("a", 1));
        _world.Pass(TimeSpan.FromSeconds(1));
        _world.Ledger.Hold(LedgerCall.Read);
        for (var n = 0; n < 4; n++)
            _world.Append("tally-1", new Tally.Added("b", 1)); // the first one shows; the read that would show the others is held back
        _world.Pass(TimeSpan.FromSeconds(10));

        _listener.RecordObservableInstruments();

        Assert.Equal((3, 10, 1), (_last["lag.events"], _last["lag.time"], _last["held"]));
        Assert.Equal((int)FoldHealth.Degraded, _last["health"]);
        Assert.True(_last["rate"] > 0);
    }

    [Fact]
    public void Looks_anew_when_a_second_has_passed_and_shows_nothing_of_an_engine_that_ended()
    {
        _world.Start(_tallies);
        _listener.RecordObservableInstruments();
        _poison.Add(1);
        _world.Append("tally-1", new Tally.Added("a", 1));
        _listener.RecordObservableInstruments();
        Assert.Equal(0, _last["held"]);

        _world.Pass(TimeSpan.FromSeconds(1));
        _listener.RecordObservableInstruments();
        Assert.Equal(1, _last["held"]);

        _world.Stop();
        _last.Clear();
        _listener.RecordObservableInstruments();
        Assert.Empty(_last);
    }

    [Fact]
    public void Shows_nothing_while_the_ledger_does_not_answer()
    {
        _world.Start(_tallies);
        _world.Ledger.Fail(LedgerCall.LookUp, new IOException("no disk"));

        _listener.RecordObservableInstruments();

        Assert.Contains("held", _last.Keys); // the second gauge that was asked had it looked at again
        Assert.DoesNotContain("lag.events", _last.Keys);
    }

    [Fact]
    public void Counts_events_errors_and_what_it_has_written()
    {
        _world.Options = _world.Options with { RetriesMax = 2 };
        _world.Start(_tallies);
        _poison.Add(2);
        _world.Append("tally-1", new Tally.Added("a", 1), new Tally.Added("b", 1), new Tally.Added("c", 1));
        _world.Pass(TimeSpan.FromMinutes(1));

        Assert.Equal((3, 3), (_sums["events"], _sums["errors"]));
        Assert.Contains("checkpoint.duration written", _sums.Keys);
    }

    [Fact]
    public void Counts_how_often_it_began_again_and_how_often_from_nothing()
    {
        _world.Start(_tallies);
        _world.Append("tally-1", new Tally.Added("a", 1));
        _world.Read(_tallies, "a");
        _world.Store.FailWrite(new IOException("no disk"));
        _world.Append("tally-1", new Tally.Added("a", 1));
        _world.Pass(TimeSpan.FromMinutes(1));
        Assert.Equal(1, _sums["restarts"]);
        Assert.Contains("checkpoint.duration failed", _sums.Keys);

        _world.Engine.Find(_tallies).ReportDamage("rot");
        _world.Pass(TimeSpan.FromMinutes(1));

        Assert.Equal((1, 1), (_sums["restarts"], _sums["rebuilds"]));
    }

    [Fact]
    public void Traces_each_page_by_itself_and_the_checkpoint_behind_it()
    {
        var traced = new ConcurrentBag<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == "Ledgerfold",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = traced.Add,
        };
        ActivitySource.AddActivityListener(listener);
        using (new Activity("somebody").Start())
            _world.Start(_tallies);
        _world.Append("tally-1", new Tally.Added("a", 1), new Tally.Added("b", 1));
        _world.Read(_tallies, "a");

        var (page, checkpoint) = (Ours($"fold {_name}"), Ours("fold checkpoint"));
        Assert.Equal((null, 2), (page.ParentId, page.GetTagItem("messaging.batch.message_count")));
        Assert.Equal(page.Id, checkpoint.ParentId);
        Assert.Equal((2L, 3, "written"), (checkpoint.GetTagItem("ledgerfold.position"), checkpoint.GetTagItem("ledgerfold.rows"), checkpoint.GetTagItem("ledgerfold.answer")));

        Activity Ours(string name) => Assert.Single(traced, one => one.DisplayName == name && Equals(one.GetTagItem("ledgerfold.fold"), $"{_name}@1"));
    }

    private void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        const string Prefix = "ledgerfold.fold.";
        if (tags is not [("ledgerfold.fold", var fold), ..] || !Equals(fold, $"{_name}@1"))
            return;
        var name = instrument.Name[Prefix.Length..] + (tags.Length > 1 ? $" {tags[1].Value}" : "");
        _last[name] = value;
        _sums.AddOrUpdate(name, value, (_, sum) => sum + value);
    }
}
