namespace Ledgerfold.Storage.Writing;

/// <summary>A batch from its first append to the answers: who asked, what was decided, and the bytes that say so.</summary>
internal sealed class StagedBatch
{
    public BatchBuffer Buffer { get; } = new();

    public List<PendingAppend> Appends { get; } = [];

    public RecordedClock.Reading Time { get; private set; }

    /// <summary>Where every cursor stands after it.</summary>
    public CursorTable Cursors { get; set; } = CursorTable.Empty;

    public bool IsEmpty => Appends.Count == 0;

    /// <summary>Begins behind a head, at a time.</summary>
    public void Begin(long head, RecordedClock.Reading time, CursorTable cursors)
    {
        Time = time;
        Cursors = cursors;
        Buffer.Begin(head + 1, time.RecordedAt);
    }

    /// <summary>Answers all that nobody answered yet.</summary>
    public void AnswerAll(AppendOutcome outcome)
    {
        foreach (var pending in Appends)
            pending.Answer(outcome);
    }

    /// <summary>Tells each what was decided.</summary>
    public void AnswerAsDecided()
    {
        foreach (var pending in Appends)
        {
            if (pending.Decision is { } decision)
                pending.Answer(decision);
        }
    }
}
