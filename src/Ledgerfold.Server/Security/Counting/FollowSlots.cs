namespace Ledgerfold.Server.Security.Counting;

/// <summary>How many follows each principal has open. Any thread.</summary>
/// <param name="slotsMax">How many one may have at a time.</param>
internal sealed class FollowSlots(int slotsMax)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _open = [];

    /// <summary>A slot, to be disposed of when the follow ends; null where all are taken.</summary>
    public IDisposable? TryTake(string principal)
    {
        lock (_lock)
        {
            var open = _open.GetValueOrDefault(principal);
            if (open >= slotsMax)
                return null;
            _open[principal] = open + 1;
            return new Slot(this, principal);
        }
    }

    private void Return(string principal)
    {
        lock (_lock)
        {
            var left = _open[principal] - 1;
            if (left == 0)
                _open.Remove(principal);
            else
                _open[principal] = left;
        }
    }

    private sealed class Slot(FollowSlots slots, string principal) : IDisposable
    {
        private int _returned;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _returned, 1) == 0)
                slots.Return(principal);
        }
    }
}
