using System.Collections.Immutable;
using Marketplace.Amounts;

namespace Marketplace.Payments.Simulation;

/// <summary>
/// The simulated provider's books: what its changes make of them, one after the other. What is held from a later moment on is so by the
/// clock alone, so that no timer has to survive a restart. One thread at a time.
/// </summary>
internal sealed class ProviderBooks
{
    private readonly Dictionary<string, ProviderHold> _holds = new(StringComparer.Ordinal);
    private readonly HashSet<string> _closed = new(StringComparer.Ordinal); // released before anything was held
    private readonly Dictionary<string, Queue<ProviderOutcome>> _scripts = new(StringComparer.Ordinal);

    public IReadOnlyCollection<ProviderHold> Holds => _holds.Values;

    public ProviderHold? Find(string key) => _holds.GetValueOrDefault(key);

    public bool IsClosed(string key) => _closed.Contains(key);

    /// <summary>What the next call for a card comes to; approved where no script says otherwise.</summary>
    public ProviderOutcome NextOf(string card) => _scripts.TryGetValue(card, out var script) ? script.Peek() : ProviderOutcome.Approve;

    public void Apply(ProviderChange change)
    {
        switch (change)
        {
            case ProviderChange.Scripted scripted when scripted.Outcomes.Length > 0:
                if (!_scripts.TryGetValue(scripted.Card, out var script))
                    _scripts.Add(scripted.Card, script = new Queue<ProviderOutcome>());
                foreach (var outcome in scripted.Outcomes)
                    script.Enqueue(outcome);
                break;
            case ProviderChange.Held held:
                Spend(held.Card);
                _holds.Add(held.Key, new ProviderHold(held.Key, held.Card, held.Amount, held.Number, held.From));
                break;
            case ProviderChange.Declined declined:
                Spend(declined.Card);
                _holds.Add(
                    declined.Key,
                    new ProviderHold(declined.Key, declined.Card, declined.Amount, Number: null, DateTimeOffset.MinValue));
                break;
            case ProviderChange.Unanswered unanswered:
                Spend(unanswered.Card);
                break;
            case ProviderChange.Released released when _holds.TryGetValue(released.Key, out var hold):
                _holds[released.Key] = hold with { IsReleased = true };
                break;
            case ProviderChange.Released released:
                _closed.Add(released.Key);
                break;
            case ProviderChange.Captured captured:
                var before = _holds[captured.Key];
                _holds[captured.Key] = before with { Captures = before.Captures.Add(captured.CaptureKey, captured.Amount) };
                break;
            case ProviderChange.Refunded refunded:
                var taken = _holds[refunded.Key];
                _holds[refunded.Key] = taken with { Refunds = taken.Refunds.Add(refunded.RefundKey, refunded.Amount) };
                break;
        }
    }

    private void Spend(string card)
    {
        if (_scripts.TryGetValue(card, out var script) && script.TryDequeue(out _) && script.Count == 0)
            _scripts.Remove(card);
    }
}

/// <summary>What the simulated provider knows under one key.</summary>
/// <param name="Key">Our key of the authorization.</param>
/// <param name="Card">The card.</param>
/// <param name="Amount">What was to be held.</param>
/// <param name="Number">The provider's name of it; null where the card said no.</param>
/// <param name="From">From when on it is held.</param>
public sealed record ProviderHold(string Key, string Card, Money Amount, string? Number, DateTimeOffset From)
{
    /// <summary>
    /// How long a hold lasts: a little longer than is promised, so that a capture decided in the last moment still finds it.
    /// </summary>
    public static readonly TimeSpan Lasts = Payment.AuthorizationLasts + TimeSpan.FromHours(1);

    /// <summary>Whether it was given up.</summary>
    public bool IsReleased { get; init; }

    /// <summary>What was taken, by key.</summary>
    public ImmutableDictionary<string, Money> Captures { get; init; } = ImmutableDictionary<string, Money>.Empty;

    /// <summary>What was given back, by key.</summary>
    public ImmutableDictionary<string, Money> Refunds { get; init; } = ImmutableDictionary<string, Money>.Empty;

    /// <summary>What was taken.</summary>
    public Money Captured => Captures.Values.Aggregate(Money.Zero(Amount.Currency), static (sum, one) => sum + one);

    /// <summary>What was given back.</summary>
    public Money Refunded => Refunds.Values.Aggregate(Money.Zero(Amount.Currency), static (sum, one) => sum + one);

    /// <summary>Whether the card said no.</summary>
    public bool IsDeclined => Number is null;

    /// <summary>Whether it is still to be decided at a moment.</summary>
    public bool IsPending(DateTimeOffset at) => !IsDeclined && !IsReleased && at < From;

    /// <summary>Whether money of the card is held at a moment, or would be if it were not taken.</summary>
    public bool IsHeld(DateTimeOffset at) => !IsDeclined && !IsReleased && at >= From && at < From + Lasts;
}
