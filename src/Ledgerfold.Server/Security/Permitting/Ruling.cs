using Ledgerfold.Http.Permitting;

namespace Ledgerfold.Server.Security.Permitting;

/// <summary>Whether somebody may: a closed family, so that a caller's <c>switch</c> sees every case.</summary>
internal abstract record Ruling
{
    private Ruling()
    {
    }

    /// <summary>They may.</summary>
    public static Ruling Yes { get; } = new Allowed();

    /// <summary>They may.</summary>
    public sealed record Allowed : Ruling;

    /// <summary>They may not.</summary>
    /// <param name="Right">Which right they lack.</param>
    /// <param name="Tenant">In which tenant; <c>*</c> where all were asked for.</param>
    /// <param name="Category">On which category; <c>*</c> where all were asked for.</param>
    /// <param name="Reason">Why, for people.</param>
    public sealed record Denied(Right Right, string Tenant, string Category, string Reason) : Ruling;
}
