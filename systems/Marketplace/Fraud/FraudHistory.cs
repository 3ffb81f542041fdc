namespace Marketplace.Fraud;

/// <summary>What was seen before an order, and without it.</summary>
/// <param name="AttemptsOfCard">How often the card was tried within the hour before.</param>
/// <param name="OtherCardsOfDevice">How many other cards were used on the device within the day before.</param>
/// <param name="Orders">How many orders of the customer went through in this currency on the last 90 days, today included.</param>
/// <param name="SpentMinor">What they came to, in minor units.</param>
/// <param name="CustomerSince">Since when the customer is known; null where this is the first order.</param>
public sealed record FraudHistory(
    int AttemptsOfCard, int OtherCardsOfDevice, int Orders, long SpentMinor, DateTimeOffset? CustomerSince = null)
{
    /// <summary>Nothing was seen before.</summary>
    public static FraudHistory None { get; } = new(0, 0, 0, 0, null);
}
