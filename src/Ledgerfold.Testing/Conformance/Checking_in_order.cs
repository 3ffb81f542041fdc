using System.Text;
using Xunit;

namespace Ledgerfold.Testing.Conformance;

/// <summary>
/// The precedence of checks as a table: limits → event ids → stream lifecycle → versions → condition → cursors. Every fault alone, every
/// pair, and every tail of the list; the earliest check wins wherever the faults stand in the request.
/// </summary>
public abstract class Checking_in_order(LedgerBackend backend) : LedgerConformance(backend)
{
    private static readonly Fault[] InOrder =
    [
        Fault.BrokenLimit, Fault.ConflictingId, Fault.MixedRepeat, Fault.ClosedStream, Fault.WrongVersion,
        Fault.ConditionBeyondHead, Fault.ConditionFailed, Fault.CursorBeyondHead, Fault.CursorMoved,
    ];

    private NewEvent _known = null!;
    private NewEvent _half = null!;

    /// <summary>One way for an append to fail; in the order of the checks.</summary>
    private enum Fault
    {
        BrokenLimit,
        ConflictingId,
        MixedRepeat,
        ClosedStream,
        WrongVersion,
        ConditionBeyondHead,
        ConditionFailed,
        CursorBeyondHead,
        CursorMoved,
    }

    [Fact]
    public async Task The_earliest_failing_check_gives_the_answer()
    {
        await Arrange();
        var table = new StringBuilder();
        foreach (var faults in Combinations())
        {
            foreach (var laterFirst in new[] { false, true })
            {
                var request = With(faults, laterFirst);
                var outcome = await Ledger.Append(request);
                if (Name(outcome) != faults[0].ToString())
                    table.AppendLine(
                        $"{string.Join(" + ", faults)}: expected {faults[0]}, got {Spoken.Of(outcome)} for {Spoken.Of(request)}");
            }
        }

        Assert.True(table.Length == 0, $"the order of the checks is {string.Join(" → ", InOrder)}, but\n{table}");
        await NothingChanged();
    }

    [Fact]
    public async Task A_full_repeat_is_answered_before_every_check_but_the_limits()
    {
        await Arrange();
        foreach (var fault in new[]
                 {
                     Fault.WrongVersion, Fault.ConditionBeyondHead, Fault.ConditionFailed, Fault.CursorBeyondHead, Fault.CursorMoved,
                 })
        {
            var failing = With([fault], laterFirst: false);
            var others = failing.Writes.Where(write => write.Stream != "fresh-1");
            var request = failing with { Writes = [.. others, Write("known-1", Expectation.NoStream, _known)] };
            await Answers(
                request, new AppendOutcome.Appended(1, 1, [new("known-1", 1)], true), $"a repeat is answered in spite of {fault}");
        }

        await NothingChanged();
    }

    [Fact]
    public async Task The_first_of_several_cursor_moves_that_fails_is_named()
    {
        await Arrange();
        var fits = new CursorMove { Consumer = "fits", Expected = 0, Next = 1 };
        var stale = new CursorMove { Consumer = "moved", Expected = 0, Next = 1 };
        var beyond = new CursorMove { Consumer = "beyond", Expected = 0, Next = 1_000_000 };

        Same(
            "stale before beyond",
            nameof(Fault.CursorMoved),
            Name(await Ledger.Append(new AppendRequest { CursorMoves = [fits, stale, beyond] })));
        Same(
            "beyond before stale",
            nameof(Fault.CursorBeyondHead),
            Name(await Ledger.Append(new AppendRequest { CursorMoves = [fits, beyond, stale] })));
        Same(
            "a stale move beyond the head: the rule before the state",
            nameof(Fault.CursorBeyondHead),
            Name(await Ledger.Append(new AppendRequest { CursorMoves = [stale with { Next = 1_000_000 }] })));

        Same("the cursor of the move that fitted", 0L, (await CursorOf("fits")).Position);
    }

