using System.Collections.Immutable;

namespace Ledgerfold.Testing.Tests.Conformance;

/// <summary>Ledgers that decide appends wrongly, each in a way that somebody could ship.</summary>
internal static class FaultsInAppending
{
    public static IReadOnlyDictionary<string, Func<InMemoryLedger, FaultyLedger>> All { get; } =
        new Dictionary<string, Func<InMemoryLedger, FaultyLedger>>
        {
            ["repeats are written again"] = RepeatsAreWrittenAgain,
            ["a repeat with other content is taken for the same"] = inner => Appending(inner, async request =>
                await Formers(inner, request) is { } former && former.All(one => one is not null)
                    ? new AppendOutcome.Appended(
                        former.Min(one => one!.Position), former.Max(one => one!.Position), await Versions(inner, request), true)
                    : await inner.Append(request)),
            ["tags in another order are another content"] = inner => Appending(inner, async request =>
            {
                foreach (var item in EventsOf(request))
                {
                    if (await inner.ReadById(request.Tenant, item.Id) is { } known && !known.Tags.SequenceEqual(Or(item.Tags)))
                        return new AppendOutcome.IdConflict(item.Id, known.Position);
                }

                return await inner.Append(request);
            }),
            ["a part of an append is a mixture"] = inner =>
            {
                var sizes = new Dictionary<long, int>();
                return Appending(inner, async request =>
                {
                    var outcome = await inner.Append(request);
                    if (outcome is not AppendOutcome.Appended appended)
                        return outcome;
                    if (!appended.Repeated)
                        sizes[appended.First] = EventsOf(request).Count();
                    return appended.Repeated && sizes.GetValueOrDefault(appended.First) != EventsOf(request).Count()
                        ? new AppendOutcome.MixedRepeat(EventsOf(request).First().Id)
                        : outcome;
                });
            },
            ["the new part of a mixture is written"] = inner => Answering(inner, async (request, outcome) =>
            {
                if (outcome is not AppendOutcome.MixedRepeat mixed)
                    return outcome;
                var fresh = new List<StreamWrite>();
                foreach (var write in request.Writes)
                {
                    var events = new List<NewEvent>();
                    foreach (var item in write.Events)
                    {
                        if (await inner.ReadById(request.Tenant, item.Id) is null)
                            events.Add(item);
                    }

                    fresh.Add(write with { Events = [.. events] });
                }

                return fresh.TrueForAll(write => write.Events.IsEmpty) ? mixed : await inner.Append(request with { Writes = [.. fresh] });
            }),
            ["a repeat answers with the head"] = inner => Answering(inner, async (_, outcome) =>
                outcome is AppendOutcome.Appended { Repeated: true } repeated
                    ? repeated with { Last = (await inner.ReadRange()).Head }
                    : outcome),
            ["a repeat names the version of now"] = inner => Answering(inner, async (request, outcome) =>
            {
                if (outcome is not AppendOutcome.Appended { Repeated: true } repeated)
                    return outcome;
                var now = repeated.Versions.Select(
                    async one => one with { Version = (await inner.ReadStreamHead(request.Tenant, one.Stream)).Version });
                return repeated with { Versions = [.. await Task.WhenAll(now)] };
            }),
            ["a repeat moves cursors"] = inner => Answering(inner, async (request, outcome) =>
            {
                if (outcome is AppendOutcome.Appended { Repeated: true } && !request.CursorMoves.IsDefaultOrEmpty)
                    await inner.Append(new AppendRequest { Tenant = request.Tenant, CursorMoves = request.CursorMoves });
                return outcome;
            }),
            ["versions are checked before ids"] = inner => Appending(inner, async request =>
                Limits.Check(request) is null && await FirstWrongVersion(inner, request) is { } wrong ? wrong : await inner.Append(request)),
            ["versions are checked before closed streams"] = inner => Answering(inner, async (request, outcome) =>
                outcome is AppendOutcome.StreamClosed && await FirstWrongVersion(inner, request) is { } wrong ? wrong : outcome),
            ["cursors are checked before versions"] = inner => Answering(inner, async (request, outcome) =>
                outcome is AppendOutcome.WrongVersion && !Or(request.CursorMoves).IsEmpty
                && await inner.Append(
                    new AppendRequest { Tenant = request.Tenant, CursorMoves = request.CursorMoves }) is AppendOutcome.CursorMoved moved
                    ? moved
                    : outcome),
            ["versions are 32 bits"] = inner => Appending(inner, async request => await inner.Append(request with
            {
                Writes = [.. Or(request.Writes).Select(write => write?.Expect.Version is { } version and > int.MaxValue
                    ? write with { Expect = Expectation.Exactly((int)(version & int.MaxValue)) }
                    : write!)],
            })),
            ["streams are written one by one"] = inner => Appending(inner, async request =>
            {
                if (
                    Limits.Check(request) is not null || request.Condition is not null || !request.CursorMoves.IsDefaultOrEmpty || Or(request.Writes).Length < 2)
                    return await inner.Append(request);
                var outcomes = new List<AppendOutcome>();
                foreach (var write in request.Writes)
                {
                    outcomes.Add(await inner.Append(request with { Writes = [write] }));
                    if (outcomes[^1] is not AppendOutcome.Appended)
                        return outcomes[^1];
                }

                var written = outcomes.OfType<AppendOutcome.Appended>().Where(one => one.First > 0).ToArray();
                return written.Length == 0
                    ? outcomes[^1]
                    : new AppendOutcome.Appended(
                        written.Min(one => one.First),
                        written.Max(one => one.Last),
                        [.. written.SelectMany(one => one.Versions)],
                        written.All(one => one.Repeated));
            }),
            ["streams that are only checked are not"] = inner =>
                Appending(inner, async request => await inner.Append(Limits.Check(request) is null && EventsOf(request).Any()
                ? request with { Writes = [.. request.Writes.Where(write => !Or(write.Events).IsEmpty)] }
                : request)),
            ["checks alone are not made"] = inner => Appending(inner, async request =>
                Limits.Check(request) is null && !EventsOf(request).Any() && Or(request.CursorMoves).IsEmpty
                    ? new AppendOutcome.Appended(0, (await inner.ReadRange()).Head, [], false)
                    : await inner.Append(request)),
            ["a closed stream is checked though nothing is written"] = inner => Appending(inner, async request =>
            {
                foreach (var write in Limits.Check(request) is null ? Or(request.Writes) : [])
                {
                    if (Or(write.Events).IsEmpty && (await inner.ReadStreamHead(request.Tenant, write.Stream)).Closed)
                        return new AppendOutcome.StreamClosed(write.Stream);
                }

                return await inner.Append(request);
            }),
            ["streams cannot be closed"] = inner => Appending(inner, request => inner.Append(Or(request.Writes).Any(write => write is null)
                ? request
                : request with { Writes = [.. Or(request.Writes).Select(write => write with { Close = write.Close && Or(write.Events).IsEmpty })] }).AsTask()),
            ["a condition ignores where it was decided"] = inner => Conditioned(inner, (condition, head) =>
                condition.After > head ? condition : condition with { After = 0 }),
            ["a condition beyond the head passes"] = inner => Conditioned(inner, (condition, head) =>
                condition with { After = Math.Min(condition.After, head) }),
            ["a condition looks at its first item only"] = inner => Conditioned(inner, (condition, _) =>
                condition.FailIfMatch?.Items is { IsDefaultOrEmpty: false } items && items.Length < 50 ? condition with { FailIfMatch = EventQuery.Of(items[0]) } : condition),
            ["a condition takes any of the tags"] = inner => Conditioned(inner, (condition, _) =>
                condition.FailIfMatch is { } query && query.Items is [{ Tags: { Length: 2 } tags } item]
                    ? condition with { FailIfMatch = new EventQuery { Items = [.. tags.Select(tag => item with { Tags = [tag] })] } }
                    : condition),
            ["a condition looks one event too late"] = inner => Conditioned(inner, (condition, head) =>
                condition.After < 0 || condition.After >= head ? condition : condition with { After = condition.After + 1 }),
            ["a condition is checked before the order is decided"] = inner => Appending(inner, async request =>
            {
                var checkedFirst = await inner.Append(new AppendRequest { Tenant = request.Tenant, Condition = request.Condition });
                if (request.Condition is null || checkedFirst is not AppendOutcome.Appended)
                    return await inner.Append(request);
                await Meanwhile();
                return await inner.Append(request with { Condition = null });
            }),
            ["a version is checked before the order is decided"] = inner => Appending(inner, async request =>
            {
                if (request.Writes is not [{ Expect.Version: not null, Events.IsEmpty: false } write] || Limits.Check(request) is not null
                    || await inner.Append(
                        request with { Writes = [write with { Events = [], Close = false }], CursorMoves = [] }) is not AppendOutcome.Appended)
                    return await inner.Append(request);
                await Meanwhile();
                return await inner.Append(request with { Writes = [write with { Expect = Expectation.Any }] });
            }),
            ["a cursor is not fenced"] = inner => Appending(inner, async request =>
            {
                if (Limits.Check(request) is not null || Or(request.CursorMoves).IsEmpty)
                    return await inner.Append(request);
                var moves = request.CursorMoves.Select(async move =>
                    move with { Expected = (await inner.ReadCursor(request.Tenant, move.Consumer, move.Partition)).Position });
                return await inner.Append(request with { CursorMoves = [.. await Task.WhenAll(moves)] });
            }),
            ["a cursor may stand above the head"] = inner => Appending(inner, async request =>
            {
                var head = (await inner.ReadRange()).Head;
                return await inner.Append(Limits.Check(request) is null
                    ? request with { CursorMoves = [.. Or(request.CursorMoves).Select(move => move with { Next = Math.Min(move.Next, head) })] }
                    : request);
            }),
            ["a cursor may not reach the events it comes with"] = inner => Appending(inner, async request =>
            {
                var head = (await inner.ReadRange()).Head;
                var moves = Or(request.CursorMoves);
                for (var m = 0; m < moves.Length; m++)
                {
                    if (Limits.Check(request) is null && moves[m].Next > head)
                        return new AppendOutcome.Refused($"cursorMoves[{m}].next", "at most the head");
                }

                return await inner.Append(request);
            }),
            ["held keys are added up"] = inner =>
            {
                var held = new Dictionary<(string, string, int), ImmutableArray<string>>();
                return new FaultyLedger(inner)
                {
                    OnCursor = (tenant, consumer, partition, cursor) =>
                        cursor with { HeldKeys = held[(tenant, consumer, partition)] = [.. held.GetValueOrDefault((tenant, consumer, partition), []).Union(cursor.HeldKeys)] },
                };
            },
            ["cursors are shared by tenants"] = inner => new FaultyLedger(inner)
            {
                OnCursor = (_, consumer, partition, _) =>
                    inner.ReadCursor(Tenants.Default, consumer, partition).AsTask().GetAwaiter().GetResult(),
            },
            ["a refusal does not say where"] = inner => Answering(inner, (_, outcome) =>
                Task.FromResult(outcome is AppendOutcome.Refused refused ? refused with { Field = "request" } : outcome)),
            ["long tags are cut"] = inner => Appending(inner, request => inner.Append(request with
            {
                Writes = [.. Or(request.Writes).Select(write => write is null || Or(write.Events).Any(item => item is null) ? write! : write with
                {
                    Events = [.. Or(write.Events).Select(item => item with { Tags = [.. Or(item.Tags).Select(tag => tag is { Length: > 512 } ? tag[..512] : tag)] })],
                })],
            }).AsTask()),
            ["stream names are compared without case"] = inner => Appending(inner, request => inner.Append(request with
            {
                Writes = [.. Or(request.Writes).Select(write => write is { Stream: not null } && Limits.IsStream(write.Stream) && write.Stream.Length < 20 ? write with { Stream = write.Stream.ToLowerInvariant() } : write!)],
            }).AsTask()),
            ["a cancelled append is written"] = inner => new FaultyLedger(inner) { IgnoresCancellation = true },
            ["an append without events answers with the next position"] = inner => Answering(inner, (_, outcome) =>
                Task.FromResult(
                    outcome is AppendOutcome.Appended { First: 0 } nothing ? nothing with { First = nothing.Last + 1 } : outcome)),
            ["closed streams are forgotten at a restart"] = inner =>
            {
                var forgets = false;
                return new FaultyLedger(inner) { OnHead = head => forgets ? head with { Closed = false } : head, OnRestart = () => forgets = true };
            },
            ["cursors are forgotten at a restart"] = inner =>
            {
                var forgets = false;
                return new FaultyLedger(inner) { OnCursor = (_, _, _, cursor) => forgets ? Cursor.None : cursor, OnRestart = () => forgets = true };
            },
            ["ids are forgotten at a restart"] = inner =>
            {
                var forgets = false;
                var twin = RepeatsAreWrittenAgain(inner);
                return new FaultyLedger(inner)
                {
                    OnAppend = request => forgets ? twin.OnAppend!(request) : inner.Append(request).AsTask(),
                    OnRecorded = twin.OnRecorded,
                    OnRestart = () => forgets = true,
                };
            },
        };

