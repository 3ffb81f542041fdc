using System.Diagnostics;
using Ledgerfold.Model.Folding;
using Ledgerfold.Model.Processing;

namespace Ledgerfold.Model.Driving;

/// <summary>
/// Does what steps ask for: so many side by side, in the order they were asked for. A step comes straight from the record that asks for it,
/// or, where too many wait or after a start, from the rows. Its outcome is recorded; an attempt in vain is recorded too, and with it when
/// the next one is, so that nothing of a step that waits is in memory.
/// </summary>
internal sealed class StepLane : DueLane
{
    private const int ProblemLengthMax = 1_000;

    private readonly IStepAttempt _attempt;
    private readonly int _parallelism;
    private readonly Lock _lock = new();
    private readonly Queue<OpenStep> _waiting = new();
    private readonly HashSet<StepKey> _known = []; // those that wait or are at work
    private readonly Signal _room = new();
    private readonly List<Task> _workers = [];
    private int _working;

    public StepLane(string name, int parallelism, IStepAttempt attempt, LaneContext context)
        : base(name, context) => (_attempt, _parallelism) = (attempt, parallelism);

    private CancellationToken Stop => Context.Stop;

    /// <summary>A step that was asked for just now; where there is no room for it, it is found in the rows later.</summary>
    public void Offer(OpenStep step)
    {
        if (!TryEnter(step))
            Look(step.Key.Tenant, Now);
    }

    /// <summary>Ends when nothing is at work any more.</summary>
    public async Task End()
    {
        Task[] workers;
        lock (_lock)
        {
            _waiting.Clear();
            workers = [.. _workers];
        }

        _room.Set();
        foreach (var worker in workers)
            await worker;
    }

    protected override async Task Do(string tenant, InstanceRow row, DateTimeOffset now)
    {
        foreach (var step in row.Steps)
        {
            if (step.Answered || step.Lane != Name)
                continue;
            if (step.NextAt > now)
            {
                Look(tenant, step.NextAt); // a row stands under the earliest only
                continue;
            }

            var found = new OpenStep(new StepKey(tenant, row.Process, row.Key, step.Serial), step.Attempts);
            while (!TryEnter(found))
            {
                Stop.ThrowIfCancellationRequested();
                await _room.Wait();
            }
        }
    }

    private bool TryEnter(OpenStep step)
    {
        lock (_lock)
        {
            if (_known.Contains(step.Key))
                return true;
            if (_waiting.Count >= Context.Options.WaitingMax)
                return false;
            _known.Add(step.Key);
            _waiting.Enqueue(step);
            if (_working == _parallelism)
                return true;
            _working++;
            _workers.RemoveAll(static worker => worker.IsCompleted);
            _workers.Add(Ambient.Begin(RunWorker));
            return true;
        }
    }

    private async Task RunWorker()
    {
        Activity.Current = null; // whoever handed it its first step is not the cause of the others
        while (TakeNext() is { } step)
        {
            DateTimeOffset? again = null;
            try
            {
                again = await Do(step);
            }
            catch (Exception) when (Stop.IsCancellationRequested)
            {
                // found again after the next start
            }
            catch (Exception failure) when (failure is not OutOfMemoryException)
            {
                again = Now + Context.Options.Restarts.PauseAfter(step.Attempts + 1, Context.Options.Chance);
            }

            lock (_lock)
                _known.Remove(step.Key);
            if (again is { } at)
                Look(step.Key.Tenant, at);
        }
    }

    private OpenStep? TakeNext()
    {
        OpenStep? next;
        bool wasFull;
        lock (_lock)
        {
            wasFull = _waiting.Count >= Context.Options.WaitingMax;
            if (Stop.IsCancellationRequested || !_waiting.TryDequeue(out next))
            {
                _working--;
                next = null;
            }
        }

        if (wasFull)
            _room.Set();
        return next;
    }

    /// <summary>One attempt at a step; answers when the next one is due, or null where there is none.</summary>
    private async Task<DateTimeOffset?> Do(OpenStep step)
    {
        // who waited for its turn until its time was up may be overdue by now, and then is only asked about
        var isKnown = step.Asked is { } told && !(told.Until <= Now);
        if (!isKnown)
        {
            DateTimeOffset? nextAt;
            (step, nextAt) = await FindAttempts(step);
            if (nextAt > Now)
                return nextAt;
        }

        if ((isKnown ? step : await Find(step)) is not { Asked: { } asked } found)
            return null; // it is settled meanwhile
        step = found;
        var key = step.Key;
#if ZOO
        if (asked.Step is { Undoes: not null } && Zoo.Bug("process-answer-before-the-effect"))
            await RecordOutcome(step, asked, new StepOutcome(StepOutcomeKind.Done));
#endif
        var result = await _attempt.Try(step, asked, outcome => RecordOutcome(step, asked, outcome));
        Telemetry.StepAttempts.Add(
            1,
            new KeyValuePair<string, object?>(TelemetryNames.Attributes.Lane, Name),
            new KeyValuePair<string, object?>(TelemetryNames.Attributes.Answer, NameOf(result.Outcome)));
        if (result.Outcome is { } outcome)
        {
            await RecordOutcome(step, asked, outcome);
            return null;
        }

        var attempt = step.Attempts + 1;
        var pause = result.Retries!.PauseAfter(attempt, Context.Options.Chance);
        var next = Times.Cut(Now + pause);
        var problem = ProcessRecords.Cut(result.Problem!, ProblemLengthMax);
        var tried = new ProcessEvent.StepTried(key.Process, key.Key, key.Serial, attempt, problem, next);
        await Record(key, asked, tried, ProcessRecords.IdOfTry(key.Process, key.Key, key.Serial, attempt));
        return next;
    }

