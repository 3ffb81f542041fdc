using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace Ledgerfold.Testing.Tests.Conformance;

/// <summary>Ledgers that check streams, conditions, cursors or input badly, each in a way that somebody could ship.</summary>
internal static class FaultsOfChecking
{
    public static IReadOnlyDictionary<string, Func<InMemoryLedger, FaultyLedger>> All { get; } =
        OfStreams().Concat(OfConditions()).Concat(OfCursors()).Concat(OfInput()).ToDictionary();

    private static Dictionary<string, Func<InMemoryLedger, FaultyLedger>> OfStreams() => new()
    {
        ["versions are checked before ids"] = inner => Appending(inner, async request =>
            await FirstWrongVersion(inner, request) is { } wrong ? wrong : await inner.Append(request)),
        ["versions are checked before closed streams"] = inner => Appending(inner, async request =>
        {
            var outcome = await inner.Append(request);
            return outcome is AppendOutcome.StreamClosed && await FirstWrongVersion(inner, request) is { } wrong ? wrong : outcome;
        }),
        ["versions are 32 bits"] = inner => Appending(inner, request => inner.Append(Each(request, write =>
            write.Expect.Version > int.MaxValue
                ? write with { Expect = Expectation.Exactly(write.Expect.Version.Value & int.MaxValue) }
                : write)).AsTask()),
        ["versions are checked before the order is decided"] = inner => Appending(inner, async request =>
        {
            if (request.Writes is not [{ Events.IsEmpty: false }] || await FirstWrongVersion(inner, request) is not null)
                return await inner.Append(request);
            await Meanwhile();
            return await inner.Append(Each(request, write => write with { Expect = Expectation.Any }));
        }),
        ["streams are written one by one"] = inner => Appending(inner, async request =>
        {
            if (request.Condition is not null || request.CursorMoves.Length > 0 || request.Writes.Length < 2)
                return await inner.Append(request);
            var outcomes = new List<AppendOutcome.Appended>();
            foreach (var write in request.Writes)
            {
                var outcome = await inner.Append(request with { Writes = [write] });
                if (outcome is not AppendOutcome.Appended appended)
                    return outcome;
                if (appended.First > 0)
                    outcomes.Add(appended);
            }

            return outcomes.Count == 0
                ? new AppendOutcome.Appended(0, (await inner.ReadRange()).Head, [], false)
                : outcomes[0] with { Last = outcomes[^1].Last, Versions = [.. outcomes.SelectMany(one => one.Versions)] };
        }),
        ["streams that are only checked are not"] = inner => Appending(inner, request =>
            inner.Append(request with { Writes = request.Writes.RemoveAll(write => write.Events.IsEmpty) }).AsTask()),
        ["closed streams are not even checked"] = inner => Appending(inner, async request =>
        {
            foreach (var write in request.Writes)
            {
                if (write.Events.IsEmpty && (await inner.ReadStreamHead(request.Tenant, write.Stream)).Closed)
                    return new AppendOutcome.StreamClosed(write.Stream);
            }

            return await inner.Append(request);
        }),
        ["streams cannot be closed"] = inner => Appending(inner, request =>
            inner.Append(Each(request, write => write with { Close = false })).AsTask()),
        ["closed streams are forgotten at a restart"] = inner =>
        {
            var forgets = false;
            return new FaultyLedger(inner)
            {
                OnHead = head => forgets ? head with { Closed = false } : head,
                OnRestart = () => forgets = true,
            };
        },
        ["an append without events answers with the next position"] = inner => new FaultyLedger(inner)
        {
            OnOutcome = outcome =>
                outcome is AppendOutcome.Appended { First: 0 } nothing ? nothing with { First = nothing.Last + 1 } : outcome,
        },
        ["stream names are compared without case"] = inner => Appending(inner, request =>
            inner.Append(Each(request, write => write with { Stream = write.Stream.ToLowerInvariant() })).AsTask()),
    };

    private static Dictionary<string, Func<InMemoryLedger, FaultyLedger>> OfConditions() => new()
    {
        ["a condition ignores where it was decided"] = inner => Conditioned(inner, (condition, head) =>
            condition.After > head ? condition : condition with { After = 0 }),
        ["a condition beyond the head passes"] = inner => Conditioned(inner, (condition, head) =>
            condition with { After = Math.Min(condition.After, head) }),
        ["a condition looks one event too late"] = inner => Conditioned(inner, (condition, head) =>
            condition.After >= head ? condition : condition with { After = condition.After + 1 }),
        ["a condition looks at its first item only"] = inner => Conditioned(inner, (condition, _) =>
            condition.FailIfMatch.Items is [var first, ..] ? condition with { FailIfMatch = EventQuery.Of(first) } : condition),
        ["a condition takes any of the tags"] = inner => Conditioned(inner, (condition, _) =>
            condition.FailIfMatch.Items is [{ Tags: { Length: 2 } tags } item]
                ? condition with { FailIfMatch = new EventQuery { Items = [.. tags.Select(tag => item with { Tags = [tag] })] } }
                : condition),
        ["a condition with an empty result does not guard"] = inner => Appending(inner, async request =>
        {
            var emptyThen = request.Condition is { After: 0 };
            return await inner.Append(emptyThen ? request with { Condition = null } : request);
        }),
        ["a condition is checked before the order is decided"] = inner => Appending(inner, async request =>
        {
            var first = await inner.Append(new AppendRequest { Tenant = request.Tenant, Condition = request.Condition });
            if (request.Condition is null || first is not AppendOutcome.Appended)
                return await inner.Append(request);
            await Meanwhile();
            return await inner.Append(request with { Condition = null });
        }),
    };

