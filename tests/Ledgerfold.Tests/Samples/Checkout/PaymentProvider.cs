namespace Ledgerfold.Tests.Samples.Checkout;

/// <summary>A payment provider as one meets them: it honours keys, can be asked, may say no, and may be silent for a while.</summary>
public sealed class PaymentProvider
{
    private readonly Dictionary<Guid, Authorization> _authorized = [];
    private readonly List<Guid> _voided = [];

    /// <summary>Whether it says no.</summary>
    public bool Declines { get; set; }

    /// <summary>Whether it does what it is asked for, and its answers are lost.</summary>
    public bool IsSilent { get; set; }

    /// <summary>How many authorizations it gave and still holds.</summary>
    public int Held => _authorized.Count - _voided.Count;

    /// <summary>How many it gave and took back.</summary>
    public int Voided => _voided.Count;

    public Task<Authorization?> Authorize(Guid key, decimal amount, CancellationToken cancel)
    {
        Assert.True(amount > 0);
        if (!Declines && !_authorized.ContainsKey(key))
            _authorized.Add(key, new Authorization($"A{_authorized.Count + 1}"));
        return Answer(_authorized.GetValueOrDefault(key), cancel);
    }

    public Task<Authorization?> Find(Guid key, CancellationToken cancel) => Answer(_authorized.GetValueOrDefault(key), cancel);

    public Task Void(Guid key, CancellationToken cancel)
    {
        if (!_voided.Contains(key))
            _voided.Add(key);
        return Answer(null, cancel);
    }

    private async Task<Authorization?> Answer(Authorization? authorization, CancellationToken cancel)
    {
        if (IsSilent)
        {
            var never = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            using var cancelled = cancel.Register(() => never.TrySetCanceled(cancel));
            await never.Task;
        }

        return authorization;
    }
}
