using Ledgerfold.Model.Acting;
using Ledgerfold.Testing;
using Ledgerfold.Testing.Disk;

namespace Ledgerfold.Simulation.Wires;

/// <summary>The clearing house as the bank's code sees it.</summary>
internal interface IClearing
{
    Task<ActivityOutcome> Send(SendWire request, ActivityContext context, CancellationToken cancel);

    Task<ActivityOutcome> Recall(RecallWire request, ActivityContext context, CancellationToken cancel);

    Task<ActivityOutcome> Ask(ActivityContext context);
}

/// <summary>What the clearing house did under a key.</summary>
internal sealed class Clearing(string wire, int request, string? reference)
{
    public string Wire => wire;

    public int Request => request;

    /// <summary>What a sent wire is called; null for a recall.</summary>
    public string? Reference => reference;

    public bool IsRecalled { get; set; }
}

/// <summary>
/// Somebody on the outside with faults of its own, who outlives the bank's processes. It honours keys: the same key again does nothing
/// again, and is answered the same. It loses calls and answers, is slow, does some things long after they were asked for, fails, refuses and
/// goes down. What it says is true: a call that it says is not done is not done later either.
/// </summary>
internal sealed class ClearingHouse(SeededRandom random, ManualClock clock, WirePlan plan)
{
    private readonly Dictionary<Guid, Clearing> _done = [];
    private readonly HashSet<Guid> _refused = [];
    private readonly HashSet<Guid> _sealed = [];
    private readonly Dictionary<Guid, int> _voidTo = []; // calls up to this one are of no effect any more
    private readonly Dictionary<Guid, long> _silentTo = []; // nobody can say what became of it before
    private int _calls;
    private int _references;

    public bool IsDown { get; set; }

    /// <summary>How many calls may still meet a fault.</summary>
    public int FaultsLeft { get; set; } = int.MaxValue;

    /// <summary>What it has to say of what it sent, and nobody has taken note of yet.</summary>
    public Queue<TakeNotice> Notices { get; } = new();

    /// <summary>Whatever was wrong with what it was asked for.</summary>
    public string? Violation { get; private set; }

    /// <summary>Whether the bank has known for long that the time of what it asks for is up.</summary>
    public required Func<Guid, bool> IsLongOverdue { private get; init; }

    /// <summary>What it met, by the names of marks.</summary>
    public required Action<string> Met { private get; init; }

    public IReadOnlyDictionary<Guid, Clearing> Effects => _done;

    public bool Refused(Guid key) => _refused.Contains(key) || _sealed.Contains(key);


    /// <summary>A line to it from one process, that is dead when the process is, or where there is none.</summary>
    public IClearing LineOf(SimulatedProcess? process) => new Line(this, process);

    private SeededRandom Random => random;

    private ManualClock Clock => clock;

    private bool Faults() => plan.FaultOneIn > 0 && random.OneIn(plan.FaultOneIn) && FaultsLeft-- > 0;

    private int NewCall() => ++_calls;

    private bool IsVoid(Guid key, int call) => call <= _voidTo.GetValueOrDefault(key) || Refused(key);

    private void Send(Guid key, SendWire request, int call)
    {
        if (IsVoid(key, call) || _done.ContainsKey(key))
            return;
        var reference = $"R{++_references}";
        _done.Add(key, new Clearing(request.Wire, request.Request, reference));
        if (!random.OneIn(4))
            Later(() => Notices.Enqueue(new TakeNotice(reference, !random.OneIn(4))));
    }

    private void Recall(Guid key, Guid sent, RecallWire request, int call)
    {
        if (IsVoid(key, call) || !_done.TryAdd(key, new Clearing(request.Wire, request.Request, reference: null)))
            return;
        var target = _done.GetValueOrDefault(sent);
        if (target is null && plan.CanAsk)
            Violation ??= $"{request} was never sent";
        if (target is null)
            _sealed.Add(sent); // it may be under way, and is of no effect from here on
        else if (target.IsRecalled)
            Violation ??= $"{request} was recalled twice";
        else
            target.IsRecalled = true;
    }

