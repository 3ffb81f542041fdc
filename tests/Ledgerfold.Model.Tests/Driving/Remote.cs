using Ledgerfold.Model.Acting;

namespace Ledgerfold.Model.Tests.Driving;

/// <summary>What a remote does with a call.</summary>
public enum Behaviour
{
    /// <summary>Does it and answers.</summary>
    Answers,

    /// <summary>Does it, and the answer is lost.</summary>
    LosesTheAnswer,

    /// <summary>Does nothing, and says nothing.</summary>
    LosesTheCall,

    /// <summary>Does nothing, and fails.</summary>
    Fails,

    /// <summary>Turns it down for good.</summary>
    Refuses,

    /// <summary>Does it, and answers when it is let go.</summary>
    Hangs,
}

/// <summary>Somebody on the outside who honours keys: the same key again does nothing again, and is answered the same.</summary>
public sealed class Remote
{
    private readonly Queue<Behaviour> _script = new();
    private readonly Dictionary<Guid, string> _done = [];
    private readonly List<TaskCompletionSource> _hanging = [];

    public Remote(bool canAsk = true, Backoff? retries = null, TimeSpan? timeout = null)
    {
        var pauses = retries ?? new Backoff { First = TimeSpan.FromSeconds(1), Longest = TimeSpan.FromSeconds(30) };
        Charging = new Activity<Charge>("charge")
        {
            Do = (charge, context, cancel) => Do($"charged {charge.Order} {charge.Amount}", context, cancel),
            Ask = canAsk ? (_, context, _) => Ask(context) : null,
            Retries = pauses,
            Timeout = timeout ?? TimeSpan.FromSeconds(10),
        };
        Refunding = new Activity<Refund>("refund")
        {
            Do = (refund, context, cancel) => Do($"refunded {refund.Order} {refund.Amount}", context, cancel),
            Retries = pauses,
        };
    }

    public Activity<Charge> Charging { get; }

    public Activity<Refund> Refunding { get; }

    /// <summary>What was done, in order, each key once.</summary>
    public List<string> Effects { get; } = [];

    /// <summary>Every call, with its key.</summary>
    public List<(string What, ActivityContext Context)> Calls { get; } = [];

    public int Asked { get; private set; }

    /// <summary>Whether it cannot be asked for now.</summary>
    public bool IsSilent { get; set; }

    /// <summary>How it takes the next calls; afterwards it answers.</summary>
    public Remote Will(params Behaviour[] script)
    {
        foreach (var one in script)
            _script.Enqueue(one);
        return this;
    }

    public void LetGo()
    {
        foreach (var one in _hanging)
            one.TrySetResult();
    }

    private async Task<ActivityOutcome> Do(string effect, ActivityContext context, CancellationToken cancel)
    {
        Calls.Add((effect, context));
        var behaviour = _script.TryDequeue(out var next) ? next : Behaviour.Answers;
        switch (behaviour)
        {
            case Behaviour.Refuses:
                return new ActivityOutcome.Refused("DECLINED", "no money");
            case Behaviour.Fails:
                throw new IOException("the line is dead");
            case Behaviour.LosesTheCall:
                await Forever(cancel);
                break;
        }

        if (_done.TryAdd(context.IdempotencyKey, $"R{_done.Count + 1}"))
            Effects.Add(effect);
        if (behaviour == Behaviour.LosesTheAnswer)
            await Forever(cancel);
        if (behaviour == Behaviour.Hangs)
        {
            var hanging = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _hanging.Add(hanging);
            await hanging.Task;
        }

        return new ActivityOutcome.Done(new Receipt(_done[context.IdempotencyKey]));
    }

    private Task<ActivityOutcome> Ask(ActivityContext context)
    {
        Asked++;
        if (IsSilent)
            throw new IOException("nobody answers");
        return Task.FromResult<ActivityOutcome>(_done.TryGetValue(context.IdempotencyKey, out var number)
            ? new ActivityOutcome.Done(new Receipt(number))
            : new ActivityOutcome.NotDone("never heard of it"));
    }

    private static async Task Forever(CancellationToken cancel)
    {
        var never = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var cancelled = cancel.UnsafeRegister(static state => ((TaskCompletionSource)state!).TrySetCanceled(), never);
        await never.Task;
    }
}
