namespace Ledgerfold.Model.Operating;

/// <summary>Who wants an operation, and why.</summary>
/// <param name="Actor">Who or what wants it.</param>
/// <param name="Reason">Why; kept for ever.</param>
public sealed record OperationOrigin(string Actor, string Reason)
{
    /// <summary>
    /// The operation's id: asked for again with the same one, it is not begun again. Without one it cannot be repeated.
    /// </summary>
    public Guid? Id { get; init; }

    /// <summary>Whose operation it is.</summary>
    public string Tenant { get; init; } = Tenants.Default;

    /// <summary>Names the conversation it belongs to.</summary>
    public string? CorrelationId { get; init; }
}
