using System.Collections.Immutable;

namespace Ledgerfold.Model.Deciding;

/// <summary>What a command leads to: events, nothing at all, or a rejection.</summary>
public abstract record Decision
{
    private Decision()
    {
    }

    /// <summary>Nothing has to happen, because it is so already; the command is accepted.</summary>
    public static Decision Nothing { get; } = new Events([]);

    /// <summary>These events happen, in this order; a <see cref="Fact"/> says more of one than the event itself.</summary>
    public static Decision Of(params ImmutableArray<object> events) => new Events(events);

    /// <summary>The command is turned down; what happens all the same is said by <see cref="Rejection.Leaving"/>.</summary>
    /// <param name="code">Why, for programs: stable, such as <c>ORDER_EXISTS</c>.</param>
    /// <param name="field">The member of the command that is at fault, if one is.</param>
    /// <param name="message">Why, for people.</param>
    public static Rejection Reject(string code, string? field = null, string? message = null) => new Rejection(code, field, message);

    /// <summary>Events, or none.</summary>
    public sealed record Events(ImmutableArray<object> Facts) : Decision;

    /// <summary>The command is turned down.</summary>
    public sealed record Rejection(string Code, string? Field, string? Message) : Decision
    {
        /// <summary>What happens although the command is turned down; mostly nothing.</summary>
        public ImmutableArray<object> Facts { get; private init; } = [];

        /// <summary>The same, and these events: where being turned down is itself something that others must hear of.</summary>
        public Rejection Leaving(params ImmutableArray<object> events) => this with { Facts = Facts.AddRange(events) };
    }
}

/// <summary>An event together with what is said about it outside of its own members.</summary>
/// <param name="Event">The event.</param>
public sealed record Fact(object Event)
{
    /// <summary>Indexed labels <c>name:value</c>.</summary>
    public ImmutableArray<string> Tags { get; init; } = [];

    /// <summary>When it became true in the world, where that differs from when it is recorded.</summary>
    public DateTimeOffset? EffectiveAt { get; init; }
}
