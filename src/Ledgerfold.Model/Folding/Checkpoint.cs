using System.Diagnostics;

namespace Ledgerfold.Model.Folding;

/// <summary>
/// One batch on its way to the store: the states that changed, what is held, and the position they reflect. It is drawn up in one go, so
/// that nothing in it is newer than its position; while it is written, folding goes on.
/// </summary>
internal sealed class Checkpoint
{
    private readonly List<FoldEntry> _entries;
    private readonly HeldChanges _held;
    private readonly List<FoldEntry> _rows = []; // as they stand in the batch
    private bool _isAnswered;

    private Checkpoint(List<FoldEntry> entries, HeldChanges held, FoldBatch batch)
    {
        _entries = entries;
        _held = held;
        Batch = batch;
    }

    public FoldBatch Batch { get; }

    /// <summary>Whether it is about more than the position.</summary>
    public bool HasChanges => _entries.Count > 0 || !_held.IsEmpty;

    /// <summary>Who is told once it is written.</summary>
    public List<(FoldRequest Request, bool Done)> Answers { get; } = [];

    /// <summary>Whether the answer is there, or about to be.</summary>
    public bool IsAnswered => Volatile.Read(ref _isAnswered);

    /// <summary>The answer of the store.</summary>
    public Task<FoldOutcome>? Answer { get; private set; }

    /// <summary>
    /// Draws up the batch. A state that cannot be written is the fault of its key: it is held where the state began to change.
    /// </summary>
    public static async ValueTask<Checkpoint> Draw(FoldContext fold, FoldRow claim, FoldMove move)
    {
        var (projection, memory, held) = (fold.Projection, fold.Memory, fold.Held);
        var entries = memory.TakeChanged();
        var rows = new FoldRow?[entries.Count];
        var failures = new Exception?[entries.Count];
        var parts = entries.Count < 64 ? 1 : Math.Max(1, fold.Options.Parallelism);
        await Lanes.Run(parts, part =>
        {
            for (var e = part; e < entries.Count; e += parts)
                rows[e] = Encode(projection, entries[e], out failures[e]);
        });
        for (var e = 0; e < entries.Count; e++)
        {
            if (failures[e] is { } failure)
                Revert(entries[e], memory, held, FoldError.Say(failure));
        }

        var changes = held.TakeChanges();
        var kept = entries.FindAll(static entry => !entry.Forgotten);
        var written = entries.Where((entry, e) => rows[e] is not null && !entry.Forgotten).ToList();
        var removed = kept.Where(static entry => entry.State is null && entry.IsStored)
            .Select(static entry => new FoldKey(entry.Tenant, RowKeys.OfState(entry.Key)));
        var batch = new FoldBatch
        {
            Fold = projection.Fold,
            Expected = move.Expected,
            Position = move.Position,
            Rows = [.. rows.Where((row, e) => row is not null && !entries[e].Forgotten).Select(static row => row!), .. changes.Rows, claim],
            Removed = [.. removed, .. changes.Removed],
        };
#if ZOO
        if (Zoo.Bug("model-state-ahead-of-position") && kept.Count > 0 && move.Expected > 0)
            batch = batch with { Position = move.Expected };
#endif
        var checkpoint = new Checkpoint(kept, changes, batch);
        checkpoint._rows.AddRange(written);
        return checkpoint;
    }

    /// <summary>Begins to write it.</summary>
    /// <param name="fold">Whose it is.</param>
    /// <param name="wake">Told when the store has answered.</param>
    /// <param name="pages">The spans of the pages that changed what is written.</param>
    public void Begin(FoldContext fold, Signal wake, List<ActivityContext>? pages)
    {
        Answer = Ambient.Begin(Write);

        async Task<FoldOutcome> Write()
        {
            using var activity = Telemetry.Follow(TelemetryNames.Spans.Checkpoint, pages);
            activity?.SetTag(TelemetryNames.Attributes.Fold, fold.Tag.Value)
                .SetTag(TelemetryNames.Attributes.Position, Batch.Position).SetTag(TelemetryNames.Attributes.Rows, Batch.Rows.Length);
            var began = fold.Options.Clock.GetTimestamp();
            var answer = "failed";
            try
            {
                var outcome = await fold.Store.Write(Batch);
                answer = outcome.Code;
                return outcome;
            }
            finally
            {
                // told before the task is completed: whoever wakes and found it running would wait for ever
                Volatile.Write(ref _isAnswered, true);
                wake.Set();
                activity?.SetTag(TelemetryNames.Attributes.Answer, answer);
                var took = fold.Options.Clock.GetElapsedTime(began).TotalSeconds;
                Telemetry.CheckpointDuration.Record(
                    took, fold.Tag, new KeyValuePair<string, object?>(TelemetryNames.Attributes.Answer, answer));
            }
        }
    }

    /// <summary>It is on disk.</summary>
    public void Settle(HeldKeys held)
    {
        held.Settle(_held);
        foreach (var entry in _entries)
        {
            entry.IsStored = false;
            entry.EndWriting(written: true);
        }

        foreach (var entry in _rows)
            entry.IsStored = true;
    }

    /// <summary>
    /// It was refused. Where one row is the reason, its key goes back to what the store has and is held; all others come with the next.
    /// </summary>
    public bool PutBack(FoldMemory memory, HeldKeys held, FoldOutcome outcome)
    {
        held.PutBack(_held);
        var guilty = Guilty(outcome, out var error);
        if (guilty is not null)
            Revert(guilty, memory, held, error);
        memory.PutBack(_entries);
        return guilty is not null;
    }

    private static void Revert(FoldEntry entry, FoldMemory memory, HeldKeys held, string error)
    {
        memory.Forget(entry);
        held.Hold(HeldName.OfKey(entry.Tenant, entry.Key), entry.UnwrittenSince, error);
    }

    private static FoldRow? Encode(Projection projection, FoldEntry entry, out Exception? failure)
    {
        failure = null;
        try
        {
            return entry.State is { } state ? projection.Encode(entry.Tenant, RowKeys.OfState(entry.Key), state) : null;
        }
        catch (Exception thrown) when (thrown is not OutOfMemoryException)
        {
            failure = thrown;
            return null;
        }
    }

    private FoldEntry? Guilty(FoldOutcome outcome, out string error)
    {
        (var row, error) = outcome switch
        {
            FoldOutcome.NotUnique taken => (
                _rows.FindIndex(entry => entry.Tenant == taken.Tenant && RowKeys.OfState(entry.Key) == taken.Key),
                $"{taken.Entry.Index} '{taken.Entry.Value}' must be unique, and {taken.HeldBy} has it"),
            FoldOutcome.Refused refused => (RowOf(refused.Field), $"its row is refused: {refused.Field}: {refused.Rule}"),
            _ => (-1, outcome.Code),
        };
        return row >= 0 && row < _rows.Count ? _rows[row] : null;
    }

    private static int RowOf(string field)
    {
        const string Start = "rows[";
        var end = field.IndexOf(']', StringComparison.Ordinal);
        var isRow = field.StartsWith(Start, StringComparison.Ordinal) && end > 0;
        return isRow && int.TryParse(field[Start.Length..end], out var row) ? row : -1;
    }
}

/// <summary>From where to where a batch brings its fold.</summary>
internal readonly record struct FoldMove(long Expected, long Position);
