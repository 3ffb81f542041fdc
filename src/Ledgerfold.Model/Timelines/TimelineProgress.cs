namespace Ledgerfold.Model.Timelines;

/// <summary>How far a question has come that has to read much.</summary>
/// <param name="Position">Everything up to here was looked at.</param>
/// <param name="Head">Where it will be done.</param>
public readonly record struct TimelineProgress(long Position, long Head);