    private async Task Arrange()
    {
        (_known, _half) = (Event(), Event());
        await Append("known-1", _known);
        await Append("half-1", _half);
        await Append("busy-1", Event("Happened", "seat:1"));
        await Append(new AppendRequest { Writes = [Write("closed-1", Expectation.NoStream, Event()) with { Close = true }] });
        await Append(new AppendRequest { CursorMoves = [new CursorMove { Consumer = "moved", Expected = 0, Next = 2 }] });
    }

    private async Task NothingChanged()
    {
        Same("the head", 4L, await Head());
        Same("the stream of the fresh event", default, await HeadOf("fresh-1"));
        Same("the closed stream", new StreamHead(1, true), await HeadOf("closed-1"));
        Same("the cursor", 2L, (await CursorOf("moved")).Position);
        Same("the other cursor", 0L, (await CursorOf("beyond")).Position);
    }

    private static IEnumerable<Fault[]> Combinations()
    {
        for (var first = 0; first < InOrder.Length; first++)
        {
            yield return [InOrder[first]];
            // A request has one condition; and among cursor moves their order decides, which is a fact of its own.
            var later = InOrder[(first + 1)..].Where(fault => (InOrder[first], fault) is not
                ((Fault.ConditionBeyondHead, Fault.ConditionFailed) or (Fault.CursorBeyondHead, Fault.CursorMoved))).ToArray();
            foreach (var second in later)
                yield return [InOrder[first], second];
            yield return [InOrder[first], .. later];
        }
    }

    private AppendRequest With(Fault[] faults, bool laterFirst)
    {
        var request = new AppendRequest();
        foreach (var fault in laterFirst ? faults.Reverse() : faults)
            request = With(request, fault);
        // Something to write, so that a request that was wrongly accepted is seen.
        return request with { Writes = [.. request.Writes, Write("fresh-1", Expectation.Any, Event())] };
    }

    private AppendRequest With(AppendRequest request, Fault fault) => fault switch
    {
        Fault.BrokenLimit => request with { Writes = [.. request.Writes, Write("not a stream", Expectation.Any)] },
        Fault.ConflictingId => request with { Writes = [.. request.Writes, Write("other-1", Expectation.Any, _known)] },
        Fault.MixedRepeat => request with { Writes = [.. request.Writes, Write("half-1", Expectation.Any, _half, Event())] },
        Fault.ClosedStream => request with { Writes = [.. request.Writes, Write("closed-1", Expectation.Any, Event())] },
        Fault.WrongVersion => request with { Writes = [.. request.Writes, Write("busy-1", Expectation.NoStream)] },
        Fault.ConditionBeyondHead => request with { Condition = new AppendCondition(EventQuery.All, 1_000_000) },
        Fault.ConditionFailed => request with { Condition = new AppendCondition(EventQuery.Tagged("seat:1"), 0) },
        Fault.CursorBeyondHead => request with { CursorMoves = [.. request.CursorMoves, Move("beyond", 1_000_000)] },
        Fault.CursorMoved => request with { CursorMoves = [.. request.CursorMoves, Move("moved", 1)] },
        _ => throw new ArgumentOutOfRangeException(nameof(fault)),
    };

    private static CursorMove Move(string consumer, long next) => new() { Consumer = consumer, Expected = 0, Next = next };

    private static string Name(AppendOutcome outcome) => outcome switch
    {
        AppendOutcome.Refused { Field: "condition.after" } => nameof(Fault.ConditionBeyondHead),
        AppendOutcome.Refused { Field: "cursorMoves[0].next" or "cursorMoves[1].next" } => nameof(Fault.CursorBeyondHead),
        AppendOutcome.Refused => nameof(Fault.BrokenLimit),
        AppendOutcome.IdConflict => nameof(Fault.ConflictingId),
        AppendOutcome.MixedRepeat => nameof(Fault.MixedRepeat),
        AppendOutcome.StreamClosed => nameof(Fault.ClosedStream),
        AppendOutcome.WrongVersion => nameof(Fault.WrongVersion),
        AppendOutcome.ConditionFailed => nameof(Fault.ConditionFailed),
        AppendOutcome.CursorMoved => nameof(Fault.CursorMoved),
        _ => Spoken.Of(outcome),
    };
}