    private static string NameOf(StepOutcome? outcome) => outcome?.Kind switch
    {
        null => "again",
        StepOutcomeKind.Done => "done",
        StepOutcomeKind.Failed => "failed",
        _ => "unknown",
    };

    /// <summary>
    /// Records what became of a step. The first to say so is right; but where it is said already that it is not done, and it is, that is
    /// recorded beside it: no effect may be without a word, and somebody has to look at it.
    /// </summary>
    private async Task RecordOutcome(OpenStep step, AskedStep asked, StepOutcome outcome)
    {
        var key = step.Key;
        var answered = new ProcessEvent.StepAnswered(key.Process, key.Key, key.Serial, outcome);
        var id = ProcessRecords.IdOfAnswer(key.Process, key.Key, key.Serial);
        if (await Record(key, asked, answered, id) || outcome.Kind != StepOutcomeKind.Done)
            return;
        var first = await Context.Ledger.ReadById(key.Tenant, id, Stop);
        if (first is not null && ProcessRecords.Read(first) is ProcessEvent.StepAnswered { Outcome.Kind: StepOutcomeKind.Failed })
            await Record(key, asked, answered, ProcessRecords.IdOfContradiction(key.Process, key.Key, key.Serial));
    }

    private Task<bool> Record(StepKey key, AskedStep asked, ProcessEvent said, Guid id) => Context.Recorder.Record(
        key.Tenant, ProcessRecords.StreamOf(key.Process, key.Key), ProcessRecords.Write(said, id, asked.Cause, asked.CorrelationId));

    /// <summary>
    /// How often it was tried, and when it is tried again, as the ledger has it: a row may have been read before the last attempt.
    /// </summary>
    private async Task<(OpenStep Step, DateTimeOffset? NextAt)> FindAttempts(OpenStep step)
    {
        var key = step.Key;
        DateTimeOffset? nextAt = null;
        for (var attempt = step.Attempts + 1; ; attempt++)
        {
            var id = ProcessRecords.IdOfTry(key.Process, key.Key, key.Serial, attempt);
            if (await Context.Ledger.ReadById(key.Tenant, id, Stop) is not { } recorded)
                return (step, nextAt);
            (step, nextAt) = (step with { Attempts = attempt }, ((ProcessEvent.StepTried)ProcessRecords.Read(recorded)).NextAt);
        }
    }

    /// <summary>The step as the ledger has it; null where it is settled, or its outcome is recorded already.</summary>
    private async Task<OpenStep?> Find(OpenStep step)
    {
        var key = step.Key;
        var (instance, record) = await Instances.Read(Context.Ledger, key.Tenant, key.Process, key.Key, Stop);
        if (instance?.Steps.FirstOrDefault(one => one.Serial == key.Serial) is not { } open || !InstanceRows.IsToBeSettled(open))
            return null;
        var answer = ProcessRecords.IdOfAnswer(key.Process, key.Key, key.Serial);
        if (await Context.Ledger.ReadById(key.Tenant, answer, Stop) is not null)
            return null;
        var asked = new AskedStep(open, instance.CorrelationId, Cause.Of(record!));
#if ZOO
        step = step with { IsFound = true };
#endif
        return step with { Asked = asked };
    }
}

/// <summary>One attempt at what a step asks for.</summary>
internal interface IStepAttempt
{
    /// <param name="step">The step.</param>
    /// <param name="asked">What it asks for.</param>
    /// <param name="late">Told an outcome that comes after the attempt was given up.</param>
    Task<AttemptResult> Try(OpenStep step, AskedStep asked, Func<StepOutcome, Task> late);
}

/// <summary>What an attempt came to: an outcome, or a problem and the pauses before the next.</summary>
internal sealed record AttemptResult(StepOutcome? Outcome, string? Problem = null, Acting.Backoff? Retries = null);

/// <summary>Names a step.</summary>
internal readonly record struct StepKey(string Tenant, string Process, string Key, int Serial);

/// <summary>A step whose outcome is not known.</summary>
/// <param name="Key">Which.</param>
/// <param name="Attempts">How often it was tried in vain.</param>
internal sealed record OpenStep(StepKey Key, int Attempts)
{
    /// <summary>What it asks for; null where the ledger has to be asked.</summary>
    public AskedStep? Asked { get; init; }

#if ZOO
    /// <summary>Whether it was found where a former life left it.</summary>
    public bool IsFound { get; init; }
#endif
}

/// <summary>What a step asks for, and for whom.</summary>
/// <param name="Step">The step.</param>
/// <param name="CorrelationId">The conversation.</param>
/// <param name="Cause">The record that asks for it.</param>
internal sealed record AskedStep(ProcessStep Step, string? CorrelationId, Cause Cause)
{
    /// <summary>When its time is up; null where that is for the ledger to say.</summary>
    public DateTimeOffset? Until { get; init; }
}
