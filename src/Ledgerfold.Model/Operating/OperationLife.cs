using System.Diagnostics;
using System.Text.Json;
using Ledgerfold.Model.Folding;

namespace Ledgerfold.Model.Operating;

/// <summary>
/// One life of an operation: from where an engine takes it up to where it ends, stops, or loses it to another engine. It appends only
/// behind what it knows of the stream, so that nothing it says can follow what another said in its place.
/// </summary>
internal sealed class OperationLife : IDisposable
{
    private readonly Operation _kind;
    private readonly OperationState _state;
    private readonly OperationReader _reader;
    private readonly OperationWriter _writer;
    private readonly OperationOptions _options;
    private readonly EngineEnd _end;
    private readonly CancellationTokenSource _cancel;
    private readonly Guid _takenId;
    private readonly Guid _endedId;

    private readonly Turns _turns = new(); // however many say something at once

    // under the lock
    private readonly Lock _lock = new();
    private long _takenAt;
    private long _foreignAt;
    private bool _isCancelled;
    private bool _isOvertaken;

    // who has the turn only
    private long _version;
    private long _position;
    private long _recordedAt;

    public OperationLife(
        Operation kind, OperationState state, OperationReader reader, OperationWriter writer, OperationOptions options, EngineEnd end)
    {
        (_kind, _state, _reader, _writer, _options, _end) = (kind, state, reader, writer, options, end);
        _cancel = CancellationTokenSource.CreateLinkedTokenSource(end.Stop);
        (_takenId, _endedId) = (writer.NextId(), writer.NextId());
        _version = state.Version;
        _isCancelled = state.Cancel is not null;
    }

    private bool IsOvertaken
    {
        get
        {
            lock (_lock)
                return _isOvertaken;
        }
    }

    private bool IsCancelled
    {
        get
        {
            lock (_lock)
                return _isCancelled;
        }
    }

    public void Dispose() => _cancel.Dispose();

    /// <summary>Somebody wants it to stop. Any thread.</summary>
    public void TellCancelled()
    {
        lock (_lock)
            _isCancelled = true;
        CancelRun();
    }

    /// <summary>What stands in the operation's stream, whoever wrote it. Any thread, in any order, more than once.</summary>
    public void Meet(RecordedEvent recorded)
    {
        if (recorded.Type == nameof(OperationEvent.OperationCancelAsked))
            TellCancelled();
        else if (recorded.Id != _takenId && recorded.Id != _endedId)
            MeetForeign(recorded.Version);
    }

    /// <summary>
    /// Lives it, and says as what the operation ended; null where it goes on elsewhere or later. False where it could not be taken.
    /// </summary>
    public async Task<(bool WasTaken, OperationPhase? Ended)> Live(OperationEvent.OperationTaken taken)
    {
        if (!await Append(OperationRecords.Write(taken, _takenId)))
            return (false, null);
        lock (_lock)
            _takenAt = _version;
        MeetForeign(0);
        _recordedAt = _options.Clock.GetTimestamp();
        if (IsCancelled)
            CancelRun();
        Telemetry.OperationLives.Add(1, new KeyValuePair<string, object?>(TelemetryNames.Attributes.Operation, _kind.Name));
        Activity.Current = null; // a trace of its own: the engine may have been started in somebody's
        using var trace = Telemetry.Source.HasListeners()
            ? Telemetry.Source.StartActivity($"{TelemetryNames.Spans.Operation} {_kind.Name}", ActivityKind.Internal, _state.TraceParent)
            : null;
        trace?.SetTag(TelemetryNames.Attributes.Operation, _kind.Name).SetTag(TelemetryNames.Attributes.Tenant, _state.Tenant)
            .SetTag(TelemetryNames.Attributes.OperationId, _state.Id).SetTag(TelemetryNames.Attributes.OperationLife, taken.Life);
        var ended = await Run(taken.Life);
        var isSaid = ended is not null && await _turns.Take(() => Append(OperationRecords.Write(ended, _endedId), closes: true));
        trace?.SetTag(TelemetryNames.Attributes.Outcome, isSaid ? Telemetry.NameOf(ended!.Phase) : "left");
        if (!isSaid)
            return (true, null);
        if (ended!.Phase == OperationPhase.Failed)
            trace?.SetStatus(ActivityStatusCode.Error, ended.Error);
        Telemetry.CountEnd(_kind.Name, ended.Phase);
        return (true, ended.Phase);
    }