    /// <summary>Some time from now, whether or not anybody waits for it.</summary>
    private void Later(Action act) => clock.CreateTimer(
        static state => ((Action)state!)(), act, TimeSpan.FromMilliseconds(random.Between(100, 7000)), Timeout.InfiniteTimeSpan);

    private ActivityOutcome? Known(Guid key)
    {
        if (_done.TryGetValue(key, out var done))
            return new ActivityOutcome.Done(done.Reference is { } reference ? new WireReceipt(reference) : null);
        return Refused(key) ? new ActivityOutcome.Refused("DECLINED") : null;
    }

    private ActivityOutcome NotDone(Guid key, string why)
    {
        _voidTo[key] = _calls;
        return new ActivityOutcome.NotDone(why);
    }

    private sealed class Line(ClearingHouse house, SimulatedProcess? process) : IClearing
    {
        public Task<ActivityOutcome> Send(SendWire request, ActivityContext context, CancellationToken cancel) =>
            Do(context, call => house.Send(context.IdempotencyKey, request, call), canRefuse: true, cancel);

        public Task<ActivityOutcome> Recall(RecallWire request, ActivityContext context, CancellationToken cancel) =>
            Do(context, call => house.Recall(context.IdempotencyKey, context.Undoes!.Value, request, call), canRefuse: false, cancel);

        public async Task<ActivityOutcome> Ask(ActivityContext context)
        {
            if (process is not { IsAlive: true })
                await Never(CancellationToken.None);
            if (house.IsDown)
                throw new IOException("nobody answers");
            if (house.Faults())
                house._silentTo[context.IdempotencyKey] = house.Clock.GetTimestamp() + TimeSpan.FromMilliseconds(house.Random.Between(0, 15_000)).Ticks;
            if (house.Clock.GetTimestamp() < house._silentTo.GetValueOrDefault(context.IdempotencyKey))
                return house.Random.Coin() ? throw new IOException("the line is dead") : new ActivityOutcome.Unknown("ask again later");
            return house.Known(context.IdempotencyKey) ?? house.NotDone(context.IdempotencyKey, "never heard of it");
        }

        private async Task<ActivityOutcome> Do(ActivityContext context, Action<int> act, bool canRefuse, CancellationToken cancel)
        {
            var key = context.IdempotencyKey;
            if (process is not { IsAlive: true })
                await Never(cancel);
            if (house.IsLongOverdue(key))
                house.Violation ??= $"{context.Key} {context.Step} is done though its time is up";
            if (house.IsDown)
                throw new IOException("nobody answers");
            var call = house.NewCall();
            switch (house.Faults() ? house.Random.Below(canRefuse ? 8 : 7) : -1)
            {
                case 0:
                    house.Met("wires: a call was lost");
                    await Never(cancel);
                    break;
                case 1:
                    house.Met("wires: an answer was lost");
                    act(call);
                    await Never(cancel);
                    break;
                case 2:
                    throw new IOException("the line is dead");
                case 3:
                    act(call);
                    throw new IOException("the line went dead");
                case 4:
                    house.Met("wires: a call was carried out long after");
                    house.Later(() => act(call));
                    await Never(cancel);
                    break;
                case 5:
                    house.Met("wires: an answer came late");
                    act(call);
                    await Pause(house.Random.Between(100, 6000));
                    break;
                case 6:
                    return house.Known(key) ?? house.NotDone(key, "busy");
                case 7 when house.Known(key) is null:
                    house._refused.Add(key);
                    break;
                default:
                    act(call);
                    break;
            }

            return house.Known(key) ?? new ActivityOutcome.Unknown("it is of no effect any more");
        }

        private async Task Pause(int milliseconds)
        {
            var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            using var timer = new ProcessClock(house.Clock, process!).CreateTimer(
                static state => ((TaskCompletionSource)state!).TrySetResult(), over, TimeSpan.FromMilliseconds(milliseconds), Timeout.InfiniteTimeSpan);
            await over.Task;
        }

        private static async Task Never(CancellationToken cancel)
        {
            var never = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            using var cancelled = cancel.UnsafeRegister(static state => ((TaskCompletionSource)state!).TrySetCanceled(), never);
            await never.Task;
        }
    }
}