    private static Dictionary<string, Func<InMemoryLedger, FaultyLedger>> OfCursors() => new()
    {
        ["cursors are checked before versions"] = inner => Appending(inner, async request =>
        {
            var outcome = await inner.Append(request);
            if (outcome is not AppendOutcome.WrongVersion)
                return outcome;
            foreach (var move in request.CursorMoves)
            {
                if (await Position(inner, request, move) is var actual && actual != move.Expected)
                    return new AppendOutcome.CursorMoved(move.Consumer, move.Partition, actual);
            }

            return outcome;
        }),
        ["a cursor is not fenced"] = inner => Appending(inner, async request =>
        {
            var moves = request.CursorMoves.Select(async move => move with { Expected = await Position(inner, request, move) });
            return await inner.Append(request with { CursorMoves = [.. await Task.WhenAll(moves)] });
        }),
        ["a cursor may stand above the head"] = inner => Appending(inner, async request =>
        {
            var head = (await inner.ReadRange()).Head + request.Writes.Sum(write => write.Events.Length);
            var moves = request.CursorMoves.Select(move => move with { Next = Math.Min(move.Next, head) });
            return await inner.Append(request with { CursorMoves = [.. moves] });
        }),
        ["a cursor may not reach the events it comes with"] = inner => Appending(inner, async request =>
        {
            var head = (await inner.ReadRange()).Head;
            var beyond = request.CursorMoves.Select(move => move.Next > head).ToList().IndexOf(true);
            return beyond < 0 ? await inner.Append(request) : new AppendOutcome.Refused($"cursorMoves[{beyond}].next", "at most the head");
        }),
        ["held keys are added up"] = inner =>
        {
            var held = new ConcurrentDictionary<(string, string, int), ImmutableArray<string>>();
            return new FaultyLedger(inner)
            {
                OnCursor = (tenant, consumer, partition, cursor) => cursor with
                {
                    HeldKeys = held.AddOrUpdate(
                        (tenant, consumer, partition), cursor.HeldKeys, (_, before) => [.. before.Union(cursor.HeldKeys)]),
                },
            };
        },
        ["cursors are shared by tenants"] = inner => new FaultyLedger(inner)
        {
            OnCursor = (tenant, _, _, cursor) => tenant == Tenants.Default ? cursor : cursor with { Position = cursor.Position + 1 },
        },
        ["cursors are forgotten at a restart"] = inner =>
        {
            var forgets = false;
            return new FaultyLedger(inner)
            {
                OnCursor = (_, _, _, cursor) => forgets ? Cursor.None : cursor,
                OnRestart = () => forgets = true,
            };
        },
    };

    private static Dictionary<string, Func<InMemoryLedger, FaultyLedger>> OfInput() => new()
    {
        ["a refusal does not say where"] = inner => new FaultyLedger(inner)
        {
            OnOutcome = outcome => outcome is AppendOutcome.Refused refused ? refused with { Field = "request" } : outcome,
        },
        ["a refusal does not say why"] = inner => new FaultyLedger(inner)
        {
            OnOutcome = outcome => outcome is AppendOutcome.Refused refused ? refused with { Rule = "" } : outcome,
        },
        ["long tags are cut"] = inner => new FaultyLedger(inner)
        {
            OnInput = item => item.Tags.IsDefaultOrEmpty
                ? item
                : item with { Tags = [.. item.Tags.Select(tag => tag is { Length: > 512 } ? tag[..512] : tag)] },
        },
        ["a lone surrogate is replaced"] = inner => new FaultyLedger(inner)
        {
            OnInput = item => item.Actor is null ? item : item with { Actor = item.Actor.Replace('\ud800', '\ufffd') },
        },
        ["a cancelled append is written"] = inner => new FaultyLedger(inner) { IgnoresCancellation = true },
    };

    private static FaultyLedger Appending(InMemoryLedger inner, Func<AppendRequest, Task<AppendOutcome>> append) =>
        new(inner) { OnAppend = append };

    private static FaultyLedger Conditioned(InMemoryLedger inner, Func<AppendCondition, long, AppendCondition> bend) =>
        Appending(inner, async request => await inner.Append(request.Condition is { } condition
            ? request with { Condition = bend(condition, (await inner.ReadRange()).Head) }
            : request));

    private static AppendRequest Each(AppendRequest request, Func<StreamWrite, StreamWrite> change) =>
        request with { Writes = [.. request.Writes.Select(change)] };

    private static async Task<long> Position(InMemoryLedger inner, AppendRequest request, CursorMove move) =>
        (await inner.ReadCursor(request.Tenant, move.Consumer, move.Partition)).Position;

    private static async Task<AppendOutcome.WrongVersion?> FirstWrongVersion(InMemoryLedger inner, AppendRequest request)
    {
        foreach (var write in request.Writes)
        {
            var version = (await inner.ReadStreamHead(request.Tenant, write.Stream)).Version;
            if (!write.Expect.IsMetBy(version))
                return new AppendOutcome.WrongVersion(write.Stream, write.Expect, version);
        }

        return null;
    }

    private static async Task Meanwhile()
    {
        for (var turn = 0; turn < 50; turn++)
            await Task.Yield();
    }
}
