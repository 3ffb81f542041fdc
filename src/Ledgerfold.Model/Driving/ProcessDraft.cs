using Ledgerfold.Model.Processing;

namespace Ledgerfold.Model.Driving;

/// <summary>
/// What the inputs taken up so far come to: records of one tenant, and the cursor behind the last of those inputs. All of it is one append,
/// so that no input is ever taken up twice or passed over.
/// </summary>
internal sealed class ProcessDraft(string tenant, string consumer, long cursor, int eventsMax)
{
    private const long BytesMax = 2 * 1024 * 1024;

    private readonly Dictionary<string, List<NewEvent>> _streams = new(StringComparer.Ordinal);
    private readonly List<(ProcessEvent.ProcessAdvanced Said, NewEvent Item)> _advances = [];
    private readonly HashSet<Guid> _missed = [];
    private long _takenTo;

    public string Tenant => tenant;

    /// <summary>Where the cursor stands before it.</summary>
    public long Cursor => cursor;

    /// <summary>The position of the last input that is wholly in it.</summary>
    public long TakenTo
    {
        get => Math.Max(_takenTo, cursor);
        set => _takenTo = value;
    }

    public int Count { get; private set; }

    public long Bytes { get; private set; }

    public bool IsFull => Count >= eventsMax || Bytes >= BytesMax;

    /// <summary>Whether instances in it are found by something new.</summary>
    public bool HasAssociations { get; private set; }

    public IReadOnlyList<(ProcessEvent.ProcessAdvanced Said, NewEvent Item)> Advances => _advances;

    public AppendRequest Request => new()
    {
        Tenant = tenant,
        Writes = [.. _streams.Select(static stream => new StreamWrite { Stream = stream.Key, Events = [.. stream.Value] })],
#if ZOO
        CursorMoves = Zoo.Bug("process-cursor-outside-the-append") ? [] : [Move],
#else
        CursorMoves = [Move],
#endif
    };

    public CursorMove Move => new() { Consumer = consumer, Expected = cursor, Next = TakenTo };

    /// <summary>Whether it says already that something was missed.</summary>
    public bool HasMiss(Guid id) => _missed.Contains(id);

    public void Add(string stream, ProcessEvent said, NewEvent item)
    {
        if (!_streams.TryGetValue(stream, out var events))
            _streams.Add(stream, events = []);
        events.Add(item);
        Count++;
        Bytes += Limits.SizeOf(item) + stream.Length;
        if (said is not ProcessEvent.ProcessAdvanced advanced)
        {
            _missed.Add(item.Id);
            return;
        }

        _advances.Add((advanced, item));
        HasAssociations |= !item.Tags.IsEmpty;
    }
}
