namespace Ledgerfold.Server.Security.Serving;

/// <summary>Endpoints whose need follows from what they are asked, so that only they can say it.</summary>
internal static class DecidingEndpoints
{
    /// <summary>The endpoint asks for the caller's access itself; here it is only seen to that somebody is known.</summary>
    public static TBuilder DecidesItself<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(DecidesItselfMark.Instance);
}

/// <summary>Says of an endpoint that it decides itself.</summary>
internal sealed class DecidesItselfMark
{
    public static DecidesItselfMark Instance { get; } = new();
}
