using System.Collections.Concurrent;

namespace Ledgerfold.Testing.Tests.Conformance;

/// <summary>Ledgers that remember badly what was appended before, each in a way that somebody could ship.</summary>
internal static class FaultsOfRepeating
{
    public static IReadOnlyDictionary<string, Func<InMemoryLedger, FaultyLedger>> All { get; } =
        new Dictionary<string, Func<InMemoryLedger, FaultyLedger>>
        {
            ["repeats are written again"] = inner => WrittenAgain(inner, () => true),
            ["ids are forgotten at a restart"] = inner =>
            {
                var forgets = false;
                return WrittenAgain(inner, () => forgets, () => forgets = true);
            },
            ["a repeat with other content is taken for the same"] = inner => new FaultyLedger(inner)
            {
                OnOutcome = outcome => outcome is AppendOutcome.IdConflict conflict
                    ? new AppendOutcome.Appended(conflict.Position, conflict.Position, [], true)
                    : outcome,
            },
            ["tags in another order are another content"] = inner => Appending(inner, async request =>
            {
                foreach (var item in EventsOf(request))
                {
                    if (await inner.ReadById(request.Tenant, item.Id) is { } known && !known.Tags.SequenceEqual(item.Tags))
                        return new AppendOutcome.IdConflict(item.Id, known.Position);
                }

                return await inner.Append(request);
            }),
            ["a part of an append is a mixture"] = inner =>
            {
                var sizes = new ConcurrentDictionary<long, int>();
                return Answering(inner, (request, appended) =>
                {
                    if (!appended.Repeated)
                        sizes[appended.First] = EventsOf(request).Count();
                    return Task.FromResult<AppendOutcome>(
                        appended.Repeated && (!sizes.TryGetValue(appended.First, out var size) || size != EventsOf(request).Count())
                            ? new AppendOutcome.MixedRepeat(EventsOf(request).First().Id)
                            : appended);
                });
            },
            ["the new part of a mixture is written"] = inner => Appending(inner, async request =>
            {
                var outcome = await inner.Append(request);
                if (outcome is not AppendOutcome.MixedRepeat)
                    return outcome;
                var known = new HashSet<Guid>();
                foreach (var item in EventsOf(request))
                {
                    if (await inner.ReadById(request.Tenant, item.Id) is not null)
                        known.Add(item.Id);
                }

                var fresh = request.Writes.Select(write => write with { Events = write.Events.RemoveAll(item => known.Contains(item.Id)) });
                return await inner.Append(request with { Writes = [.. fresh] });
            }),
            ["a repeat answers with the head"] = inner => Answering(inner, async (_, appended) =>
                appended.Repeated ? appended with { Last = (await inner.ReadRange()).Head } : appended),
            ["a repeat names the version of now"] = inner => Answering(inner, async (request, appended) =>
            {
                if (!appended.Repeated)
                    return appended;
                var now = appended.Versions.Select(async one =>
                    one with { Version = (await inner.ReadStreamHead(request.Tenant, one.Stream)).Version });
                return appended with { Versions = [.. await Task.WhenAll(now)] };
            }),
            ["a repeat moves cursors"] = inner => Answering(inner, async (request, appended) =>
            {
                if (appended.Repeated)
                    await inner.Append(new AppendRequest { Tenant = request.Tenant, CursorMoves = request.CursorMoves });
                return appended;
            }),
            ["ids are checked before the order is decided"] = inner =>
            {
                var asked = new ConcurrentDictionary<Guid, Guid>();
                return new FaultyLedger(inner)
                {
                    OnAppend = async request =>
                    {
                        var outcome = await inner.Append(request with { Condition = Never });
                        if (outcome is not AppendOutcome.Refused { Field: "condition.after" })
                            return outcome;
                        await Meanwhile();
                        outcome = await inner.Append(request);
                        return outcome is AppendOutcome.Appended { Repeated: true }
                            ? await inner.Append(FaultyLedger.Each(request, item => Renamed(item, asked)))
                            : outcome;
                    },
                    OnRecorded = recorded => asked.TryGetValue(recorded.Id, out var id) ? recorded.With(id: id) : recorded,
                };
            },
        };

    /// <summary>A condition that lets a repeat through and nothing else.</summary>
    private static AppendCondition Never => new(EventQuery.All, long.MaxValue);

    private static FaultyLedger Appending(InMemoryLedger inner, Func<AppendRequest, Task<AppendOutcome>> append) =>
        new(inner) { OnAppend = append };

    private static FaultyLedger Answering(
        InMemoryLedger inner, Func<AppendRequest, AppendOutcome.Appended, Task<AppendOutcome>> answer) =>
        Appending(inner, async request =>
        {
            var outcome = await inner.Append(request);
            return outcome is AppendOutcome.Appended { First: > 0 } appended ? await answer(request, appended) : outcome;
        });

    private static FaultyLedger Answering(
        InMemoryLedger inner, Func<AppendRequest, AppendOutcome.Appended, Task<AppendOutcome.Appended>> answer) =>
        Answering(inner, async Task<AppendOutcome> (request, appended) => await answer(request, appended));

    /// <summary>Gives each event another id beneath, so that none is ever known, and shows the id that was asked for.</summary>
    private static FaultyLedger WrittenAgain(InMemoryLedger inner, Func<bool> forgets, Action? onRestart = null)
    {
        var asked = new ConcurrentDictionary<Guid, Guid>();
        return new FaultyLedger(inner)
        {
            OnAppend = async request => await inner.Append(
                forgets() ? FaultyLedger.Each(request, item => Renamed(item, asked)) : request),
            OnRecorded = recorded => asked.TryGetValue(recorded.Id, out var id) ? recorded.With(id: id) : recorded,
            OnRestart = onRestart ?? (() => { }),
        };
    }

    private static NewEvent Renamed(NewEvent item, ConcurrentDictionary<Guid, Guid> asked)
    {
        var id = Guid.NewGuid();
        asked[id] = item.Id;
        return item with { Id = id };
    }

    private static async Task Meanwhile()
    {
        for (var turn = 0; turn < 50; turn++)
            await Task.Yield();
    }

    private static IEnumerable<NewEvent> EventsOf(AppendRequest request) => request.Writes.SelectMany(write => write.Events);
}
