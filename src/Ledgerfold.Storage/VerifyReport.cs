namespace Ledgerfold.Storage;

/// <summary>What a verification found.</summary>
public sealed record VerifyReport
{
    /// <summary>Whether everything that was acknowledged is there and as it was written.</summary>
    public bool IsSound => Problems.Count == 0;

    /// <summary>The last position.</summary>
    public long Head { get; init; }

    /// <summary>Events read.</summary>
    public long Events { get; init; }

    /// <summary>Streams seen.</summary>
    public long Streams { get; init; }

    /// <summary>Segments read.</summary>
    public int Segments { get; init; }

    /// <summary>Bytes behind the last batch that recovery will leave behind, because nobody was told of them.</summary>
    public long TornBytes { get; init; }

    /// <summary>What is wrong, in the order of the log.</summary>
    public IReadOnlyList<VerifyProblem> Problems { get; init; } = [];

    /// <summary>The ranges of positions that can be read.</summary>
    public IReadOnlyList<PositionRange> Readable { get; init; } = [];

    /// <summary>Files that are no part of the ledger, left by a writer that was fenced off.</summary>
    public IReadOnlyList<string> Strays { get; init; } = [];
}

/// <summary>One thing that is wrong.</summary>
/// <param name="File">The file.</param>
/// <param name="Offset">Where in it.</param>
/// <param name="Position">The first position concerned; 0 where none is.</param>
/// <param name="Problem">What is wrong, in words.</param>
public sealed record VerifyProblem(string File, long Offset, long Position, string Problem);

/// <summary>Positions from one to another, both included.</summary>
public readonly record struct PositionRange(long From, long Through);
