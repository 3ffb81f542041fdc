using System.Text.Json;
using Ledgerfold.Model.Operating;
using Ledgerfold.Testing;

namespace Ledgerfold.Model.Tests.Operating;

public sealed class Folding_an_operation
{
    [Fact]
    public void Needs_few_of_its_events_for_the_same_state()
    {
        for (var seed = 1UL; seed <= 200; seed++)
        {
            var world = new OperationWorld(seed);
            var random = new SeededRandom(seed);
            world.Make();
            var id = world.NextId();
            var version = Append(world, id, 0, new OperationEvent.OperationBegun("work", Json(7), "because", random.Coin() ? "it" : null));
            var (lives, saved) = (0, (OperationProgress?)null);
            for (var n = random.Below(40); n > 0; n--)
            {
                world.Pass(TimeSpan.FromSeconds(random.Below(5)));
                var progress = new OperationProgress(random.Below(1_000), random.Coin() ? 1_000 : null, $"at {n}");
                OperationEvent said = random.Below(5) switch
                {
                    0 => new OperationEvent.OperationTaken(++lives, saved),
                    1 => new OperationEvent.OperationCancelAsked($"{n}"),
                    2 => new OperationEvent.OperationSaved(saved = progress, Json(n)),
                    _ => new OperationEvent.OperationAdvanced(progress),
                };
                version = Append(world, id, version, said);
            }

            if (random.Coin())
                Append(world, id, version, new OperationEvent.OperationEnded(OperationPhase.Completed, Json(1)));

            var whole = world.Records(id).Aggregate((OperationState?)null, OperationState.Apply)!;
            Assert.Equal(Told(whole), Told(world.Find(id)));
            var firstCancel = world.Records(id).Find(static one => one.Type == nameof(OperationEvent.OperationCancelAsked));
            Assert.Equal(firstCancel?.RecordedAt, whole.Cancel?.At);
        }
    }

    [Fact]
    public void Knows_of_erased_events_that_they_were()
    {
        var world = new OperationWorld();
        var work = new Work(world.Clock);
        world.Start(work.Kind);
        var failed = world.Begun(new DoSteps(3, "it", FailsAt: 2));
        world.Pass(TimeSpan.FromSeconds(10));
        var records = world.Records(failed);

        var state = records.Select(Erased).Aggregate((OperationState?)null, OperationState.Apply)!;

        Assert.Equal(("work", "it", OperationPhase.Failed, 1), (state.Kind, state.Subject, state.Phase, state.Lives));
        Assert.Equal((null, null, null, null, ""), (state.Request, state.Progress, state.Checkpoint, state.Error, state.Reason));
        Assert.Equal((world.Find(failed).EndedAt, "ada"), (state.EndedAt, state.Actor));
        Assert.Null(OperationState.Apply(null, records[1]));
    }

    [Fact]
    public void Finds_no_end_in_progress_that_says_nothing()
    {
        var state = new OperationState
        {
            Id = default,
            Tenant = "t",
            Kind = "work",
            Phase = OperationPhase.Running,
            BegunAt = At(0),
            TakenAt = At(0),
            ProgressAt = At(10),
            Progress = new OperationProgress(20, 100),
            Position = 1,
            Version = 1,
        };
        Assert.Equal(At(50), state.ExpectedAt);
        Assert.Equal(At(90), (state with { LifeFrom = new OperationProgress(10, 100) }).ExpectedAt);
        Assert.Equal(At(10), (state with { Progress = new OperationProgress(120, 100) }).ExpectedAt);
        Assert.Null((state with { Progress = new OperationProgress(0, 100) }).ExpectedAt);
        Assert.Null((state with { Progress = new OperationProgress(20) }).ExpectedAt);
        Assert.Null((state with { Progress = new OperationProgress(1, long.MaxValue) }).ExpectedAt);
        Assert.Null((state with { Progress = null }).ExpectedAt);
        Assert.Null((state with { LifeFrom = new OperationProgress(20, 100) }).ExpectedAt);
        Assert.Null((state with { ProgressAt = At(0) }).ExpectedAt);
        Assert.Null((state with { TakenAt = At(11) }).ExpectedAt);
        Assert.Null((state with { Phase = OperationPhase.Completed }).ExpectedAt);
    }

    private static DateTimeOffset At(int seconds) => DateTimeOffset.UnixEpoch.AddSeconds(seconds);

    private static long Append(OperationWorld world, Guid id, long version, OperationEvent said)
    {
        var item = OperationRecords.Write(said, world.NextId(), "ada");
        var closes = said is OperationEvent.OperationEnded;
        var write = new StreamWrite { Stream = OperationRecords.StreamOf(id), Expect = Expectation.Exactly(version), Events = [item], Close = closes };
        return Assert.IsType<AppendOutcome.Appended>(world.Do(() => world.Ledger.Append(new AppendRequest { Writes = [write] }))).Versions[0].Version;
    }

    private static RecordedEvent Erased(RecordedEvent recorded) => new()
    {
        Position = recorded.Position,
        Id = recorded.Id,
        Tenant = recorded.Tenant,
        Stream = recorded.Stream,
        Version = recorded.Version,
        Type = recorded.Type,
        SchemaVersion = recorded.SchemaVersion,
        RecordedAt = recorded.RecordedAt,
        Actor = recorded.Actor,
        Tags = recorded.Tags,
        ContentType = recorded.ContentType,
        Data = default,
        Erased = true,
    };

    private static JsonElement Json(int value) => JsonSerializer.SerializeToElement(value);

    private static string Told(OperationState state) => (state with { Waits = null, Request = null, Checkpoint = null, Result = null })
        + $"{state.Request} {state.Checkpoint} {state.Result} {state.LifeFrom} {state.SavedProgress}";
}
