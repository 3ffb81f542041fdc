using System.Text;
using Xunit;

namespace Ledgerfold.Testing.Conformance;

/// <summary>
/// What every situation of the suite stands on: an open, empty ledger, short forms to write and ask, and failures that say what was asked,
/// what was expected and what came. A backend passes when a class derived from each of <see cref="Situations"/> passes.
/// </summary>
public abstract class LedgerConformance(LedgerBackend backend) : IAsyncLifetime
{
    internal const int PageEventsMax = 256;

    private int _ids;

    /// <summary>The abstract classes that make up the suite, for a test that a backend left none out.</summary>
    public static IReadOnlyList<Type> Situations { get; } =
    [
        .. typeof(LedgerConformance).Assembly.GetExportedTypes()
            .Where(type => type.IsAbstract && type.BaseType == typeof(LedgerConformance)),
    ];

    private protected ILedger Ledger { get; private set; } = null!;

    private protected LedgerBackend Backend => backend;

    /// <summary>Opens the ledger.</summary>
    public async ValueTask InitializeAsync() => Ledger = await backend.Open();

    /// <summary>Closes the ledger and lets the backend clean up.</summary>
    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (Ledger is not null)
            await Ledger.DisposeAsync();
        await backend.DisposeAsync();
    }

    private protected async Task Reopen()
    {
        Assert.SkipUnless(backend.CanReopen, "this backend does not outlive its ledger");
        Ledger = await backend.Reopen(Ledger);
    }

    private protected Guid NewId() => new(Interlocked.Increment(ref _ids), 7, 7, 7, 7, 7, 7, 7, 7, 7, 7);

    private protected NewEvent Event(string type = "Happened", params string[] tags) =>
        new() { Id = NewId(), Type = type, Data = Utf8("""{"a":1}"""), Tags = [.. tags] };

    private protected NewEvent[] Events(int count, params string[] tags) =>
        [.. Enumerable.Range(0, count).Select(_ => Event("Happened", tags))];

    private protected static ReadOnlyMemory<byte> Utf8(string text) => Encoding.UTF8.GetBytes(text);

    private protected static AppendRequest To(string stream, params NewEvent[] events) => To(stream, Expectation.Any, events);

    private protected static AppendRequest To(string stream, Expectation expect, params NewEvent[] events) =>
        new() { Writes = [Write(stream, expect, events)] };

    private protected static StreamWrite Write(string stream, Expectation expect, params NewEvent[] events) =>
        new() { Stream = stream, Expect = expect, Events = [.. events] };

    /// <summary>Appends, and fails the fact unless the answer is of this kind.</summary>
    private protected async Task<T> Answer<T>(AppendRequest request, string because = "") where T : AppendOutcome
    {
        var outcome = await InTime(Ledger.Append(request).AsTask(), () => $"the answer to {Spoken.Of(request)}");
        if (outcome is T asExpected)
            return asExpected;
        var expected = typeof(T).Name;
        throw Failure(because, Spoken.Of(request), expected, Spoken.Of(outcome));
    }

    private protected Task<AppendOutcome.Appended> Append(AppendRequest request, string because = "") =>
        Answer<AppendOutcome.Appended>(request, because);

    private protected Task<AppendOutcome.Appended> Append(string stream, params NewEvent[] events) => Append(To(stream, events));

    /// <summary>Appends, and fails the fact unless the answer is just this one.</summary>
    private protected async Task Answers(AppendRequest request, AppendOutcome expected, string because = "")
    {
        var outcome = await InTime(Ledger.Append(request).AsTask(), () => $"the answer to {Spoken.Of(request)}");
        if (Spoken.Of(outcome) != Spoken.Of(expected))
            throw Failure(because, Spoken.Of(request), Spoken.Of(expected), Spoken.Of(outcome));
    }

    private protected async Task<long> Head() => (await Ledger.ReadRange()).Head;

    private protected Task<StreamHead> HeadOf(string stream, string tenant = Tenants.Default) =>
        Ledger.ReadStreamHead(tenant, stream).AsTask();

    private protected Task<Cursor> CursorOf(string consumer, int partition = 0, string tenant = Tenants.Default) =>
        Ledger.ReadCursor(tenant, consumer, partition).AsTask();

    /// <summary>Reads until the read ends, which it must by itself.</summary>
    private protected async Task<List<EventPage>> Pages(ReadRequest request, bool acrossTenants = false)
    {
        var pages = new List<EventPage>();
        await InTime(Collect(), () => $"the end of the {Spoken.Of(request)}");
        return pages;

        async Task<bool> Collect()
        {
            await foreach (var page in acrossTenants ? Ledger.ReadAcrossTenants(request) : Ledger.Read(request))
                pages.Add(page);
            return true;
        }
    }

    private protected async Task<List<RecordedEvent>> Read(ReadRequest request, bool acrossTenants = false) =>
        [.. (await Pages(request, acrossTenants)).SelectMany(page => page.Events)];

    private protected Task<List<RecordedEvent>> Read(EventQuery query, string tenant = Tenants.Default) =>
        Read(new ReadRequest { Tenant = tenant, Query = query });

    private protected Task<List<RecordedEvent>> ReadStream(string stream, string tenant = Tenants.Default) =>
        Read(EventQuery.OfStream(stream), tenant);

    /// <summary>Runs what must change nothing, and fails the fact if the ledger grew.</summary>
    private protected async Task ChangesNothing(Func<Task> attempt)
    {
        var before = await Head();
        await attempt();
        Same("the head after something that must change nothing", before, await Head());
    }

    /// <summary>Waits for what must come, and says what did not.</summary>
    private protected async Task<T> InTime<T>(Task<T> task, Func<string> what)
    {
        try
        {
            return await task.WaitAsync(backend.Patience);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"{what()} did not come within {backend.Patience.TotalSeconds:0.#} s");
            throw;
        }
    }

    private protected static void Same<T>(string asked, T expected, T got)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, got))
            throw Failure("", asked, expected?.ToString() ?? "null", got?.ToString() ?? "null");
    }

    private protected static void SamePositions(string asked, IEnumerable<long> expected, IEnumerable<RecordedEvent> got) =>
        Same(asked, string.Join(' ', expected), string.Join(' ', got.Select(recorded => recorded.Position)));

    private protected static Exception Failure(string because, string asked, string expected, string got) =>
        Xunit.Sdk.FailException.ForFailure(
            $"{(because.Length == 0 ? "" : because + "\n")}asked:    {asked}\nexpected: {expected}\ngot:      {got}");
}