    private static FaultyLedger Appending(InMemoryLedger inner, Func<AppendRequest, Task<AppendOutcome>> append) =>
        new(inner) { OnAppend = append };

    private static FaultyLedger Answering(InMemoryLedger inner, Func<AppendRequest, AppendOutcome, Task<AppendOutcome>> answer) =>
        Appending(inner, async request => await answer(request, await inner.Append(request)));

    private static FaultyLedger Conditioned(InMemoryLedger inner, Func<AppendCondition, long, AppendCondition> bend) =>
        Appending(inner, async request => await inner.Append(request.Condition is { } condition
            ? request with { Condition = bend(condition, (await inner.ReadRange()).Head) }
            : request));

    /// <summary>Gives each event another id beneath, so that none is ever known, and shows the id that was asked for.</summary>
    private static FaultyLedger RepeatsAreWrittenAgain(InMemoryLedger inner)
    {
        var asked = new System.Collections.Concurrent.ConcurrentDictionary<Guid, Guid>();
        return new FaultyLedger(inner)
        {
            OnAppend = async request => await inner.Append(Limits.Check(request) is not null ? request : request with
            {
                Writes = [.. Or(request.Writes).Select(write => write with { Events = [.. Or(write.Events).Select(Renamed)] })],
            }),
            OnRecorded = recorded => asked.TryGetValue(recorded.Id, out var id) ? recorded.With(id: id) : recorded,
        };

        NewEvent Renamed(NewEvent item)
        {
            var id = Guid.NewGuid();
            asked[id] = item.Id;
            return item with { Id = id };
        }
    }

