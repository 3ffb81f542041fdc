using Microsoft.AspNetCore.Builder;

namespace Ledgerfold.Http.Permitting;

/// <summary>
/// Says of endpoints what their callers must be allowed to do. An endpoint that says nothing is closed to everybody; one that is for all
/// says so as everywhere in the framework, with <c>AllowAnonymous</c>.
/// </summary>
public static class NeededRights
{
    /// <summary>The caller needs a right on the streams of a category, in the tenant of the call.</summary>
    public static TBuilder Needs<TBuilder>(this TBuilder builder, Right right, string category)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new NeededRight(right, category));

    /// <summary>The caller needs a right in all tenants: what is asked for is about the server as a whole.</summary>
    public static TBuilder NeedsEverywhere<TBuilder>(this TBuilder builder, Right right, string category)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new NeededRight(right, category) { IsEverywhere = true });
}

/// <summary>What the caller of an endpoint must be allowed to do; an endpoint may need several.</summary>
/// <param name="Right">The right.</param>
/// <param name="Category">On the streams of which category; <c>*</c> for all but the platform's.</param>
public sealed record NeededRight(Right Right, string Category)
{
    /// <summary>Whether it is needed in all tenants, and not only in that of the call.</summary>
    public bool IsEverywhere { get; init; }
}
