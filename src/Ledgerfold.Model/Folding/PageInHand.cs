namespace Ledgerfold.Model.Folding;

/// <summary>
/// A page of a read that is folded in parts, as much at a time as memory has room for, and no further than the fold may go.
/// </summary>
internal sealed class PageInHand(EventPage page)
{
    private int _at;

    /// <summary>Whether all of it is taken.</summary>
    public bool IsDone { get; private set; }

    /// <summary>The next events, and how far everything is looked at with them.</summary>
    public EventPage Next(int countMax, long limit)
    {
        var events = page.Events;
        var count = Math.Min(events.Length - _at, countMax);
        while (count > 0 && events[_at + count - 1].Position > limit)
            count--;
        while (count > 0 && _at + count < events.Length && events[_at + count].Position == events[_at + count - 1].Position)
            count++; // what a replay thinks to be at one position is folded together
        var part = events.Slice(_at, count);
        _at += count;
        if (_at < events.Length ? events[_at].Position > limit : page.ScannedTo > limit)
        {
#if ZOO
            IsDone = Zoo.Bug("rebuild-loses-what-stands-behind-a-limit");
#endif
            return new EventPage(part, limit, CaughtUp: false);
        }

        IsDone = _at == events.Length;
        return IsDone ? page with { Events = part } : new EventPage(part, part[^1].Position, CaughtUp: false);
    }
}
