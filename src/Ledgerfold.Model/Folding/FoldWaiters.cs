namespace Ledgerfold.Model.Folding;

/// <summary>
/// Who waits until a fold shows a position. The loop tells how far it is; whoever waits is answered in the same moment, or when the time is
/// up. Any thread.
/// </summary>
internal sealed class FoldWaiters(TimeProvider clock, Signal wake)
{
    private readonly Lock _lock = new();
    private readonly List<Waiter> _waiting = [];
    private long _visible;
    private long _wantedMin = long.MaxValue;
    private bool _ended;

    /// <summary>Up to here the store shows everything.</summary>
    public long Visible => Interlocked.Read(ref _visible);

    /// <summary>The lowest position that somebody waits for; the highest of all numbers while nobody does.</summary>
    public long WantedMin => Interlocked.Read(ref _wantedMin);

    /// <summary>True once the position shows; false when the time is up first, or the fold stops.</summary>
    public ValueTask<bool> Wait(long position, TimeSpan? within, CancellationToken cancel)
    {
        Waiter waiter;
        lock (_lock)
        {
            if (_visible >= position)
                return new(true);
            if (_ended || within <= TimeSpan.Zero)
                return new(false);
            waiter = new Waiter(position);
            _waiting.Add(waiter);
            _wantedMin = Math.Min(_wantedMin, position);
        }

        wake.Set();
        return WaitFor(waiter, within, cancel);
    }

    /// <summary>The rows show everything up to here; lower than before only after they had to be computed again.</summary>
    public void Show(long visible)
    {
        List<Waiter> answered;
        lock (_lock)
        {
            _visible = visible;
            if (_wantedMin > visible)
                return;
            answered = _waiting.FindAll(waiter => waiter.Position <= visible);
            foreach (var waiter in answered)
                Remove(waiter);
        }

        foreach (var waiter in answered)
            waiter.Answer.TrySetResult(true);
    }

    /// <summary>Nothing more will show.</summary>
    public void End()
    {
        Waiter[] left;
        lock (_lock)
        {
            _ended = true;
            left = [.. _waiting];
            _waiting.Clear();
            _wantedMin = long.MaxValue;
        }

        foreach (var waiter in left)
            waiter.Answer.TrySetResult(false);
    }

    private async ValueTask<bool> WaitFor(Waiter waiter, TimeSpan? within, CancellationToken cancel)
    {
        using var timer = within is { } time
            ? clock.CreateTimer(static state => ((Waiter)state!).Answer.TrySetResult(false), waiter, time, Timeout.InfiniteTimeSpan)
            : null;
        using var cancelling = cancel.UnsafeRegister(
            static (state, token) => ((Waiter)state!).Answer.TrySetCanceled(token), waiter);
        try
        {
            return await waiter.Answer.Task;
        }
        finally
        {
            lock (_lock)
                Remove(waiter);
        }
    }

    private void Remove(Waiter waiter)
    {
        if (_waiting.Remove(waiter) && waiter.Position == _wantedMin)
            _wantedMin = _waiting.Count == 0 ? long.MaxValue : _waiting.Min(static other => other.Position);
    }

    private sealed class Waiter(long position)
    {
        public long Position { get; } = position;

        public TaskCompletionSource<bool> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
