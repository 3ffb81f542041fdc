namespace Ledgerfold.Testing.Conformance;

/// <summary>
/// Draws a sequence of operations from a seed. A model of its own runs along, so that expectations are often right, repeats meet what was
/// written, and cursors move; the steps themselves are plain data that can be run again in any part.
/// </summary>
internal sealed class RandomSteps(RandomRequests requests, InMemoryLedger model)
{
    private static readonly string[] Consumers = ["billing", "mail"];

    private readonly List<AppendRequest> _sent = [];

    public static async Task<IReadOnlyList<LedgerStep>> Draw(int seed, int count)
    {
        await using var model = new InMemoryLedger();
        var drawing = new RandomSteps(new RandomRequests(new Random(seed), 0), model);
        var steps = new List<LedgerStep>(count);
        for (var s = 0; s < count; s++)
            steps.Add(await drawing.Next());
        return steps;
    }

    private async Task<LedgerStep> Next()
    {
        requests.Head = (await model.ReadRange()).Head;
        switch (requests.Random.Next(20))
        {
            case < 9:
                return await Sent(await NewAppend());
            case < 12 when _sent.Count > 0:
                return await Sent(await Again(_sent[requests.Random.Next(_sent.Count)]));
            case < 16:
                return new LedgerStep.Read(requests.Read(), requests.Chance(5));
            case 16 when _sent.SelectMany(EventsOf).ToArray() is { Length: > 0 } known:
                return new LedgerStep.ById(requests.Tenant(), known[requests.Random.Next(known.Length)].Id);
            case 17:
                return new LedgerStep.CursorOf(requests.Tenant(), Consumer(), requests.Random.Next(2));
            case 18:
                return new LedgerStep.Restart();
            default:
                return new LedgerStep.HeadOf(requests.Tenant(), requests.Stream());
        }
    }

    private async Task<LedgerStep> Sent(AppendRequest request)
    {
        await model.Append(request);
        _sent.Add(request);
        return new LedgerStep.Append(request);
    }

    private async Task<AppendRequest> NewAppend()
    {
        var tenant = requests.Tenant();
        var writes = new List<StreamWrite>();
        foreach (var stream in requests.DistinctStreams(requests.Random.Next(1, 4)))
        {
            var events = Enumerable.Range(0, requests.Random.Next(4)).Select(_ => requests.Event()).ToArray();
            writes.Add(new StreamWrite
            {
                Stream = stream,
                Expect = await Expect(tenant, stream),
                Events = [.. events],
                Close = events.Length > 0 && requests.Chance(25),
            });
        }

        var request = new AppendRequest { Tenant = tenant, Writes = [.. writes] };
        if (requests.Chance(4))
            request = request with { Condition = new AppendCondition(requests.Query(), NearHead(1)) };
        if (requests.Chance(3))
            request = request with { CursorMoves = [await Move(request)] };
        return request;
    }

    private async Task<Expectation> Expect(string tenant, string stream)
    {
        var version = (await model.ReadStreamHead(tenant, stream)).Version;
        return requests.Random.Next(8) switch
        {
            < 4 => Expectation.Any,
            < 7 => Expectation.Exactly(version),
            _ => Expectation.Exactly(requests.Random.NextInt64(version + 2)),
        };
    }

    private async Task<CursorMove> Move(AppendRequest request)
    {
        var (consumer, partition) = (Consumer(), requests.Random.Next(2));
        var stands = (await model.ReadCursor(request.Tenant, consumer, partition)).Position;
        return new CursorMove
        {
            Consumer = consumer,
            Partition = partition,
            Expected = requests.Chance(5) ? NearHead(1) : stands,
            Next = NearHead(EventsOf(request).Count() + (requests.Chance(6) ? 1 : 0)),
            HeldKeys = requests.Chance(3) ? [$"key{requests.Random.Next(3)}"] : [],
        };
    }

    /// <summary>What was sent before, as it was or bent: in part, reordered, changed, with a stranger, elsewhere, with a cursor.</summary>
    private async Task<AppendRequest> Again(AppendRequest sent)
    {
        switch (requests.Random.Next(9))
        {
            case 0:
                return Bent(sent, write => write with { Events = [.. write.Events.Where(_ => requests.Chance(2))], Close = false });
            case 1:
                return Bent(sent, write => write with { Events = [.. write.Events.Reverse()] });
            case 2:
                return Bent(sent, write => write with { Events = [.. write.Events.Select(Bent)] });
            case 3:
                return Bent(sent, write => write with { Events = [.. write.Events, requests.Event()] });
            case 4:
                return sent with { Tenant = requests.Tenant() };
            case 5:
                return sent with { Writes = [.. sent.Writes.Reverse()] };
            case 6:
                return sent with { CursorMoves = [await Move(sent)] };
            default:
                return sent;
        }
    }

    private static AppendRequest Bent(AppendRequest sent, Func<StreamWrite, StreamWrite> bend) =>
        sent with { Writes = [.. sent.Writes.Select(bend)] };

    private NewEvent Bent(NewEvent item) => requests.Random.Next(6) switch
    {
        0 => item with { Type = "D" },
        1 => item with { Tags = [] },
        2 => item with { EffectiveAt = null },
        3 => item with { Actor = "another", CorrelationId = null },
        _ => item,
    };

    private string Consumer() => Consumers[requests.Random.Next(Consumers.Length)];

    private long NearHead(int beyond) => requests.Random.NextInt64(requests.Head + 1 + beyond);

    private static IEnumerable<NewEvent> EventsOf(AppendRequest request) => request.Writes.SelectMany(write => write.Events);
}
