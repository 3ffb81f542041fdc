using Ledgerfold.Storage;
using Ledgerfold.Storage.Disk;
using Ledgerfold.Testing;

namespace Ledgerfold.Model.Tests.Exploring;

/// <summary>A ledger to ask about, in memory or in a directory of the test's own, and a clock that stands still.</summary>
internal sealed class ExploringWorld : IAsyncDisposable
{
    private readonly string? _path;
    private int _ids;

    public ExploringWorld(Backend backend = Backend.InMemory)
    {
        if (backend == Backend.InMemory)
        {
            Ledger = new InMemoryLedger(Clock);
            return;
        }

        _path = Path.Combine(AppContext.BaseDirectory, "data", Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        var options = new EmbeddedLedgerOptions { Disk = new LinuxDisk(_path), Clock = Clock };
        EmbeddedLedger.Create(options);
        Ledger = EmbeddedLedger.Open(options with { Disk = new LinuxDisk(_path) });
    }

    public ManualClock Clock { get; } = new();

    public ILedger Ledger { get; }

    /// <summary>An event; the n-th has the n-th id where none is given.</summary>
    public NewEvent Event(string type, string? correlation = null, string? cause = null, Guid? id = null, params string[] tags) => new()
    {
        Id = Next(id),
        Type = type,
        Data = "{}"u8.ToArray(),
        CorrelationId = correlation,
        CausationId = cause,
        Tags = [.. tags],
    };

    private Guid Next(Guid? given)
    {
        var next = IdOf(++_ids);
        return given ?? next;
    }

    public static Guid IdOf(int number) => new(number, 5, 5, new byte[8]);

    public Task<long> Append(string stream, params NewEvent[] events) => AppendAs(Tenants.Default, stream, events);

    public async Task<long> AppendAs(string tenant, string stream, params NewEvent[] events)
    {
        var outcome = await Ledger.Append(AppendRequest.To(stream, Expectation.Any, [.. events]) with { Tenant = tenant });
        return Assert.IsType<AppendOutcome.Appended>(outcome).Last;
    }

    /// <summary>Every event, the platform's of these categories too, read the plain way.</summary>
    public async Task<List<RecordedEvent>> All(string tenant = Tenants.Default) => await Ledger.All(
        new EventQuery { Items = [new QueryItem(), new QueryItem { Category = "$command" }, new QueryItem { Category = "$process" }] }, tenant);

    public async ValueTask DisposeAsync()
    {
        await Ledger.DisposeAsync();
        if (_path is not null)
            Directory.Delete(_path, recursive: true);
    }
}
