using System.Runtime.CompilerServices;
using System.Text;

namespace Ledgerfold.Storage.Tests;

/// <summary>Events and appends that a number decides, and the steps that tests take with them.</summary>
internal static class Given
{
    public static Guid Id(int n) => new(n, 0x4c46, 0x4556, 1, 2, 3, 4, 5, 6, 7, 8);

    public static NewEvent Event(int n, int padding = 0) => new()
    {
        Id = Id(n),
        Type = "Happened",
        Data = Encoding.UTF8.GetBytes($$"""{"n":{{n}}{{new string(' ', padding)}}}"""),
        Tags = [$"n:{n % 10}"],
    };

    /// <summary>One event in one of three streams.</summary>
    public static AppendRequest Append(int n, int padding = 0) => AppendRequest.To($"thing-{n % 3}", Expectation.Any, Event(n, padding));

    /// <summary>Moves a cursor and adds no event.</summary>
    public static AppendRequest Move(string consumer, long expected, long next) =>
        new() { CursorMoves = [new CursorMove { Consumer = consumer, Expected = expected, Next = next }] };

    /// <summary>Appends and lets the writer work until it has answered.</summary>
    public static async Task<AppendOutcome> AppendNow(this EmbeddedLedger ledger, AppendRequest request)
    {
        var answer = ledger.Append(request, TestContext.Current.CancellationToken);
        while (!answer.IsCompleted)
        {
            if (!ledger.StepWriter())
                throw new InvalidOperationException("the append waits, though the writer has nothing to do");
        }

        return await answer;
    }

    /// <summary>Appends and leaves the writer alone.</summary>
    public static Answer Send(this EmbeddedLedger ledger, AppendRequest request, CancellationToken? cancel = null) =>
        new(ledger.Append(request, cancel ?? TestContext.Current.CancellationToken));

    public static async Task<RecordedEvent?> FindById(this ILedger ledger, int n) =>
        await ledger.ReadById("default", Id(n), TestContext.Current.CancellationToken);

    public static async Task<StreamHead> HeadOf(this ILedger ledger, string stream) =>
        await ledger.ReadStreamHead("default", stream, TestContext.Current.CancellationToken);

    public static IAsyncEnumerator<EventPage> Follow(this ILedger ledger) =>
        ledger.Read(new ReadRequest { Follow = true }, TestContext.Current.CancellationToken).GetAsyncEnumerator();

    public static async Task<List<RecordedEvent>> ReadAll(this ILedger ledger, ReadRequest? request = null)
    {
        var events = new List<RecordedEvent>();
        await foreach (var page in ledger.Read(request ?? new ReadRequest(), TestContext.Current.CancellationToken))
            events.AddRange(page.Events);
        return events;
    }

    /// <summary>What a read delivers before it fails, and how it fails.</summary>
    public static async Task<(List<RecordedEvent> Events, LedgerDamagedException? Damage)> ReadUntilDamage(
        this ILedger ledger, ReadRequest? request = null)
    {
        var events = new List<RecordedEvent>();
        try
        {
            await foreach (var page in ledger.Read(request ?? new ReadRequest(), TestContext.Current.CancellationToken))
                events.AddRange(page.Events);
            return (events, null);
        }
        catch (LedgerDamagedException damage)
        {
            return (events, damage);
        }
    }

    public static void StepAll(this EmbeddedLedger ledger)
    {
        while (ledger.StepWriter() | ledger.StepIndex() | ledger.StepSpace())
        {
        }
    }

    /// <summary>Whether these are exactly the events that <see cref="Append"/> made for these numbers, in order, from position 1.</summary>
    public static void ShouldBeEvents(this IReadOnlyList<RecordedEvent> events, int count)
    {
        Assert.Equal(count, events.Count);
        ShouldBeAPrefix(events);
    }

    public static void ShouldBeAPrefix(this IReadOnlyList<RecordedEvent> events)
    {
        for (var e = 0; e < events.Count; e++)
        {
            Assert.Equal(e + 1, events[e].Position);
            events[e].ShouldBeEvent(e + 1);
        }
    }

    public static void ShouldBeEvent(this RecordedEvent recorded, int n)
    {
        var expected = Event(n);
        Assert.Equal(expected.Id, recorded.Id);
        Assert.Equal($"thing-{n % 3}", recorded.Stream);
        Assert.Equal(((n - 1) / 3) + 1, recorded.Version);
        var padded = Event(n, recorded.Data.Length - expected.Data.Length);
        Assert.True(recorded.SaysTheSameAs(recorded.Stream, padded), "the content is not what was appended");
    }
}

/// <summary>The answer to an append that was sent; awaited once.</summary>
internal sealed class Answer(ValueTask<AppendOutcome> answer)
{
    public bool IsCompleted => answer.IsCompleted;

    public ValueTaskAwaiter<AppendOutcome> GetAwaiter() => answer.GetAwaiter();
}
