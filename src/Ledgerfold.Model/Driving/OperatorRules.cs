using Ledgerfold.Model.Folding;
using Ledgerfold.Model.Processing;

namespace Ledgerfold.Model.Driving;

/// <summary>
/// What an operator may ask for, as an instance stands now; so that what makes no sense is refused, and not recorded in vain.
/// </summary>
internal static class OperatorRules
{
    private const int ReasonLengthMax = 1_000;

    public static async ValueTask<AppendOutcome.Refused?> Check(
        ProcessLoop loop, InstanceName name, OperatorAction action, string reason, string actor, CancellationToken cancel)
    {
        if (string.IsNullOrWhiteSpace(reason) || reason.Length > ReasonLengthMax)
            return new("reason", $"why, in 1 to {ReasonLengthMax} characters");
        if (!Limits.IsName(actor))
            return new("actor", "1 to 512 bytes of UTF-8 without control characters");
        if (!Limits.IsName(name.Tenant))
            return new("tenant", "1 to 512 bytes of UTF-8 without control characters");
        if (action is OperatorAction.HandIn(var position))
            return await CheckPosition(loop, name, position, cancel);
        if (action is OperatorAction.PassOver)
            return await CheckMissed(loop, name, cancel);
        if (name.Key is not { } key || !ProcessRecords.IsKey(key))
            return new("key", "the key of an instance");
        var (instance, _) = await Instances.Read(loop.Ledger, name.Tenant, name.Process, key, cancel);
        return instance is null ? new("key", "the key of an instance that there is") : Check(instance, action);
    }

    private static async ValueTask<AppendOutcome.Refused?> CheckPosition(
        ProcessLoop loop, InstanceName name, long position, CancellationToken cancel)
    {
        if (name.Key is { } key && !ProcessRecords.IsKey(key))
            return new("key", "the key of an instance, or none");
        return await loop.FindEvent(name.Tenant, position, cancel) is null
            ? new("position", "the position of an event that the process reacts to")
            : null;
    }

    private static async ValueTask<AppendOutcome.Refused?> CheckMissed(ProcessLoop loop, InstanceName name, CancellationToken cancel)
    {
        if (name.Key is { } key && !ProcessRecords.IsKey(key))
            return new("key", "the key of an instance, or none");
        var stream = ProcessRecords.StreamOf(name.Process, name.Key);
        var missed = EventQuery.Of(new QueryItem { Stream = stream, Types = [nameof(ProcessEvent.ProcessMissed)] });
        var request = new ReadRequest { Tenant = name.Tenant, Query = missed, Limit = 1 };
        return await loop.Ledger.Read(request, cancel).First() is null ? new("key", "a key under which something was missed") : null;
    }

    private static AppendOutcome.Refused? Check(ProcessInstance instance, OperatorAction action) => action switch
    {
        OperatorAction.Release => instance.Error is not null ? null : new("action", "only where the code failed at an input"),
        OperatorAction.Terminate => instance.HasEnded ? HasEnded : null,
        _ when instance.Error is not null => new("action", "release or terminate: it waits behind an input at which its code failed"),
        OperatorAction.RetryStep(var serial) =>
            instance.Steps.Any(step => step.Serial == serial && step.Status == StepStatus.Failed)
                ? null
                : new("serial", "the number of a step that failed"),
        OperatorAction.SettleStep(var serial) =>
            instance.Steps.Any(step => step.Serial == serial && step.Status is StepStatus.Failed or StepStatus.Overdue)
                ? null
                : new("serial", "the number of a step that failed or is overdue"),
        OperatorAction.FireTimer(var timer) => CheckTimer(instance, timer),
        OperatorAction.CancelTimer(var timer) => CheckTimer(instance, timer),
        OperatorAction.MoveTimer(var timer, _) => CheckTimer(instance, timer),
        OperatorAction.Compensate when instance.HasEnded => HasEnded,
        OperatorAction.Compensate when instance.Pivoted => new("action", "not behind the pivot: there is no way back"),
        OperatorAction.Compensate when instance.Phase != ProcessPhase.Running => new("action", "only once: it compensates already"),
        _ => null,
    };

    private static AppendOutcome.Refused HasEnded { get; } = new("key", "the key of an instance that has not ended");

    private static AppendOutcome.Refused? CheckTimer(ProcessInstance instance, string timer) =>
        instance.Timers.Any(one => one.Name == timer && one.Step is null) ? null : new("name", "the name of a timer that is set");
}
