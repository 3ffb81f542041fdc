namespace Ledgerfold.Model.Operating;

/// <summary>Names an operation across tenants.</summary>
internal readonly record struct OperationKey(string Tenant, Guid Id);

/// <summary>An operation that is open as far as is known here.</summary>
/// <param name="Key">Which.</param>
/// <param name="Kind">What kind of work it is.</param>
/// <param name="Position">Where it was asked for.</param>
internal sealed record OpenOperation(OperationKey Key, string Kind, long Position)
{
    /// <summary>
    /// It may be taken up here while it has had so many lives: none, unless it was open already when the engine started. With more,
    /// another engine was faster and has it.
    /// </summary>
    public int MayTakeAt { get; init; }

    /// <summary>The operation that an event asked for; null where somebody else wrote it.</summary>
    public static OpenOperation? Of(RecordedEvent begun) => OperationRecords.TryIdOf(begun.Stream) is { } id
        ? new OpenOperation(new OperationKey(begun.Tenant, id), OperationRecords.KindOf(begun) ?? "", begun.Position)
        : null;
}
