using Ledgerfold.Storage;

namespace Ledgerfold.Simulation;

/// <summary>Callers and what they are told: submits appends, steps the engine, and holds every answer against the model.</summary>
internal sealed class Appending(World world)
{
    private int _segments;
    private bool _wasFull;
    private bool _isStagedAhead; // those who give up then are in doubt while the writer goes on, which is not simulated

    private Expected Expected => world.Expected;

    private Marks Marks => world.Marks;

    /// <summary>Asks for an append; a known one is answered at once.</summary>
    public void Submit(Writer writer)
    {
        if (writer.Waits)
            return;
        var request = world.Requests.Append();
        if (world.Random.OneIn(8))
            request = request with { Timeout = TimeSpan.FromMilliseconds(world.Random.Between(1, 100)) };
        if (world.Journal.IsOn)
            world.Say($"  append {Events.Say(request)}");
        var cancel = new CancellationTokenSource();
        try
        {
            writer.Pending.Add(new Writer.Call(request, writer.Ledger.Append(request, cancel.Token), cancel));
        }
        catch (IOException failure) when (world.MayFail)
        {
            world.Say($"  the caller met {failure.Message}"); // nothing was staged, and the caller knows
        }
        catch (Exception damage) when (world.IsReport(damage))
        {
            world.Say($"  the caller met {damage.Message}");
        }

        Settle(writer);
    }

    /// <summary>A caller changes its mind before the writer came to it.</summary>
    public void CancelOne(Writer writer)
    {
        if (writer.Pending.Count == 0 || _isStagedAhead)
            return;
        world.Random.Pick(writer.Pending).Cancel.Cancel();
        Settle(writer);
    }

    /// <summary>Those whose time is up wait no more.</summary>
    public void TimeOutLate(Writer writer)
    {
        if (!writer.IsAlive || _isStagedAhead)
            return;
        world.Do(Actor.Caller, writer.Process, writer.Ledger.Queue.TimeOutLate);
        Settle(writer);
    }

    public void StepWriter(Writer writer)
    {
        if (writer.Waits)
            return;
        var wasWritable = writer.Ledger.Health.Trouble is null;
        var wasIdle = writer.Pending.Count == 0;
        var worked = false;
        _isStagedAhead = false;
        Step(Actor.Writer, writer, () => worked = writer.Ledger.StepWriter());
        Marks.Hit("vouched while idle", wasIdle && worked);
        Settle(writer);
        Marks.Hit("fenced by its epoch", wasWritable && writer.Ledger.Health.Trouble is { Code: "fenced" });
    }

    /// <summary>More callers come while the writer is busy, and what they ask for is staged as far as it may be.</summary>
    public void StageAhead(Writer writer)
    {
        for (var more = world.Random.Below(3); more > 0; more--)
            world.Do(Actor.Caller, writer.Process, () => Submit(writer));
        if (!writer.IsAlive || writer.Waits)
            return;
        var staged = false;
        Step(Actor.Stager, writer, () => staged = writer.Ledger.StepStaging());
        _isStagedAhead |= staged;
        Marks.Hit("staged ahead during a sync", staged);
    }

    public void StepIndex(Writer writer)
    {
        if (writer.Waits)
            return;
        var runs = Runs(writer);
        var wasDamaged = writer.Ledger.Log.Index.Damaged.Any();
        Step(Actor.Index, writer, writer.Ledger.StepIndex);
        if (!writer.IsAlive)
            return;
        Marks.Hit("a damaged index run was rebuilt", wasDamaged && !writer.Ledger.Log.Index.Damaged.Any());
        Marks.Hit("an index run was written", Runs(writer).Segments > runs.Segments);
        Marks.Hit("index runs were merged", Runs(writer).Files < runs.Files);
    }

    public void StepSpace(Writer writer)
    {
        if (!writer.Waits)
            Step(Actor.Space, writer, writer.Ledger.StepSpace);
    }

    /// <summary>Ends in good order, if nothing comes in between.</summary>
    public void Close(Writer writer)
    {
        world.Say("close");
        world.Do(Actor.Closer, writer.Process, writer.Ledger.Close);
        writer.IsClosed = true;
        world.Say($"  {writer.Ledger.Health.Trouble?.Reason}");
        Settle(writer);
        if (writer.IsAlive && writer.Pending.Count > 0)
            throw new OracleException("answers", $"the ledger closed and left {writer.Pending.Count} callers waiting");
    }

    /// <summary>The callers of a writer that is no more do not know.</summary>
    public void Abandon(Writer writer)
    {
        _isStagedAhead = false;
        Settle(writer);
        if (!writer.Fenced)
            Expected.Doubts.AddRange(writer.Pending.Select(call => call.Request));
        writer.Pending.Clear();
    }

    private static (int Segments, int Files) Runs(Writer writer)
    {
        using var snapshot = writer.Ledger.Log.Index.Acquire();
        return (snapshot.Segments.Count(), snapshot.Runs.Count);
    }