    /// <summary>How it ended; null where it goes on elsewhere or later.</summary>
    private async Task<OperationEvent.OperationEnded?> Run(int life)
    {
        try
        {
            if (_state.Request is not { } request)
                return OperationRules.Failed("What was asked for was erased.");
            var result = await _kind.RunIt(request, new OperationContext(_state, life, Save, _cancel.Token));
            return IsOvertaken ? null : new OperationEvent.OperationEnded(OperationPhase.Completed, ToJson(result, "result"));
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            if (IsOvertaken)
                return null;
            if (IsCancelled && failure is OperationCanceledException)
                return OperationRules.Cancelled;
            return _end.Stop.IsCancellationRequested ? null : OperationRules.Failed(failure);
        }
    }

    private async ValueTask Save(OperationProgress progress, object? checkpoint, bool now)
    {
        if (now || IsDue)
            await _turns.Take(() => now || IsDue ? Record(progress.Bounded(), checkpoint) : Task.FromResult(true));
        _cancel.Token.ThrowIfCancellationRequested();
    }

    private bool IsDue => _options.Clock.GetElapsedTime(Interlocked.Read(ref _recordedAt)) >= _options.RecordEvery;

    private async Task<bool> Record(OperationProgress progress, object? checkpoint)
    {
        OperationEvent said = checkpoint is null
            ? new OperationEvent.OperationAdvanced(progress)
            : new OperationEvent.OperationSaved(progress, ToJson(checkpoint, "checkpoint")!.Value);
        var isSaid = await Append(OperationRecords.Write(said, _writer.NextId()));
        Interlocked.Exchange(ref _recordedAt, _options.Clock.GetTimestamp());
        return isSaid;
    }

    /// <summary>Appends behind what is known of the stream; false where another has the operation, or the engine stops.</summary>
    private async Task<bool> Append(NewEvent said, bool closes = false)
    {
        for (var tries = 1; ; tries++)
        {
            var request = OperationRecords.WriteTo(_state, _version, closes, [said]);
            switch (await _writer.Append(request, int.MaxValue, _end.Stop, _end.Abandoned))
            {
                case AppendOutcome.Appended appended:
                    (_version, _position) = (appended.Versions[0].Version, appended.Last);
                    return true;
                case AppendOutcome.WrongVersion or AppendOutcome.StreamClosed when _position > 0:
                    await CatchUp(_version, tries);
                    if (IsOvertaken || _end.Stop.IsCancellationRequested)
                        return false;
                    break;
                case AppendOutcome.Refused refused:
                    throw new InvalidOperationException($"{refused.Field}: {refused.Rule}");
                default: // not taken yet, and another was faster; or the engine stops, and nobody knows
                    return false;
            }
        }
    }

    private async Task CatchUp(long refusedAt, int tries)
    {
        try
        {
            await foreach (var page in _reader.ReadBehind(_state.Tenant, _state.Id, _position, _end.Abandoned))
            {
                foreach (var recorded in page.Events)
                {
                    Meet(recorded);
                    (_version, _position) = (recorded.Version, recorded.Position);
                }
            }

            if (_version == refusedAt)
                MeetForeign(long.MaxValue); // closed by this very life: whoever still speaks for it speaks too late
        }
        catch (IOException)
        {
            await Ambient.Pause(_options.Clock, _options.Retries.PauseAfter(tries, _options.Chance), _end.Stop);
        }
    }

    /// <summary>Somebody else's record behind that with which this life began: the operation is not here any more.</summary>
    private void MeetForeign(long version)
    {
        lock (_lock)
        {
            _foreignAt = Math.Max(_foreignAt, version);
            if (_takenAt == 0 || _foreignAt <= _takenAt)
                return;
            _isOvertaken = true;
        }

        CancelRun();
    }

    private void CancelRun()
    {
        try
        {
            Ambient.CancelHere(_cancel);
        }
        catch (ObjectDisposedException)
        {
            // it has ended meanwhile
        }
    }

    private static JsonElement? ToJson(object? value, string what)
    {
        if (value is null)
            return null;
        return OperationRecords.ToJson(value, out var bytes)
            ?? throw new InvalidOperationException(
                $"A {what} has at most {OperationRecords.JsonBytesMax} bytes as JSON, and this one {bytes}.");
    }
}

/// <summary>How an engine ends.</summary>
/// <param name="Stop">It is to come to an end.</param>
/// <param name="Abandoned">Nothing more is recorded.</param>
internal readonly record struct EngineEnd(CancellationToken Stop, CancellationToken Abandoned);
