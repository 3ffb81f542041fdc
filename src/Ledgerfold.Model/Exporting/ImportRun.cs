using System.Collections.Immutable;

namespace Ledgerfold.Model.Exporting;

/// <summary>
/// Takes one file into the ledger, from its beginning or from where the cursor stands. In the common case an append is simply made;
/// whatever the ledger objects to is looked at event by event, because a part of it may stand there already.
/// </summary>
internal sealed class ImportRun(ILedger ledger, ExportFile file, ImportOptions options)
{
    private const int TriesMax = 3;

    private readonly PendingAppend _pending = new(options.AppendEventsMax);
    private readonly ImportedStreams _streams = new();
    private readonly Dictionary<string, ImportCursor> _cursors = new(StringComparer.Ordinal);
    private ImportCursor? _justPassed;
    private long _appended;
    private long _found;
    private long _passedOver;
    private long _erased;

    public ImportCounts Counts => new(_appended, _found, _passedOver, _erased);

    public async Task Run(CancellationToken cancel)
    {
        while (await file.Next(cancel) is { } line)
        {
            if (line.Item is null)
            {
                _erased++;
                continue;
            }

            if (!_pending.Takes(line))
                await Flush(cancel);
            CheckPassed(line.Line);
            await Take(line, cancel);
        }

        await Flush(cancel);
        CheckPassed(0);
        if (_cursors.Values.FirstOrDefault(static cursor => cursor.IsAhead) is { } ahead)
            throw OtherFile(ahead, 0);
    }

    private async ValueTask Take(ImportedEvent line, CancellationToken cancel)
    {
        if (!_cursors.TryGetValue(line.Tenant, out var cursor))
            _cursors[line.Tenant] = cursor = await ImportCursor.Read(ledger, line.Tenant, options.Name ?? file.FirstLine, cancel);
        var stream = _streams.Meet(line);
        if (cursor.PassesOver())
        {
            stream.PassOver();
            _passedOver++;
            _justPassed = cursor;
            return;
        }

        _pending.Add(line);
        cursor.Count++;
    }

    /// <summary>What an earlier run has done must have begun as this file does.</summary>
    private void CheckPassed(long line)
    {
        if (_justPassed is { } passed && passed.IsOfAnother(file.HashBefore))
            throw OtherFile(passed, line);
        _justPassed = null;
    }

    private static ImportEndedException OtherFile(ImportCursor cursor, long line) => ImportEndedException.Conflict(
        line, "other-file", $"an import of this name did other lines than these ({cursor.Count} events): give this one another name");

    private async ValueTask Flush(CancellationToken cancel)
    {
        if (_pending.IsEmpty)
            return;
        var lines = _pending.Take();
        if (await Join(lines, cancel) is null)
        {
            var outcome = await Append(lines, cancel);
            if (outcome is AppendOutcome.Appended { Repeated: false })
                Note(lines);
            else
                await Sift(lines, outcome, cancel);
        }
        else
        {
            await Sift(lines, null, cancel);
        }

        options.Progress?.Invoke(Counts);
    }

    /// <summary>Appends what is not there yet, where what is there says the same.</summary>
    private async ValueTask Sift(ImmutableArray<ImportedEvent> lines, AppendOutcome? objection, CancellationToken cancel)
    {
        if (objection is not null and not (AppendOutcome.Appended or AppendOutcome.IdConflict or AppendOutcome.MixedRepeat
            or AppendOutcome.WrongVersion or AppendOutcome.Erased or AppendOutcome.StreamClosed))
        {
            throw Ended(lines, objection);
        }

        var left = ImmutableArray.CreateBuilder<ImportedEvent>();
        var leftIn = new HashSet<string>(StringComparer.Ordinal);
        foreach (var line in lines)
        {
            if (await ledger.ReadById(line.Tenant, line.Item!.Id, cancel) is { } standing)
            {
                Find(line, standing, isBehindAGap: leftIn.Contains(line.Stream));
                continue;
            }

            left.Add(line);
            leftIn.Add(line.Stream);
        }

        await _cursors[lines[0].Tenant].Refresh(ledger, cancel); // a lost answer has moved it
        if (left.Count == 0)
            return;
        var rest = left.DrainToImmutable();
        if (await Join(rest, cancel) is { } refused)
        {
            throw ImportEndedException.Conflict(
                refused.Line, "other-events", $"the stream {refused.Stream} has other events than those of the file");
        }

        var outcome = await Append(rest, cancel);
        if (outcome is not AppendOutcome.Appended)
            throw Ended(rest, outcome);
        Note(rest);
    }