    /// <summary>Runs a step as its pump would: what it throws ends the pump, and with it the writing.</summary>
    private void Step(Actor actor, Writer writer, Func<bool> step) => world.Do(actor, writer.Process, () =>
    {
        try
        {
            step();
        }
        catch (Exception failure) when (IsOfTheDisk(failure))
        {
            world.Say($"  the {actor} pump met {failure.GetType().Name}: {failure.Message}");
            writer.Ledger.Failed(failure);
        }
    });

    private bool IsOfTheDisk(Exception failure) =>
        (failure is IOException && (world.MayFail || world.Plan.LocksDefeated)) || world.IsReport(failure);

    private void Settle(Writer writer)
    {
        var headBefore = Expected.Head;
        for (var c = 0; c < writer.Pending.Count; c++)
        {
            var call = writer.Pending[c];
            if (!call.Answer.IsCompleted)
                continue;
            writer.Pending.RemoveAt(c--);
            try
            {
                Judge(writer, call.Request, call.Answer.GetAwaiter().GetResult(), headBefore);
            }
            catch (OperationCanceledException)
            {
                Marks.Hit("cancelled before it was staged");
            }
            catch (Exception damage) when (world.IsReport(damage))
            {
                world.Say($"  answer {damage.Message}"); // nothing was staged, and the caller knows
            }
        }

        // A batch may arrive though its callers were told that nobody knows, because another pump failed meanwhile.
        if (writer is { IsAlive: true, IsClosed: false, Fenced: false, Waits: false } && Expected.Doubts.Count > 0)
            Expected.CatchUp(writer.Ledger.Log.Head, CursorOf);
        if (Expected.Head > headBefore)
            Expected.HeadBeforeLastBatch = headBefore;

        Cursor CursorOf(string tenant, string consumer, int partition) =>
            Reading.Now(writer.Ledger.ReadCursor(tenant, consumer, partition));
    }

    private void Judge(Writer writer, AppendRequest request, AppendOutcome outcome, long headBefore)
    {
        if (world.Journal.IsOn)
            world.Say($"  answer {Events.Say(outcome)}");
        world.Mix(outcome.Code);
        if (writer.Fenced)
        {
            if (outcome is AppendOutcome.Appended { Repeated: false })
                throw new OracleException("fence", $"a writer answers {Events.Say(outcome)} after a newer one opened the ledger");
            return;
        }

        switch (outcome)
        {
            case AppendOutcome.Indeterminate:
                Marks.Hit("indeterminate");
                if (writer.Ledger.Health.Trouble is null)
                    throw new OracleException("answers", "indeterminate, and the writer goes on as if it knew");
                Expected.Doubts.Add(request);
                return;
            case AppendOutcome.ReadOnly refused:
                Marks.Hit("refused because the disk is full", refused.Reason.Contains("full", StringComparison.Ordinal));
                if (!world.MayFail && !world.IsDamaged && !world.Plan.LocksDefeated)
                    throw new OracleException("available", $"nothing is wrong with the disk, and the ledger answers {outcome}");
                return;
            case AppendOutcome.Overloaded:
                Marks.Hit("timed out before it was staged");
                if (request.Timeout is null)
                    throw new OracleException("answers", $"nobody asked for an answer in time, and it is {outcome}");
                return; // nothing was staged: it must never be seen
            case AppendOutcome.Refused { Field: "condition.after" } when request.Condition!.After > headBefore:
                return; // nobody can have seen a position that its own batch brings; only after a loss it is asked for
        }

        var expected = Expected.Apply(request);
        if (!Events.Same(expected, outcome))
            throw new OracleException("model", $"{Events.Say(request)}: answered {Events.Say(outcome)}, expected {Events.Say(expected)}");
        if (outcome is AppendOutcome.ConditionFailed failed)
            CheckNamed(request, failed.Position);
        Note(writer, request, outcome);
    }

    private void CheckNamed(AppendRequest request, long position)
    {
        var condition = request.Condition!;
        var named = position > condition.After && position <= Expected.Head ? Expected.Recorded[(int)position - 1] : null;
        if (named is null || named.Tenant != request.Tenant || !condition.FailIfMatch.Matches(named))
            throw new OracleException("model", $"{Events.Say(request)} failed for {Events.Say(named)} at {position}, which does not match");
    }

    private void Note(Writer writer, AppendRequest request, AppendOutcome outcome)
    {
        Marks.Hit(outcome is AppendOutcome.Appended { Repeated: true } ? "repeated append" : $"outcome {outcome.Code}");
        Marks.Hit("cursor moved by an append", outcome is AppendOutcome.Appended { Repeated: false } && !request.CursorMoves.IsEmpty);
        var segments = writer.Ledger.Log.Segments.Length;
        Marks.Hit("rolled to a new segment", segments > _segments && _segments > 0);
        _segments = segments;
        Marks.Hit("taken again after the disk was full", _wasFull && outcome is AppendOutcome.Appended { Repeated: false });
        _wasFull = writer.Ledger.Health.Trouble is { Code: "disk-full" };
    }
}
