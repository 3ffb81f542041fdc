namespace Ledgerfold.Model.Operating;

/// <summary>How far an operation is.</summary>
/// <param name="Done">How much is done, in whatever it counts.</param>
/// <param name="Of">How much there is; null where nobody knows. It may grow.</param>
/// <param name="Message">What it is at, for people; cut where it is too long.</param>
public sealed record OperationProgress(long Done, long? Of = null, string? Message = null)
{
    private const int MessageLengthMax = 500;

    internal OperationProgress Bounded() =>
        Message is { Length: > MessageLengthMax } message ? this with { Message = message[..MessageLengthMax] + "…" } : this;
}
