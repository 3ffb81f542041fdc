using System.Globalization;
using System.Security.Claims;

namespace Ledgerfold.Server.Security.Governing;

/// <summary>Who calls: a closed family, so that a <c>switch</c> sees every case.</summary>
internal abstract record Caller
{
    private const string UserClaim = ClaimTypes.Name;
    private const string KeyClaim = "ledgerfold:key";
    private const string StampClaim = "ledgerfold:stamp";
    private const string UntilClaim = "ledgerfold:until";

    private Caller()
    {
    }

    /// <summary>Nobody who is known.</summary>
    public static Caller Nobody { get; } = new Anonymous();

    /// <summary>The server itself.</summary>
    public static Caller Server { get; } = new Itself();

    /// <summary>What it is called in records and tables, different for every principal.</summary>
    public abstract string Name { get; }

    /// <summary>Nobody who is known.</summary>
    public sealed record Anonymous : Caller
    {
        /// <inheritdoc />
        public override string Name => "anonymous";
    }

    /// <summary>The server itself.</summary>
    public sealed record Itself : Caller
    {
        /// <inheritdoc />
        public override string Name => "server";
    }

    /// <summary>A person who signed in.</summary>
    /// <param name="User">Their name.</param>
    /// <param name="Stamp">The stamp that the user had then: with another one, the session is over.</param>
    /// <param name="Until">When the session is over in any case.</param>
    public sealed record Person(string User, long Stamp, DateTimeOffset Until) : Caller
    {
        /// <inheritdoc />
        public override string Name => $"user:{User}";
    }

    /// <summary>A program with a key.</summary>
    /// <param name="Id">The key.</param>
    /// <param name="User">For whom it acts.</param>
    public sealed record Key(string Id, string User) : Caller
    {
        /// <inheritdoc />
        public override string Name => $"key:{Id}";
    }

    /// <summary>The user for whom something is done; null where it is nobody's.</summary>
    public static string? UserOf(Caller caller) => caller switch
    {
        Person person => person.User,
        Key key => key.User,
        _ => null,
    };

    /// <summary>Who a principal is, as authentication here made it.</summary>
    public static Caller Of(ClaimsPrincipal? principal)
    {
        if (principal?.Identity is not { IsAuthenticated: true } || principal.FindFirstValue(UserClaim) is not { } user)
            return Nobody;
        if (principal.FindFirstValue(KeyClaim) is { } key)
            return new Key(key, user);
        return NumberOf(principal, StampClaim) is { } stamp && NumberOf(principal, UntilClaim) is { } until
            ? new Person(user, stamp, DateTimeOffset.FromUnixTimeSeconds(until))
            : Nobody;
    }

    /// <summary>The principal that stands for this caller.</summary>
    public ClaimsPrincipal AsPrincipal(string scheme) => this switch
    {
        Person person => Principal(
            scheme, Name, person.User, Numbered(StampClaim, person.Stamp), Numbered(UntilClaim, person.Until.ToUnixTimeSeconds())),
        Key key => Principal(scheme, Name, key.User, new Claim(KeyClaim, key.Id)),
        _ => new ClaimsPrincipal(new ClaimsIdentity()),
    };

    // The identifier is what tells principals apart wherever only that is known: a key is not its user.
    private static ClaimsPrincipal Principal(string scheme, string name, string user, params Claim[] claims) =>
        new(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, name), new Claim(UserClaim, user), .. claims], scheme));

    private static Claim Numbered(string type, long value) => new(type, value.ToString(CultureInfo.InvariantCulture));

    private static long? NumberOf(ClaimsPrincipal principal, string type) =>
        long.TryParse(principal.FindFirstValue(type), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}

/// <summary>Where a request comes from.</summary>
/// <param name="Caller">Who sent it.</param>
/// <param name="Source">From which address.</param>
/// <param name="TraceId">The trace it belongs to.</param>
internal sealed record Origin(Caller Caller, string Source, string? TraceId = null)
{
    /// <summary>What the server does of itself.</summary>
    public static Origin Server { get; } = new(Caller.Server, "server");
}
