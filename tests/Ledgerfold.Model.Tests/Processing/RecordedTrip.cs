using Ledgerfold.Model.Events;
using Ledgerfold.Model.Processing;
using Ledgerfold.Testing;

namespace Ledgerfold.Model.Tests.Processing;

/// <summary>One instance and all that reaches it, recorded in a ledger the way the engine does it.</summary>
internal sealed class RecordedTrip : IAsyncDisposable
{
    private static readonly EventCodec Events = new(Trip.Module.EventTypes);

    private ProcessFold _fold;
    private int _ids;

    public RecordedTrip(params Process[] versions)
    {
        Ledger = new InMemoryLedger(Clock);
        _fold = Fold(versions);
    }

    public ManualClock Clock { get; } = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    public InMemoryLedger Ledger { get; }

    public ProcessInstance? Now { get; private set; }

    public void Goes(params Process[] versions) => _fold = Fold(versions);

    public async Task Tell(object fact, string? actor = null)
    {
        var recorded = await Append(fact, actor);
        await Take(recorded, fact, recorded.RecordedAt);
    }

    public Task Done(string step) => Tell(new ProcessEvent.StepAnswered("trip", "1", Open(step), new StepOutcome(StepOutcomeKind.Done)));

    public Task Failed(string step) =>
        Tell(new ProcessEvent.StepAnswered("trip", "1", Open(step), new StepOutcome(StepOutcomeKind.Failed, "NO", "not today")));

    public Task Fires(string timer)
    {
        var set = Now!.Timers.Single(one => one.Name == timer);
        Clock.Advance(set.Due - Clock.GetUtcNow());
        return Tell(new ProcessEvent.TimerFired("trip", "1", set.Serial, set.Name, set.Due));
    }

    public Task Act(OperatorAction action) => Tell(new ProcessEvent.OperatorActed("trip", "1", action, "because"), "ada");

    public async Task<HistoryEntry[]> Read(long after = 0)
    {
        var entries = new List<HistoryEntry>();
        await foreach (var entry in ProcessHistory.Read(Ledger, "trip", "1", after: after, cancel: TestContext.Current.CancellationToken))
            entries.Add(entry);
        return [.. entries];
    }

    public ValueTask DisposeAsync() => Ledger.DisposeAsync();

    public async Task<RecordedEvent> Append(object fact, string? actor = null)
    {
        var (type, _, data) = fact is ProcessEvent ? ProcessRecords.Codec.Encode(fact) : Events.Encode(fact);
        var stream = fact is ProcessEvent ? ProcessRecords.StreamOf("trip", "1") : "trip-1";
        var item = new NewEvent { Id = new Guid(++_ids, 3, 3, new byte[8]), Type = type, Data = data, Actor = actor };
        Assert.IsType<AppendOutcome.Appended>(await Ledger.Append(AppendRequest.To(stream, Expectation.Any, item)));
        return (await Ledger.ReadById(Tenants.Default, item.Id))!;
    }

    private async Task Take(RecordedEvent recorded, object fact, DateTimeOffset at)
    {
        if (_fold.Take(Now, "1", new Input(recorded, fact, at)) is not { } advance)
            return;
        foreach (var said in new[] { advance.Missed, advance.Event }.OfType<ProcessEvent>())
        {
            var id = said is ProcessEvent.ProcessAdvanced
                ? ProcessRecords.IdOfAdvance(advance.After!)
                : ProcessRecords.IdOfMiss("trip", "1", recorded.Position, at);
            var item = ProcessRecords.Write(said, id, Cause.Of(recorded), recorded.CorrelationId);
            Assert.IsType<AppendOutcome.Appended>(await Ledger.Append(AppendRequest.To(ProcessRecords.StreamOf("trip", "1"), Expectation.Any, item)));
        }

        Now = advance.After ?? Now;
        while (Now?.Next is { } next)
            await Again(next, at);
    }

    private async Task Again(long position, DateTimeOffset at)
    {
        var query = new EventQuery { Items = [new QueryItem(), new QueryItem { Category = ProcessRecords.Category }] };
        await foreach (var page in Ledger.Read(new ReadRequest { Query = query, After = position - 1, Limit = 1 }))
        {
            foreach (var waited in page.Events)
            {
                var isOwn = StreamNames.IsPlatform(waited.Stream);
                await Take(waited, isOwn ? ProcessRecords.Read(waited) : Events.Decode(waited)[0], at);
            }
        }
    }

    private int Open(string step) => Now!.Steps.Last(one => one.Name == step && one.Status == StepStatus.Open).Serial;

    private static ProcessFold Fold(Process[] versions) => new(versions, new WorkTypes([Trip.Module]));
}
