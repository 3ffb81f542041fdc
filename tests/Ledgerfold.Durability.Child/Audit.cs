namespace Ledgerfold.Durability.Child;

/// <summary>
/// Holds a ledger against an oath: positions dense, versions dense in each stream, every event as its id says it must be, every append
/// whole or absent and there once, nothing that nobody tried, everything that was acknowledged at its place, and each task's cursor at
/// the number of its deeds.
/// </summary>
public sealed class Audit
{
    private readonly Dictionary<Deed, long> _found = [];
    private readonly Dictionary<string, long> _versions = new(StringComparer.Ordinal);
    private readonly List<string> _lies = [];
    private Deed _current;
    private int _left;
    private long _position;

    private Audit()
    {
    }

    /// <summary>What is wrong; nothing when all is well.</summary>
    public IReadOnlyList<string> Lies => _lies;

    /// <summary>The deeds that stand in the ledger, with their first positions.</summary>
    public IReadOnlyDictionary<Deed, long> Found => _found;

    /// <summary>The last position read.</summary>
    public long Head => _position;

    /// <summary>Audits the whole ledger.</summary>
    public static async Task<Audit> Of(ILedger ledger, Oath oath)
    {
        var audit = await OfPrefix(ledger);
        foreach (var deed in audit._found.Keys.Where(deed => !oath.Tried.Contains(deed)))
            audit._lies.Add($"{deed} was never tried");
        foreach (var (deed, first) in oath.Acknowledged)
        {
            if (audit._found.GetValueOrDefault(deed) != first)
                audit._lies.Add($"{deed} was acknowledged at {first} and stands at {audit._found.GetValueOrDefault(deed)}");
        }

        return audit;
    }

    /// <summary>Audits what can be known of a part of the ledger, such as a copy made while others wrote.</summary>
    public static async Task<Audit> OfPrefix(ILedger ledger)
    {
        var audit = new Audit();
        var head = (await ledger.ReadRange()).Head;
        await foreach (var page in ledger.Read(new ReadRequest { Before = head + 1 }))
        {
            foreach (var recorded in page.Events)
                audit.Read(recorded);
        }

        audit.EndDeed();
        if (audit._position != head)
            audit._lies.Add($"the head is {head}, the last event {audit._position}");
        await audit.CheckCursors(ledger, head);
        return audit;
    }

    private void Read(RecordedEvent recorded)
    {
        if (recorded.Position != ++_position)
            _lies.Add($"position {recorded.Position} follows {_position - 1}");
        _position = recorded.Position;
        var version = _versions.GetValueOrDefault(recorded.Stream) + 1;
        _versions[recorded.Stream] = recorded.Version;
        if (recorded.Version != version)
            _lies.Add($"position {_position}: version {recorded.Version} of {recorded.Stream} where {version} comes next");
        var (deed, number) = Deed.Of(recorded.Id);
        if (deed.FindFault(recorded, number) is { } fault)
            _lies.Add($"position {_position}: event {number} of {deed} {fault}");
        if (number == 0)
            BeginDeed(deed);
        else if (deed != _current || deed.EventCount - _left != number)
            _lies.Add($"position {_position}: event {number} of {deed} stands alone");
        _left--;
    }

    private void BeginDeed(Deed deed)
    {
        EndDeed();
        _current = deed;
        _left = deed.EventCount;
        if (!_found.TryAdd(deed, _position))
            _lies.Add($"{deed} stands at {_found[deed]} and at {_position}");
    }

    private void EndDeed()
    {
        if (_left > 0)
            _lies.Add($"{_left} events of {_current} are missing");
    }

    private async Task CheckCursors(ILedger ledger, long head)
    {
        foreach (var deeds in _found.Keys.GroupBy(deed => deed.Task))
        {
            var cursor = await ledger.ReadCursor(Tenants.Default, Deed.ConsumerOf(deeds.Key), 0);
            // a live view may have moved on since the head was read
            if (cursor.Position != deeds.Count() && (await ledger.ReadRange()).Head == head)
                _lies.Add($"task {deeds.Key} did {deeds.Count()} deeds, its cursor says {cursor.Position}");
        }
    }
}
