using Ledgerfold.Model.Events;

namespace Ledgerfold.Model.Timelines;

/// <summary>The state of a subject after one of its events, where a later question can begin.</summary>
/// <param name="Position">Everything up to here is in it.</param>
/// <param name="Events">How many events of the subject that are.</param>
/// <param name="State">The state.</param>
internal sealed record Waypoint(long Position, long Events, object? State);

/// <summary>
/// A subject as waypoints know it: by the very code and the very event types that made its states, so that none is ever given to others,
/// whatever name and version they have.
/// </summary>
internal readonly record struct SubjectName(object Code, EventTypes Types, bool IsStream, string Tenant, string Subject);

/// <summary>
/// Waypoints of all subjects, those used least recently given up first. One is never wrong: events before it do not change, but for
/// erasure, and whoever erases says so. Any thread.
/// </summary>
internal sealed class Waypoints(int waypointsMax)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<SubjectName, SortedList<long, LinkedListNode<Entry>>> _subjects = [];
    private readonly LinkedList<Entry> _byUse = []; // the least recently used first
    private long _era;

    public int Count
    {
        get
        {
            lock (_lock)
                return _byUse.Count;
        }
    }

    /// <summary>Grows whenever something is forgotten: a state that was begun before may hold what was to be forgotten.</summary>
    public long Era => Interlocked.Read(ref _era);

    /// <summary>The last waypoint at or before a position and a number of events; null where there is none.</summary>
    public Waypoint? Find(in SubjectName name, long position, long events)
    {
        lock (_lock)
        {
            if (!_subjects.TryGetValue(name, out var kept))
                return null;
            var (low, high) = (0, kept.Count);
            while (low < high)
            {
                var middle = (low + high) / 2;
                var one = kept.GetValueAtIndex(middle).Value.Waypoint;
                if (one.Position <= position && one.Events <= events)
                    low = middle + 1;
                else
                    high = middle;
            }

            return low == 0 ? null : Use(kept.GetValueAtIndex(low - 1));
        }
    }

    /// <summary>Keeps a waypoint of a question that began in an era, unless that is over.</summary>
    public void Keep(in SubjectName name, Waypoint waypoint, long era)
    {
        lock (_lock)
        {
            if (era != _era || waypointsMax == 0)
                return;
            if (!_subjects.TryGetValue(name, out var kept))
                _subjects.Add(name, kept = []);
            if (kept.TryGetValue(waypoint.Position, out var known))
                Use(known);
            else
                kept.Add(waypoint.Position, _byUse.AddLast(new Entry(name, waypoint)));
            if (_byUse.Count > waypointsMax)
                Remove(_byUse.First!);
        }
    }

    /// <summary>Forgets the waypoints of some subjects.</summary>
    public void Forget(Func<SubjectName, bool> which)
    {
        lock (_lock)
        {
            _era++;
            foreach (var name in _subjects.Keys.Where(which).ToArray())
            {
                _subjects.Remove(name, out var kept);
                foreach (var node in kept!.Values)
                    _byUse.Remove(node);
            }
        }
    }

    private Waypoint Use(LinkedListNode<Entry> node)
    {
        _byUse.Remove(node);
        _byUse.AddLast(node);
        return node.Value.Waypoint;
    }

    private void Remove(LinkedListNode<Entry> node)
    {
        _byUse.Remove(node);
        var kept = _subjects[node.Value.Name];
        kept.Remove(node.Value.Waypoint.Position);
        if (kept.Count == 0)
            _subjects.Remove(node.Value.Name);
    }

    private sealed record Entry(SubjectName Name, Waypoint Waypoint);
}
