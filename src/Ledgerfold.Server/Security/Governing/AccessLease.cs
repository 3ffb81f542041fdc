using Ledgerfold.Server.Security.Permitting;

namespace Ledgerfold.Server.Security.Governing;

/// <summary>Access that lasts until it is lost: by a change of policy, or because a key or a session is over.</summary>
internal sealed class AccessLease : IDisposable
{
    private readonly PolicyWatch _watch;
    private readonly Caller _caller;
    private readonly Func<Access, Ruling> _rule;
    private readonly TimeProvider _clock;
    private readonly CancellationTokenSource _lost = new();
    private readonly ITimer? _expiry;

    internal AccessLease(PolicyWatch watch, Caller caller, Func<Access, Ruling> rule, TimeProvider clock)
    {
        (_watch, _caller, _rule, _clock) = (watch, caller, rule, clock);
        Lost = _lost.Token;
        if (watch.Current.EndOf(caller) is { } end)
            _expiry = clock.CreateTimer(Expired, this, Until(end), Timeout.InfiniteTimeSpan);
    }

    /// <summary>Cancelled as soon as the access is lost.</summary>
    public CancellationToken Lost { get; }

    /// <summary>Why it was lost; null while it was not.</summary>
    public Ruling.Denied? Why { get; private set; }

    /// <summary>Gives it back.</summary>
    public void Dispose()
    {
        _watch.Forget(this);
        _expiry?.Dispose();
    }

    /// <summary>Sees whether it still holds.</summary>
    internal void Look()
    {
        if (_rule(_watch.AccessOf(_caller)) is not Ruling.Denied denied)
            return;
        Why = denied;
        End();
    }

    /// <summary>Takes it.</summary>
    internal void End()
    {
        _watch.Forget(this);
        try
        {
            _lost.Cancel();
        }
        catch (AggregateException)
        {
            // everybody was told; what they made of it is theirs
        }
    }

    private static void Expired(object? state)
    {
        var lease = (AccessLease)state!;
        if (lease._watch.Current.EndOf(lease._caller) is { } end && end > lease._clock.GetUtcNow())
            lease._expiry?.Change(lease.Until(end), Timeout.InfiniteTimeSpan); // further off than a timer is set, or the clock was set back
        else
            lease.Look();
    }

    private TimeSpan Until(DateTimeOffset end) => TimeSpan.FromMilliseconds(
        Math.Clamp(Math.Ceiling((end - _clock.GetUtcNow()).TotalMilliseconds), 0, TimeSpan.FromDays(1).TotalMilliseconds));
}
