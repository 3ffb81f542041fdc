using System.Collections.Immutable;
using System.Globalization;
using Ledgerfold.Model.Folding;

namespace Ledgerfold.Model.Operating;

/// <summary>
/// Follows the turning points of all operations: so an engine hears of what others begin, cancel, take over and end. Where it begins, and
/// which operations were open there, stands in a cursor, so that a start reads what happened since and never all that ever was. The cursor
/// says what is true of the ledger, whichever engine wrote it; it is not more than a shortcut.
/// </summary>
internal sealed class OperationWatch(
    ILedger ledger,
    OperationReader reader,
    OperationWriter writer,
    OperationRunner runner,
    OperationOptions options,
    CancellationToken stop)
{
    /// <summary>The tenant of what belongs to no tenant.</summary>
    private const string PlatformTenant = "$operations";

    private const string Consumer = "operations";
    private const int MoveEvery = 256;

    private static readonly EventQuery TurningPoints = OperationRecords.Turning(OperationRecords.TurningPoints);

    private readonly Signal _wake = new();
    private long _scannedTo;
    private long _cursor;
    private int _met;
    private int _failures;

    /// <summary>Why it stood still last; null while it never did.</summary>
    public FoldError? LastError { get; private set; }

    /// <summary>Whether it pauses behind a failure.</summary>
    public bool IsPausing { get; private set; }

    /// <summary>Finds the operations that are open, to be taken up from whoever left them.</summary>
    public async ValueTask<ImmutableArray<OpenOperation>> Load(CancellationToken cancel)
    {
        var cursor = await ledger.ReadCursor(PlatformTenant, Consumer, 0, cancel);
        _scannedTo = _cursor = cursor.Position;
        var open = new Dictionary<OperationKey, OpenOperation>();
        foreach (var held in cursor.HeldKeys)
        {
            var position = long.Parse(held, CultureInfo.InvariantCulture);
            var request = new ReadRequest { Query = TurningPoints, After = position - 1, Before = position + 1 };
            if (await ledger.ReadAcrossTenants(request, cancel).First() is { } begun && OpenOperation.Of(begun) is { } one)
                open[one.Key] = one;
        }

        await foreach (var page in ledger.ReadAcrossTenants(new ReadRequest { Query = TurningPoints, After = _cursor }, cancel))
        {
            foreach (var recorded in page.Events)
                Count(open, recorded);
            _met += page.Events.Length;
            _scannedTo = page.ScannedTo;
        }

        var found = ImmutableArray.CreateBuilder<OpenOperation>();
        foreach (var one in open.Values.OrderBy(static one => one.Position))
            found.Add(one with { MayTakeAt = await ReadLives(one.Key, cancel) });
        await MoveCursor(found);
        return found.DrainToImmutable();
    }

    public async Task Run()
    {
        using var stopping = stop.UnsafeRegister(static state => ((Signal)state!).Set(), _wake);
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await Follow();
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure) when (failure is not OutOfMemoryException)
            {
                LastError = new FoldError(FoldError.Say(failure), options.Clock.GetUtcNow());
                IsPausing = true;
                await Ambient.Pause(options.Clock, options.Retries.PauseAfter(++_failures, options.Chance), stop);
                IsPausing = false;
            }
        }
    }

    private async Task Follow()
    {
        await using var feed = new PageFeed(ledger, TurningPoints, _scannedTo, _wake, stop);
        while (!stop.IsCancellationRequested)
        {
            if (feed.TryTake(out var page))
                await Take(page);
            else
                await _wake.Wait();
        }
    }

    private async Task Take(EventPage page)
    {
        foreach (var recorded in page.Events)
        {
            if (OpenOperation.Of(recorded) is not { } one)
                continue;
            if (recorded.Type == nameof(OperationEvent.OperationBegun))
                runner.Add(one);
            else
                runner.Meet(one.Key, recorded);
            _met++;
        }

        _scannedTo = page.ScannedTo;
        _failures = 0;
        await MoveCursor(runner.Open);
    }

    private static void Count(Dictionary<OperationKey, OpenOperation> open, RecordedEvent recorded)
    {
        if (OpenOperation.Of(recorded) is not { } one)
            return;
        if (recorded.Type == nameof(OperationEvent.OperationBegun))
            open[one.Key] = one;
        else if (recorded.Type == nameof(OperationEvent.OperationEnded))
            open.Remove(one.Key);
    }

    private async ValueTask<int> ReadLives(OperationKey key, CancellationToken cancel)
    {
        try
        {
            return await reader.Find(key.Tenant, key.Id, cancel) is { } state ? state.Lives : 0;
        }
        catch (InvalidDataException)
        {
            return -1; // another version of this code wrote it: nobody takes it up here
        }
    }

    private async ValueTask MoveCursor(IReadOnlyCollection<OpenOperation> open)
    {
        if (_met < MoveEvery || open.Count > Limits.HeldKeysMax)
            return;
        var move = new CursorMove
        {
            Consumer = Consumer,
            Expected = _cursor,
            Next = _scannedTo,
            HeldKeys = [.. open.Select(static one => one.Position.ToString(CultureInfo.InvariantCulture))],
        };
        var outcome = await writer.Append(
            new AppendRequest { Tenant = PlatformTenant, CursorMoves = [move] }, triesMax: 1, stop, CancellationToken.None);
        _cursor = outcome is AppendOutcome.CursorMoved moved ? moved.Actual : outcome is AppendOutcome.Appended ? _scannedTo : _cursor;
        _met = 0; // if it was not moved, it will be another time
    }
}
