using Ledgerfold.Model.Events;

namespace Ledgerfold.Model.Folding;

/// <summary>
/// Brings one held key, or one held stream, up to where its fold stands: the events that waited are read again and applied in order, a page
/// at a time between the pages of everything else. What is applied and the position it waits at go into the same batch, so that it may end
/// anywhere and go on later. At the next failure it is held again, there.
/// </summary>
internal sealed class Release(FoldContext fold, HeldName name, FoldRequest? asked) : IAsyncDisposable
{
    private IAsyncEnumerator<EventPage>? _pages;
    private long _applied = -1;
    private long _end;
    private long _scanned;

    public HeldName Name { get; } = name;

    /// <summary>Who asked for it; null where it was tried by itself.</summary>
    public FoldRequest? Asked { get; } = asked;

    /// <summary>Does one page. Once it has ended: whether nothing is held any more; until then null.</summary>
    public async ValueTask<bool?> Step(long scanned, CancellationToken cancel)
    {
        _scanned = scanned;
        if (fold.Held.Find(Name) is not { } held)
            return true;
        if (_applied != held.From - 1)
        {
            // the beginning, or what was applied could not be written and was taken back
            await CloseRead();
            _applied = held.From - 1;
            foreach (var missed in held.Missed)
            {
                if (!await ApplyMissed(missed, cancel))
                    return false;
            }
        }

        if (_applied >= scanned)
        {
            fold.Held.Remove(Name);
            return true;
        }

        return await ApplyPage(held, scanned, cancel) ? null : false;
    }

    public ValueTask DisposeAsync() => CloseRead();

    private async ValueTask CloseRead()
    {
        if (_pages is not null)
            await _pages.DisposeAsync();
        _pages = null;
    }

    private async ValueTask<bool> ApplyPage(HeldKey held, long scanned, CancellationToken cancel)
    {
        if (_pages is null)
        {
            _end = scanned;
            _pages = Read(_applied, scanned + 1, cancel).GetAsyncEnumerator(cancel);
        }

        if (!await _pages.MoveNextAsync())
        {
            await CloseRead();
            _applied = _end;
            fold.Held.Advance(Name, _applied);
            return true;
        }

        foreach (var recorded in _pages.Current.Events)
        {
            if (!fold.Projection.Query.Matches(recorded) || (held.Stream is { } stream && stream != recorded.Stream))
                continue;
            if (!await Apply(recorded, cancel))
                return false;
        }

        _applied = Math.Max(_applied, _pages.Current.ScannedTo);
        fold.Held.Advance(Name, _applied);
        return true;
    }

    private async ValueTask<bool> ApplyMissed(long position, CancellationToken cancel)
    {
        if (fold.Held.IsSkipped(Name, position))
        {
            fold.Held.Recovered(Name, position);
            return true;
        }

        await foreach (var page in Read(position - 1, position + 1, cancel))
        {
            foreach (var recorded in page.Events)
            {
                if (!await ApplyKeys(KeyedEvent.Read(fold.Projection, fold.Codec, recorded), isLate: true, cancel))
                    return false;
            }
        }

        fold.Held.Recovered(Name, position);
        return true;
    }

    private async ValueTask<bool> Apply(RecordedEvent recorded, CancellationToken cancel)
    {
        if (fold.Held.IsSkipped(Name, recorded.Position))
            return true;
        var keyed = KeyedEvent.Read(fold.Projection, fold.Codec, recorded);
        var stream = HeldName.OfStream(recorded.Tenant, recorded.Stream);
        if (Name.Stream is null && (fold.Held.IsSkipped(stream, recorded.Position) || fold.Held.Holds(stream, recorded.Position)))
            return true; // it comes when its stream is released
        if (keyed.Problem is { } problem)
            return Name.Stream is null || Fail(recorded.Position, problem);
        return await ApplyKeys(keyed, isLate: Name.Stream is not null, cancel);
    }

    private async ValueTask<bool> ApplyKeys(KeyedEvent keyed, bool isLate, CancellationToken cancel)
    {
        for (var k = 0; k < keyed.Count; k++)
        {
            var facts = keyed[k];
            if (Name.Key is { } mine && facts.Key != mine)
                continue;
            if (!await ApplyKey(keyed.Recorded, facts, isLate, cancel))
                return false;
        }

        return true;
    }

    /// <summary>
    /// False where it failed under the one key that is being released; another key of a released stream is held by itself.
    /// </summary>
    private async ValueTask<bool> ApplyKey(RecordedEvent recorded, FactsOfKey facts, bool isLate, CancellationToken cancel)
    {
        var key = HeldName.OfKey(recorded.Tenant, facts.Key);
        if (fold.Held.IsSkipped(key, recorded.Position))
            return true;
        if (Name.Stream is not null && fold.Held.Find(key) is { } waits)
        {
            if (recorded.Position < waits.From)
                fold.Held.Miss(key, recorded.Position);
            else
                fold.Held.CountWaiting(key);
            return true;
        }

        var entry = await fold.Memory.Find(recorded.Tenant, facts.Key, cancel);
        try
        {
            var state = facts.ApplyTo(entry.State, fold.Projection, recorded);
            if (ReferenceEquals(state, entry.State))
                return true;
            entry.State = state;
            if (isLate)
                fold.Memory.NoteLateChange(entry, recorded.Position);
            else
                fold.Memory.NoteChange(entry, recorded.Position);
            return true;
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            if (Name.Stream is null)
                return Fail(recorded.Position, FoldError.Say(failure));
            fold.Held.Hold(key, HeldAt.Late(recorded.Position, _scanned), FoldError.Say(failure));
            return true;
        }
    }

    private bool Fail(long position, string error)
    {
        fold.Held.Advance(Name, position - 1);
        fold.Held.Fail(Name, position, error);
        return false;
    }

    private IAsyncEnumerable<EventPage> Read(long after, long before, CancellationToken cancel)
    {
        var query = Name.Stream is { } stream ? EventQuery.OfStream(stream) : fold.Projection.QueryOf(Name.Key!);
        return fold.Ledger.Read(new ReadRequest { Tenant = Name.Tenant, Query = query, After = after, Before = before }, cancel);
    }
}

/// <summary>What the parts of one kept fold work on together.</summary>
internal sealed record FoldContext(
    Projection Projection, EventCodec Codec, ILedger Ledger, IFoldStore Store, FoldEngineOptions Options, FoldMemory Memory, HeldKeys Held);