    private void Find(ImportedEvent line, RecordedEvent standing, bool isBehindAGap)
    {
        if (!standing.Erased && line.DifferenceTo(standing, withCauses: false) is { } field)
        {
            throw ImportEndedException.Conflict(
                line.Line, "id-conflict", $"the event {standing.Id} stands at position {standing.Position}, and its {field} is another");
        }

        if (standing.Stream != line.Stream)
        {
            throw ImportEndedException.Conflict(
                line.Line, "id-conflict", $"the event {standing.Id} stands at position {standing.Position}, in another stream");
        }

        if (isBehindAGap || !_streams.Of(line).Found(standing.Version))
        {
            throw ImportEndedException.Conflict(
                line.Line, "order", $"the event {standing.Id} stands in its stream before, or is, one that comes earlier in the file");
        }

        _found++;
    }

    /// <summary>The first line whose stream has other events than the file; null where all of them go together.</summary>
    private async ValueTask<ImportedEvent?> Join(ImmutableArray<ImportedEvent> lines, CancellationToken cancel)
    {
        if (options.IntoExisting)
            return null;
        foreach (var run in PendingAppend.Runs(lines))
        {
            var stream = _streams.Of(run[0]);
            if (!stream.IsJoined && !stream.Join((await ledger.ReadStreamHead(run[0].Tenant, run[0].Stream, cancel)).Version))
                return run[0];
        }

        return null;
    }

    private async ValueTask<AppendOutcome> Append(ImmutableArray<ImportedEvent> lines, CancellationToken cancel)
    {
        var cursor = _cursors[lines[0].Tenant];
        var request = new AppendRequest
        {
            Tenant = lines[0].Tenant,
            Writes = [.. PendingAppend.Runs(lines).Select(WriteOf)],
            CursorMoves = [cursor.Move(file.HashBefore())],
        };
        for (var tries = 1; ; tries++)
        {
            var outcome = await ledger.Append(request, cancel);
            if (outcome is AppendOutcome.Appended { Repeated: false })
                cursor.Moved();
            if (outcome is not (AppendOutcome.Indeterminate or AppendOutcome.Overloaded) || tries == TriesMax)
                return outcome;
        }
    }

    private StreamWrite WriteOf(ImmutableArray<ImportedEvent> run) => new()
    {
        Stream = run[0].Stream,
        Expect = options.IntoExisting ? Expectation.Any : Expectation.Exactly(_streams.Of(run[0]).StandsAt),
        Events = [.. run.Select(static line => line.Item!)],
    };

    private void Note(ImmutableArray<ImportedEvent> lines)
    {
        foreach (var line in lines)
            _streams.Of(line).Appended();
        _appended += lines.Length;
    }

    private static ImportEndedException Ended(ImmutableArray<ImportedEvent> lines, AppendOutcome outcome) => outcome switch
    {
        AppendOutcome.WrongVersion wrong => ImportEndedException.Conflict(
            LineOf(lines, wrong.Stream),
            outcome.Code,
            $"the stream {wrong.Stream} is at version {wrong.Actual}, not {wrong.Expected}: somebody else appends to it"),
        AppendOutcome.StreamClosed closed => ImportEndedException.Conflict(
            LineOf(lines, closed.Stream), outcome.Code, $"the stream {closed.Stream} is closed"),
        AppendOutcome.CursorMoved => ImportEndedException.Conflict(
            lines[0].Line, outcome.Code, "another import of this name is at work"),
        AppendOutcome.Refused refused => ImportEndedException.Stopped(outcome.Code, $"{refused.Field}: {refused.Rule}"),
        AppendOutcome.ReadOnly readOnly => ImportEndedException.Stopped(outcome.Code, readOnly.Reason),
        AppendOutcome.Overloaded overloaded => ImportEndedException.Stopped(outcome.Code, overloaded.Reason),
        AppendOutcome.Indeterminate lost => ImportEndedException.Stopped(outcome.Code, lost.Reason),
        _ => ImportEndedException.Conflict(lines[0].Line, outcome.Code, "the same events are appended by somebody else at this moment"),
    };

    private static long LineOf(ImmutableArray<ImportedEvent> lines, string stream) => lines.First(line => line.Stream == stream).Line;
}
