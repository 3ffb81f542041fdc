using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace Ledgerfold.Model.Commanding;

/// <summary>
/// Who may decide about a stream now. One at a time leads; those who wait behind may be taken along into the leader's append, and when it
/// leaves, the next in line leads. There is no worker: each caller runs on its own, and is told by its waiter that it leads, or what
/// somebody else answered for it. It only spares conflicts within this process: what makes an append safe is the expected version.
/// </summary>
internal sealed class KeyTurns(int waitingMax)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<StreamKey, Queue<KeyWaiter>?> _queues = []; // a key stands here while somebody leads it

    /// <summary>Whether nobody leads or waits anywhere.</summary>
    public bool IsIdle
    {
        get
        {
            lock (_lock)
                return _queues.Count == 0;
        }
    }

    /// <summary>Stands in line, or leads at once; false where too many wait already.</summary>
    public bool TryEnter(StreamKey key, KeyWaiter waiter)
    {
        lock (_lock)
        {
            ref var queue = ref CollectionsMarshal.GetValueRefOrAddDefault(_queues, key, out var isLed);
            if (isLed)
            {
                queue ??= new Queue<KeyWaiter>();
                if (queue.Count >= waitingMax)
                    return false;
                waiter.StandInLine();
                queue.Enqueue(waiter);
                return true;
            }
        }

        waiter.TryLead();
        return true;
    }

    /// <summary>By the leader: takes along those directly behind that can be, in their order.</summary>
    public void TakeAlong(StreamKey key, List<KeyWaiter> along, int max)
    {
        lock (_lock)
        {
            if (_queues[key] is not { } queue)
                return;
            while (along.Count < max && queue.TryPeek(out var next) && next.CanBeTakenAlong)
            {
                queue.Dequeue();
                if (next.TryTakeAlong())
                    along.Add(next);
            }
        }
    }

    /// <summary>By the leader: lets the next in line lead.</summary>
    public void Leave(StreamKey key)
    {
        lock (_lock)
        {
            _queues.Remove(key, out var queue);
            while (queue is not null && queue.TryDequeue(out var next))
            {
                if (!next.TryLead())
                    continue;
                _queues.Add(key, queue);
                return;
            }
        }
    }
}

/// <summary>A stream of a tenant. Its hash is made once, because each command looks it up in several places.</summary>
internal readonly record struct StreamKey(string Tenant, string Stream)
{
    private readonly int _hash = HashCode.Combine(Tenant, Stream);

    public bool Equals(StreamKey other) => _hash == other._hash && Stream == other.Stream && Tenant == other.Tenant;

    public override int GetHashCode() => _hash;
}

/// <summary>Someone in line for a stream: given up while it waits, told to lead, or taken along and answered. Any thread.</summary>
/// <param name="work">What a leader may do for it; null for one that must lead itself.</param>
internal sealed class KeyWaiter(object? work)
{
    private static readonly Task<bool> Leads = Task.FromResult(true);

    private TaskCompletionSource<bool>? _told; // only of one that had to wait
    private int _taken; // by whoever sets it first: a leader, the line, or its own cancellation

    public object? Work { get; } = work;

    public bool CanBeTakenAlong => Work is not null;

    /// <summary>What it was answered, once <see cref="Told"/> has said false or the leader has answered itself.</summary>
    public CommandAnswer? Answer { get; private set; }

    public ExceptionDispatchInfo? Failure { get; private set; }

    public bool IsAnswered => Answer is not null || Failure is not null;

    /// <summary>True when it leads, false when it has been answered.</summary>
    public Task<bool> Told => _told?.Task ?? Leads;

    /// <summary>From now on it waits in line.</summary>
    public void StandInLine() => _told = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool TryLead()
    {
        if (!TryTake())
            return false;
        _told?.TrySetResult(true);
        return true;
    }

    public bool TryTakeAlong() => TryTake();

    public void GiveUp(CancellationToken cancel)
    {
        if (TryTake())
            _told?.TrySetCanceled(cancel);
    }

    public void Complete(CommandAnswer answer)
    {
        Answer = answer;
        _told?.TrySetResult(false);
    }

    public void Fail(Exception failure)
    {
        Failure = ExceptionDispatchInfo.Capture(failure);
        _told?.TrySetResult(false);
    }

    /// <summary>The answer, or the failure of its own decision.</summary>
    public CommandAnswer Take()
    {
        Failure?.Throw();
        return Answer ?? throw new InvalidOperationException("A command was left without an answer.");
    }

    private bool TryTake() => Interlocked.Exchange(ref _taken, 1) == 0;
}
