namespace Ledgerfold.Model.Querying;

/// <summary>
/// How new the answer to a question has to be: a closed family. Positions are one order over everything, so that a token is also a causal
/// past: whoever has seen a position has seen all that it can rest on.
/// </summary>
public abstract record Consistency
{
    private Consistency()
    {
    }

    /// <summary>Whatever the rows show now; never waits.</summary>
    public static Consistency Eventual { get; } = new Now();

    /// <summary>At least as new as an append or a read whose token this is.</summary>
    /// <param name="token">The position: of a command's answer, of an append, or of an earlier answer.</param>
    /// <param name="within">How long to wait for it.</param>
    public static Consistency AtLeast(long token, TimeSpan within) => new Token(token, within);

    /// <summary>As new as the ledger is at the moment of asking.</summary>
    public static Consistency Latest(TimeSpan within) => new Head(within);

    /// <summary>At least as new as everything this session has read or appended.</summary>
    public static Consistency In(ReadSession session, TimeSpan within)
    {
        ArgumentNullException.ThrowIfNull(session);
        return new Session(session, within);
    }

    internal sealed record Now : Consistency;

    internal sealed record Token(long Position, TimeSpan Within) : Consistency;

    internal sealed record Head(TimeSpan Within) : Consistency;

    internal sealed record Session(ReadSession Of, TimeSpan Within) : Consistency;
}

/// <summary>
/// What one reader has seen so far: its next read is never older, over all projections, versions and restarts. Its position may travel, in
/// a cookie or a header. Any thread.
/// </summary>
public sealed class ReadSession(long position = 0)
{
    private long _position = position;

    /// <summary>The newest position seen.</summary>
    public long Position => Interlocked.Read(ref _position);

    /// <summary>Takes note of an own append, or of what was learned elsewhere.</summary>
    public void Saw(long position)
    {
        for (var known = Position; known < position;)
        {
            var before = Interlocked.CompareExchange(ref _position, position, known);
            if (before == known)
                return;
            known = before;
        }
    }
}
