using Ledgerfold.Storage;
using Ledgerfold.Storage.Reading;

namespace Ledgerfold.Simulation;

/// <summary>Reads, and compares with the model: by the index, by a scan, and as the engine chooses.</summary>
internal sealed class Reading(World world)
{
    private Expected Expected => world.Expected;

    /// <summary>All events of a ledger, by a scan; stops at damage, which must be told of.</summary>
    public List<RecordedEvent> Everything(EmbeddedLedger ledger)
    {
        var found = new List<RecordedEvent>();
        try
        {
            var everything = new ReadRequest { Query = Events.Everything };
            Collect(new EventReader(ledger.Log, ReadPlan.Scan).Read(everything, tenant: null, default), found);
        }
        catch (Exception damage) when (world.IsReport(damage))
        {
            world.Marks.Hit("a read met damage");
            world.Say($"  the scan met damage: {damage.Message}");
            if (damage is LedgerDamagedException { Position: var position } && position > found.Count + 1)
                throw new OracleException("damage", $"a scan ends after position {found.Count} and says that {position} is damaged");
        }

        return found;
    }

    /// <summary>One random read in all three ways.</summary>
    public void CheckRead(EmbeddedLedger ledger)
    {
        var request = world.Requests.Read();
        var acrossTenants = world.Random.OneIn(5);
        string? tenant = acrossTenants ? null : request.Tenant;
        if (!acrossTenants)
            Check(request, tenant, ledger.Log.Head, "a read by the index", () => ByIndex(ledger, request, tenant));
        Check(request, tenant, ledger.Log.Head, "a scan", () => new EventReader(ledger.Log, ReadPlan.Scan).Read(request, tenant, default));
        Check(request, tenant, ledger.Log.Head, "a read", () => acrossTenants ? ledger.ReadAcrossTenants(request) : ledger.Read(request));
    }

    /// <summary>Everything of each tenant by the index, and every look-up there is.</summary>
    public void CheckAll(EmbeddedLedger ledger)
    {
        foreach (var tenant in Requests.TenantNames)
        {
            var request = new ReadRequest { Tenant = tenant, Query = Events.Everything, Backward = world.Random.OneIn(3) };
            Check(request, tenant, ledger.Log.Head, "a read by the index", () => ByIndex(ledger, request, tenant));
            foreach (var stream in Requests.Streams)
                CheckHead(ledger, tenant, stream);
        }

        foreach (var recorded in Expected.Recorded)
        {
            if (world.Random.OneIn(4))
                CheckId(ledger, recorded.Tenant, recorded.Id);
        }
    }

    /// <summary>A read through a view that shows so many events.</summary>
    public void CheckView(EmbeddedLedger view, long head)
    {
        var request = world.Requests.Read() with { Before = head + 1 };
        Check(request, request.Tenant, head, "a view by the index", () => ByIndex(view, request, request.Tenant));
    }

    public void CheckLookUps(EmbeddedLedger ledger)
    {
        var random = world.Random;
        var tenant = world.Requests.Tenant();
        CheckHead(ledger, tenant, world.Requests.Stream());
        if (world.Requests.SentId() is { } sent)
            CheckId(ledger, sent.Tenant, sent.Id);
        var (consumer, partition) = (random.Pick(Requests.Consumers), random.Below(2));
        var (cursor, got) = (Expected.CursorOf(tenant, consumer, partition), Now(ledger.ReadCursor(tenant, consumer, partition)));
        if (cursor.Position != got.Position || !cursor.HeldKeys.SequenceEqual(got.HeldKeys))
            throw new OracleException("model", $"{tenant} {consumer}/{partition} stands at {got.Position}, expected {cursor.Position}");
        var range = Now(ledger.ReadRange());
        if (range != new LedgerRange(1, Expected.Head))
            throw new OracleException("model", $"the range is {range}, expected head {Expected.Head}");
        var time = Expected.SomeTime(random);
        if (Expected.PositionAt(time) is { } at && Safely(() => Now(ledger.PositionAt(time))) is { } position && position != at)
            throw new OracleException("model", $"the position at {time:O} is {position}, expected {at}");
    }

    public static T Now<T>(ValueTask<T> answer) => answer.GetAwaiter().GetResult();

    private static IAsyncEnumerable<EventPage> ByIndex(EmbeddedLedger ledger, ReadRequest request, string? tenant) =>
        new EventReader(ledger.Log, ReadPlan.Index).Read(request, tenant, default);

    private static void Collect(IAsyncEnumerable<EventPage> pages, List<RecordedEvent> into)
    {
        var enumerator = pages.GetAsyncEnumerator();
        try
        {
            while (enumerator.MoveNextAsync().AsTask().GetAwaiter().GetResult())
                into.AddRange(enumerator.Current.Events);
        }
        finally
        {
            enumerator.DisposeAsync().GetAwaiter().GetResult();
        }
    }

    private void Check(ReadRequest request, string? tenant, long head, string who, Func<IAsyncEnumerable<EventPage>> read)
    {
        var expected = Expected.Matching(request, tenant, world.IsDamaged ? Math.Min(Expected.Head, head) : Expected.Head);
        var got = new List<RecordedEvent>();
        var whole = true;
        try
        {
            Collect(read(), got);
        }
        catch (Exception damage) when (world.IsReport(damage))
        {
            world.Say($"  {who} met damage: {damage.Message}");
            whole = false;
        }

        for (var e = 0; e < got.Count; e++)
        {
            if (e >= expected.Count || !Events.Same(expected[e], got[e]))
                throw Differs(request, who, expected, got);
            Expected.CheckShown(got[e], who);
        }

        if (whole && got.Count < expected.Count)
            throw Differs(request, who, expected, got);
    }

    private static OracleException Differs(ReadRequest request, string who, List<RecordedEvent> expected, List<RecordedEvent> got) => new(
        "index = scan = model",
        $"{who} after {request.After} before {request.Before} limit {request.Limit} backward {request.Backward} of {request.Tenant} "
        + $"shows {Events.SayPositions(got)}, expected {Events.SayPositions(expected)}");

    private void CheckHead(EmbeddedLedger ledger, string tenant, string stream)
    {
        var expected = Expected.HeadOf(tenant, stream);
        if (Safely(() => Now(ledger.ReadStreamHead(tenant, stream))) is { } got && got != expected)
            throw new OracleException("index = scan = model", $"{tenant} {stream} stands at {got}, expected {expected}");
    }

    private void CheckId(EmbeddedLedger ledger, string tenant, Guid id)
    {
        var expected = Expected.ById(tenant, id);
        RecordedEvent? got;
        try
        {
            got = ledger.ReadById(tenant, id).AsTask().GetAwaiter().GetResult();
        }
        catch (Exception damage) when (world.IsReport(damage))
        {
            return;
        }

        if (expected is null ? got is not null : got is null || !Events.Same(expected, got))
            throw new OracleException("index = scan = model", $"{id} is {Events.Say(got)}, expected {Events.Say(expected)}");
    }

    private T? Safely<T>(Func<T> look) where T : struct
    {
        try
        {
            return look();
        }
        catch (Exception damage) when (world.IsReport(damage))
        {
            return null;
        }
    }
}
