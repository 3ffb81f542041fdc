namespace Ledgerfold.Server.Security.Serving;

/// <summary>The ways to come in.</summary>
internal static class Schemes
{
    /// <summary>By the key in the request's <c>Authorization</c>, or else by its cookie.</summary>
    public const string Either = "Ledgerfold";

    /// <summary>By a key.</summary>
    public const string Key = "Key";

    /// <summary>By the cookie of a session.</summary>
    public const string Session = "Session";
}
