namespace Ledgerfold.Cli.Load.Traffic;

/// <summary>One thing that one customer wants, however often they click: its key, its body, and what their card will come to.</summary>
/// <param name="Key">The idempotency key of all its clicks.</param>
/// <param name="Body">What is posted, made before anything is measured.</param>
/// <param name="IsHot">Whether it is for the article that everybody wants.</param>
/// <param name="Card">The token of the card, which nobody else uses.</param>
/// <param name="Outcome">What the provider is scripted to do; null where it approves.</param>
internal sealed record Purchase(string Key, byte[] Body, bool IsHot, string Card, string? Outcome);

/// <summary>One attempt: the first click of a purchase or a further one.</summary>
internal readonly record struct Click(int Purchase, bool IsFirst);
