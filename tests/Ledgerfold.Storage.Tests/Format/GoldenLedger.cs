using System.Collections.Immutable;
using Ledgerfold.Testing.Disk;

namespace Ledgerfold.Storage.Tests.Format;

/// <summary>
/// A small ledger that has one of everything that format 1 knows. Its bytes follow from a seed and a clock that stands where it is put, so
/// that the same program makes the same files for ever; they are committed, and a format that would change them is a new format.
/// </summary>
internal static class GoldenLedger
{
    public static readonly DateTimeOffset Start = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static string Directory => Path.Combine(Origin(), "Golden", "v1");

    /// <summary>Makes it anew.</summary>
    public static async Task<SimulatedStore> Write()
    {
        var store = new SimulatedStore(new SimulatedDisk(1) { WriteBackChance = 0 })
        {
            With = SimulatedStore.TinySegments,
        };
        store.Create();
        var ledger = store.Open();
        await ledger.AppendNow(Full());
        store.Clock.Advance(TimeSpan.FromMilliseconds(1.5));
        await ledger.AppendNow(AppendRequest.To("order-2", Expectation.NoStream, Plain()));
        store.Clock.Advance(TimeSpan.FromMilliseconds(100));
        ledger.StepWriter(); // vouches
        store.Clock.ShiftWallClock(TimeSpan.FromHours(1));
        await ledger.AppendNow(TwoStreams());
        store.Clock.ShiftWallClock(TimeSpan.FromHours(-2));
        await ledger.AppendNow(Held());
        await ledger.AppendNow(AppendRequest.To("blob-1", Expectation.Any, Zeros()));
        await ledger.AppendNow(AppendRequest.To("order-3", Expectation.Any, Given.Event(6)));
        ledger.Close();
        return store;
    }

    public static NewEvent FullEvent() => new()
    {
        Id = Guid.Parse("01020304-0506-0708-090a-0b0c0d0e0f10"),
        Type = "OrderCreated",
        SchemaVersion = 7,
        Data = """{"a":1, "a":2,"x":1e400}"""u8.ToArray(),
        ContentType = "application/vnd.order+json",
        EffectiveAt = new DateTimeOffset(1969, 7, 20, 20, 17, 40, TimeSpan.Zero),
        CorrelationId = "conversation-1",
        CausationId = "command-1",
        Actor = "Zoë",
        TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        Tags = ["vendor:V2", "uti:漢字"],
        Headers = [KeyValuePair.Create("empty", ""), KeyValuePair.Create("lines", "one\ntwo")],
    };

    public static AppendRequest Full() => AppendRequest.To("order-1", Expectation.NoStream, FullEvent());

    public static NewEvent Plain() => new() { Id = Given.Id(2), Type = "E", Data = new byte[] { 0 } };

    /// <summary>Holds sectors of zeros, which the batch's header counts.</summary>
    public static NewEvent Zeros() => new()
    {
        Id = Given.Id(5),
        Type = "Stored",
        Data = new byte[1800],
        ContentType = "application/octet-stream",
    };

    public static AppendRequest Held() => new()
    {
        CursorMoves = [new CursorMove { Consumer = "mailer", Partition = 3, Expected = 0, Next = 2, HeldKeys = ["order-1", "käse"] }],
    };

    public static AppendRequest TwoStreams() => new()
    {
        Tenant = "other",
        Writes =
        [
            new StreamWrite { Stream = "order-1", Expect = Expectation.NoStream, Events = [Given.Event(3)] },
            new StreamWrite { Stream = "$system-1", Events = [Given.Event(4)], Close = true },
        ],
        CursorMoves = [new CursorMove { Consumer = "mailer", Expected = 0, Next = 4 }],
    };

    /// <summary>The committed files by name.</summary>
    public static ImmutableSortedDictionary<string, byte[]> Committed() =>
        System.IO.Directory.EnumerateFiles(Directory, "*", SearchOption.TopDirectoryOnly)
            .ToImmutableSortedDictionary(path => Path.GetFileName(path), File.ReadAllBytes, StringComparer.Ordinal);

    private static string Origin([System.Runtime.CompilerServices.CallerFilePath] string path = "") =>
        Path.GetDirectoryName(Path.GetDirectoryName(path))!;
}
