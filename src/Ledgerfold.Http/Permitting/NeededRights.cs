using Microsoft.AspNetCore.Builder;

namespace Ledgerfold.Http.Permitting;

/// <summary>Says of endpoints what their callers must be allowed to do. An endpoint that says nothing is closed to everybody.</summary>
public static class NeededRights
{
    /// <summary>The caller needs a right on the streams of a category, in the tenant of the call.</summary>
    public static TBuilder Needs<TBuilder>(this TBuilder builder, Right right, string category)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new NeededRight(right, category));
}

/// <summary>What the caller of an endpoint must be allowed to do; an endpoint may need several.</summary>
/// <param name="Right">The right.</param>
/// <param name="Category">On the streams of which category; <c>*</c> for all but the platform's.</param>
public sealed record NeededRight(Right Right, string Category);
