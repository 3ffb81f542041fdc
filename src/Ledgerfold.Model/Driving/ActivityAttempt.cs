using System.Text.Json;
using Ledgerfold.Model.Acting;
using Ledgerfold.Model.Events;
using Ledgerfold.Model.Folding;
using Ledgerfold.Model.Processing;
using ActivityKind = System.Diagnostics.ActivityKind;

namespace Ledgerfold.Model.Driving;

/// <summary>
/// Tries an activity, always under the same key. What an attempt in vain left behind is asked about before the next, where that can be
/// asked; and once the step's time is up, nothing more is done but asking.
/// </summary>
internal sealed class ActivityAttempt(Activity activity, ProcessOptions options, CancellationToken stop) : IStepAttempt
{
    private const string GivenUp = "GIVEN_UP";
    private const int ResultBytesMax = 256 * 1024;

    public async Task<AttemptResult> Try(OpenStep step, AskedStep asked, Func<StepOutcome, Task> late)
    {
        using var trace = Telemetry.Source.StartActivity(activity.Name, ActivityKind.Client, asked.Cause.TraceParent);
        trace?.SetTag(TelemetryNames.Attributes.Process, step.Key.Process).SetTag(TelemetryNames.Attributes.Tenant, step.Key.Tenant);
        var context = ContextOf(step, asked) with { TraceParent = trace?.Id ?? asked.Cause.TraceParent };
        var request = asked.Step.Work!.Data;
        var isOver = asked.Step.Status == StepStatus.Overdue || step.Attempts >= activity.Retries.AttemptsMax;
        if (activity.CanAsk && (step.Attempts > 0 || isOver))
        {
            var known = await Within(cancel => activity.AskIt(request, context, cancel), late);
            if (known is not ActivityOutcome.NotDone notDone)
                return Read(known);
            if (isOver)
                return Failed(GivenUp, notDone.Problem);
        }
        else if (isOver)
        {
            return GiveUp(null);
        }

        var done = await Within(cancel => activity.DoIt(request, context, cancel), late);
        var isGivenUp = step.Attempts + 1 >= activity.Retries.AttemptsMax && !activity.CanAsk;
        return done switch
        {
            // an attempt before a crash, or of another engine, may have done it since it was said that none did
            ActivityOutcome.NotDone { Problem: var problem } when isGivenUp => GiveUp(problem),
            ActivityOutcome.Unknown { Problem: var problem } when isGivenUp => GiveUp(problem),
            _ => Read(done),
        };
    }

    private static AttemptResult GiveUp(string? problem) => new(new StepOutcome(StepOutcomeKind.Unknown, GivenUp, problem));

    private ActivityContext ContextOf(OpenStep step, AskedStep asked)
    {
        var key = step.Key;
        var id = ProcessRecords.IdOfStep(key.Tenant, key.Process, key.Key, key.Serial);
#if ZOO
        if (Zoo.Bug("process-retry-with-a-new-key"))
            id = ProcessRecords.IdOfStep(key.Tenant, key.Process, key.Key, -1 - step.Attempts - (1000 * key.Serial));
#endif
        return new ActivityContext
        {
            IdempotencyKey = id,
            Undoes = asked.Step.Undoes is { } undone ? ProcessRecords.IdOfStep(key.Tenant, key.Process, key.Key, undone) : null,
            Attempt = step.Attempts + 1,
            Tenant = key.Tenant,
            Process = key.Process,
            Key = key.Key,
            Step = asked.Step.Name,
            CorrelationId = asked.CorrelationId,
        };
    }

    private AttemptResult Read(ActivityOutcome outcome) => outcome switch
    {
        ActivityOutcome.Done done => new(Say(done)),
        ActivityOutcome.Refused refused => Failed(refused.Code, refused.Message),
        ActivityOutcome.NotDone notDone => new(null, notDone.Problem, activity.Retries),
        ActivityOutcome.Unknown unknown => new(null, unknown.Problem, activity.Retries),
        _ => throw new InvalidOperationException($"{outcome} is no outcome of an activity."),
    };

    /// <summary>
    /// It is done, whatever becomes of its result: one that cannot be kept is left out, and never a reason to do it again.
    /// </summary>
    private static StepOutcome Say(ActivityOutcome.Done done)
    {
        if (done.Result is not { } result)
            return new StepOutcome(StepOutcomeKind.Done);
        try
        {
            var written = JsonSerializer.SerializeToUtf8Bytes(result, result.GetType(), EventJson.Options);
            return written.Length <= ResultBytesMax
                ? new StepOutcome(StepOutcomeKind.Done, Result: JsonSerializer.Deserialize<JsonElement>(written))
                : new StepOutcome(StepOutcomeKind.Done, Message: $"its result has more than {ResultBytesMax} bytes and is not kept");
        }
        catch (Exception failure) when (failure is JsonException or NotSupportedException or ArgumentException)
        {
            return new StepOutcome(StepOutcomeKind.Done, Message: "its result cannot be written as JSON and is not kept");
        }
    }

    private static AttemptResult Failed(string code, string? message) => new(new StepOutcome(StepOutcomeKind.Failed, code, message));

    /// <summary>
    /// Lets it take its time and no longer. What still answers afterwards is not lost: it is the outcome, if there is none yet.
    /// </summary>
    private async Task<ActivityOutcome> Within(Func<CancellationToken, Task<ActivityOutcome>> act, Func<StepOutcome, Task> late)
    {
        var answer = new TaskCompletionSource<ActivityOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        var cancel = new CancellationTokenSource();
        using var stopping = stop.UnsafeRegister(_ => answer.TrySetCanceled(stop), null);
        var cancelling = stop.UnsafeRegister(_ => Ambient.CancelHere(cancel), null);
        using var timer = options.Clock.CreateTimer(
            _ =>
            {
                if (answer.TrySetResult(new ActivityOutcome.Unknown($"no answer within {activity.Timeout}")))
                    Ambient.CancelHere(cancel);
            },
            null, Ambient.WholeMillis(activity.Timeout), Timeout.InfiniteTimeSpan);
        _ = Ambient.Begin(Observe); // one that blocks its caller blocks nobody who waits for the time to be up
#if ZOO
        if (Zoo.Bug("process-timeout-taken-for-refused") && await answer.Task is ActivityOutcome.Unknown unknown)
            return new ActivityOutcome.Refused("TIMEOUT", unknown.Problem);
#endif
        return await answer.Task;

        async Task Observe()
        {
            try
            {
                var outcome = await act(cancel.Token);
                if (!answer.TrySetResult(outcome) && Read(outcome).Outcome is { } settled)
                    await late(settled);
            }
            catch (Exception failure) when (failure is not OutOfMemoryException)
            {
                answer.TrySetResult(new ActivityOutcome.Unknown(FoldError.Say(failure)));
            }
            finally
            {
                cancelling.Unregister(); // it waits for nobody, as disposing would
            }
        }
    }
}
