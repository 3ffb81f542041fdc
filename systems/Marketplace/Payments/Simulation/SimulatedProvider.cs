using System.Collections.Immutable;
using Ledgerfold.Seams;
using Marketplace.Amounts;

namespace Marketplace.Payments.Simulation;

/// <summary>
/// A payment provider that does what a script says, card by card and call by call, and approves where none says anything. It honours keys:
/// the same call under the same key is answered as before, and takes nothing from the script. A key without an answer (a timeout, an error)
/// is a new call the next time. Its books are its own and on disk; its clock is the one given. Any thread.
/// </summary>
public sealed class SimulatedProvider : IPaymentProvider, IDisposable
{
    /// <summary>How late an answer that comes late is: behind every limit of ours.</summary>
    public static readonly TimeSpan LateBy = TimeSpan.FromSeconds(15);

    private readonly Lock _lock = new();
    private readonly TimeProvider _clock;
    private readonly ProviderBooks _books = new(); // only while holding the lock, and so the journal
    private readonly ProviderJournal _journal;

    /// <summary>A provider with its books in a directory of their own.</summary>
    /// <exception cref="IOException">Another process has them.</exception>
    /// <exception cref="InvalidDataException">They are damaged.</exception>
    public SimulatedProvider(IDisk disk, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(disk);
        ArgumentNullException.ThrowIfNull(clock);
        _clock = clock;
        _journal = ProviderJournal.Open(disk, _books.Apply);
    }

    private DateTimeOffset Now => _clock.GetUtcNow();

    /// <summary>Says what the next calls for a card come to, behind what was said before.</summary>
    public void Script(string card, params ImmutableArray<ProviderOutcome> outcomes)
    {
        ArgumentException.ThrowIfNullOrEmpty(card);
        lock (_lock)
            Write(new ProviderChange.Scripted(card, outcomes));
    }

    /// <summary>Everything it was asked to hold, in no order: whoever counts again finds what is orphaned, or taken twice.</summary>
    public ImmutableArray<ProviderHold> Holds()
    {
        lock (_lock)
            return [.. _books.Holds];
    }

    /// <inheritdoc />
    public async Task<ProviderAnswer> Authorize(string key, string card, Money amount, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        for (; ; cancel.ThrowIfCancellationRequested())
        {
            TimeSpan wait;
            lock (_lock)
            {
                if (!_books.IsClosed(key) && _books.Find(key) is null)
                    wait = Decide(key, card, amount);
                else if (_books.Find(key) is { } known && (known.Card != card || known.Amount != amount))
                    return new ProviderAnswer.Refused("KEY_REUSED");
                else if (Known(key) is var answer and not ProviderAnswer.Pending)
                    return answer;
                else
                    wait = UntilHeld(key);
            }

            await Task.Delay(wait, _clock, cancel);
        }
    }

    /// <inheritdoc />
    public Task<ProviderAnswer> Query(string key, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        lock (_lock)
            return Task.FromResult(Known(key));
    }

    /// <inheritdoc />
    public Task<ProviderAnswer> Void(string key, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        lock (_lock)
            return Task.FromResult(Release(key));
    }

    /// <inheritdoc />
    public Task<ProviderAnswer> Capture(string key, string captureKey, Money amount, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        lock (_lock)
            return Task.FromResult(Take(key, captureKey, amount));
    }

    /// <inheritdoc />
    public Task<ProviderAnswer> Refund(string key, string refundKey, Money amount, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        lock (_lock)
            return Task.FromResult(GiveBack(key, refundKey, amount));
    }

    /// <inheritdoc />
    public void Dispose()
    {
        lock (_lock)
            _journal.Dispose();
    }

    /// <summary>What a first call under a key comes to; answers how long its caller waits before it asks again.</summary>
    private TimeSpan Decide(string key, string card, Money amount)
    {
        var number = $"A{_books.Holds.Count + 1}";
        switch (_books.NextOf(card))
        {
            case ProviderOutcome.Decline:
                Write(new ProviderChange.Declined(key, card, amount));
                return TimeSpan.Zero;
            case ProviderOutcome.Timeout:
                Write(new ProviderChange.Unanswered(card));
                return Timeout.InfiniteTimeSpan;
            case ProviderOutcome.ErrorOnce:
                Write(new ProviderChange.Unanswered(card));
                throw new ProviderErrorException("The provider is out of order.");
            case ProviderOutcome.LateApprove:
                Write(new ProviderChange.Held(key, card, amount, number, Now + LateBy));
                return LateBy;
            default:
                Write(new ProviderChange.Held(key, card, amount, number, Now));
                return TimeSpan.Zero;
        }
    }

    private ProviderAnswer Known(string key) => _books.Find(key) switch
    {
        null => _books.IsClosed(key) ? new ProviderAnswer.Released() : new ProviderAnswer.NotFound(),
        { IsDeclined: true } => new ProviderAnswer.Declined("the card says no"),
        { IsReleased: true } => new ProviderAnswer.Released(),
        var hold when hold.IsPending(Now) => new ProviderAnswer.Pending(),
        var hold => new ProviderAnswer.Held(hold.Number!, hold.From),
    };

    private TimeSpan UntilHeld(string key)
    {
        var wait = _books.Find(key)!.From - Now;
        return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }

    private ProviderAnswer Release(string key)
    {
        var known = Known(key);
        if (known is ProviderAnswer.Pending or ProviderAnswer.Released)
            return known;
        if (_books.Find(key) is { Captures.IsEmpty: false })
            return new ProviderAnswer.Refused("HOLD_CAPTURED");
        if (known is not ProviderAnswer.Declined)
            Write(new ProviderChange.Released(key));
        return new ProviderAnswer.Released();
    }

    private ProviderAnswer Take(string key, string captureKey, Money amount)
    {
        if (_books.Find(key) is not { } hold || hold.IsDeclined || hold.IsPending(Now))
            return new ProviderAnswer.Refused("NOT_HELD");
        if (hold.Captures.TryGetValue(captureKey, out var before))
            return before == amount ? new ProviderAnswer.Moved() : new ProviderAnswer.Refused("KEY_REUSED");
        if (hold.IsReleased)
            return new ProviderAnswer.Refused("HOLD_RELEASED");
        if (!hold.IsHeld(Now))
            return new ProviderAnswer.Refused("HOLD_EXPIRED");
        if (amount > hold.Amount - hold.Captured)
            return new ProviderAnswer.Refused("NOT_HELD");
        Write(new ProviderChange.Captured(key, captureKey, amount));
        return new ProviderAnswer.Moved();
    }

    private ProviderAnswer GiveBack(string key, string refundKey, Money amount)
    {
        if (_books.Find(key) is not { } hold)
            return new ProviderAnswer.Refused("NOT_CAPTURED");
        if (hold.Refunds.TryGetValue(refundKey, out var before))
            return before == amount ? new ProviderAnswer.Moved() : new ProviderAnswer.Refused("KEY_REUSED");
        if (amount > hold.Captured - hold.Refunded)
            return new ProviderAnswer.Refused("NOT_CAPTURED");
        Write(new ProviderChange.Refunded(key, refundKey, amount));
        return new ProviderAnswer.Moved();
    }

    private void Write(ProviderChange change)
    {
        _journal.Append(change);
        _books.Apply(change);
    }
}