    private static async Task<AppendOutcome.WrongVersion?> FirstWrongVersion(InMemoryLedger inner, AppendRequest request)
    {
        foreach (var write in Or(request.Writes))
        {
            var version = (await inner.ReadStreamHead(request.Tenant, write.Stream)).Version;
            if (!write.Expect.IsMetBy(version))
                return new AppendOutcome.WrongVersion(write.Stream, write.Expect, version);
        }

        return null;
    }

    private static async Task<RecordedEvent?[]?> Formers(InMemoryLedger inner, AppendRequest request)
    {
        if (Limits.Check(request) is not null || !EventsOf(request).Any())
            return null;
        return await Task.WhenAll(EventsOf(request).Select(item => inner.ReadById(request.Tenant, item.Id).AsTask()));
    }

    private static async Task<ImmutableArray<StreamVersion>> Versions(InMemoryLedger inner, AppendRequest request)
    {
        var last = request.Writes.Where(write => !Or(write.Events).IsEmpty)
            .Select(async write => new StreamVersion(write.Stream, (await inner.ReadById(request.Tenant, write.Events[^1].Id))!.Version));
        return [.. await Task.WhenAll(last)];
    }

    private static async Task Meanwhile()
    {
        for (var turn = 0; turn < 50; turn++)
            await Task.Yield();
    }

    private static IEnumerable<NewEvent> EventsOf(AppendRequest request) => Or(request.Writes).SelectMany(write => Or(write.Events));

    private static ImmutableArray<T> Or<T>(ImmutableArray<T> array) => array.IsDefault ? [] : array;
}
