using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Marketplace.Amounts;

namespace Marketplace.Payments.Simulation;

/// <summary>One change of the simulated provider's books, as its journal keeps it: a closed family.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(Scripted), "scripted")]
[JsonDerivedType(typeof(Held), "held")]
[JsonDerivedType(typeof(Declined), "declined")]
[JsonDerivedType(typeof(Unanswered), "unanswered")]
[JsonDerivedType(typeof(Released), "released")]
[JsonDerivedType(typeof(Captured), "captured")]
[JsonDerivedType(typeof(Refunded), "refunded")]
internal abstract record ProviderChange
{
    private ProviderChange()
    {
    }

    /// <summary>What the next calls for a card come to, behind what was said before.</summary>
    public sealed record Scripted(string Card, ImmutableArray<ProviderOutcome> Outcomes) : ProviderChange;

    /// <summary>An amount is held from a moment on, which may be still to come.</summary>
    public sealed record Held(string Key, string Card, Money Amount, string Number, DateTimeOffset From) : ProviderChange;

    /// <summary>The card says no.</summary>
    public sealed record Declined(string Key, string Card, Money Amount) : ProviderChange;

    /// <summary>A call came to nothing: it was never answered, or with an error.</summary>
    public sealed record Unanswered(string Card) : ProviderChange;

    /// <summary>A hold is given up, or a key is closed before there was one.</summary>
    public sealed record Released(string Key) : ProviderChange;

    public sealed record Captured(string Key, string CaptureKey, Money Amount) : ProviderChange;

    public sealed record Refunded(string Key, string RefundKey, Money Amount) : ProviderChange;
}
