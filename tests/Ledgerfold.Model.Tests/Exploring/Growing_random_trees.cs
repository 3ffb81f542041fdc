using System.Text;
using Ledgerfold.Model.Exploring;
using Ledgerfold.Testing;

namespace Ledgerfold.Model.Tests.Exploring;

#pragma warning disable xUnit1051 // nothing here waits long

/// <summary>
/// One seed decides who names whom as a cause: earlier events and later ones, themselves, each other, events of other conversations and
/// tenants, ids that nothing has, and commands with and without a cause. The oracle writes down ways as texts.
/// </summary>
public sealed class Growing_random_trees
{
    [Theory]
    [InlineData(Backend.InMemory, 150)]
    [InlineData(Backend.Embedded, 10)]
    public async Task Gives_each_event_once_below_what_led_to_it(Backend backend, int seeds)
    {
        for (ulong seed = 1; seed <= (ulong)seeds; seed++)
        {
            var random = new SeededRandom(seed);
            await using var world = new ExploringWorld(backend);
            await Fill(world, random);
            var all = await world.All();
            var tree = await new CorrelationExplorer(world.Ledger).Tree("c");

            CheckShape(tree!);
            Assert.True(Expected(all).SequenceEqual(Lines(tree!)), $"seed {seed}\n{string.Join('\n', Expected(all))}\n\n{string.Join('\n', Lines(tree!))}");
            Assert.Equal(all.Count(static one => one.CorrelationId == "c"), tree!.Totals.Events);
        }
    }

    [Fact]
    public async Task Gives_the_same_events_in_parts_however_small_these_are()
    {
        for (ulong seed = 1; seed <= 40; seed++)
        {
            var random = new SeededRandom(seed);
            await using var world = new ExploringWorld();
            await Fill(world, random);
            var causes = new CorrelationExplorer(world.Ledger, new ExploreLimits { NodesMax = random.Between(3, 12) });
            var positions = new List<long>();
            for (long? after = 0; after is { } behind;)
            {
                var part = (await causes.Tree("c", after: behind))!;
                CheckShape(part);
                positions.AddRange(part.Nodes.Where(static node => node.Kind == CorrelationNodeKind.Event).Select(static node => node.Event!.Position).Order());
                after = part.Next;
            }

            Assert.Equal((await world.All()).Where(static one => one.CorrelationId == "c").Select(static one => one.Position), positions);
        }
    }

    private static async Task Fill(ExploringWorld world, SeededRandom random)
    {
        var count = random.Between(1, 40);
        for (var n = 1; n <= count; n++)
        {
            world.Clock.Advance(TimeSpan.FromMilliseconds(random.Below(3)));
            var cause = random.Below(6) switch
            {
                0 => null,
                1 => "no uuid",
                2 => ExploringWorld.IdOf(1_000 + random.Below(4)).ToString(), // a command, or nothing
                _ => CauseAmong(random, count),
            };
            var item = world.Event("A", random.OneIn(6) ? "other" : "c", cause, ExploringWorld.IdOf(n));
            if (cause is not null && random.OneIn(3))
                item = item with { Headers = Answer(random, count) };
            await world.AppendAs(random.OneIn(9) ? "acme" : Tenants.Default, random.Pick(["order-1", "order-2", "$process-p.1"]), item);
        }

        await world.Append("order-1", world.Event("A", "c", id: ExploringWorld.IdOf(5_000))); // so that there is one
    }

    private static string CauseAmong(SeededRandom random, int count)
    {
        var id = ExploringWorld.IdOf(random.Between(1, count)).ToString();
        return random.OneIn(4) ? id.ToUpperInvariant() : id;
    }

    private static System.Collections.Immutable.ImmutableArray<KeyValuePair<string, string>> Answer(SeededRandom random, int count)
    {
        var answer = new KeyValuePair<string, string>("ledgerfold-answer", """{"command":"Do","fingerprint":"x","events":1}""");
        return random.Coin() ? [answer] : [answer, new("ledgerfold-cause", CauseAmong(random, count))];
    }

    /// <summary>Every node names a parent that stands before it, one level up, and has its id to itself.</summary>
    private static void CheckShape(CorrelationTree tree)
    {
        var depths = new Dictionary<string, int>();
        foreach (var node in tree.Nodes)
        {
            Assert.Equal(node.Depth, node.Parent is null ? 0 : depths[node.Parent] + 1);
            depths.Add(node.Id, node.Depth);
            Assert.True(node.LatencyMillis is null or >= 0);
        }
    }

    /// <summary>Each event with the way that leads to it, so that the order among siblings does not matter here.</summary>
    private static IEnumerable<string> Lines(CorrelationTree tree)
    {
        var nodes = tree.Nodes.ToDictionary(static node => node.Id);
        return tree.Nodes.Where(static node => node.Kind == CorrelationNodeKind.Event).Select(Way).Order(StringComparer.Ordinal);

        string Way(CorrelationNode node) => $"{(node.Parent is null ? "" : Way(nodes[node.Parent]) + " > ")}{node.Kind} {node.Id}";
    }

    /// <summary>The ways as they grow in the order of the ledger, kept as plain texts.</summary>
    private static IEnumerable<string> Expected(List<RecordedEvent> all)
    {
        var ways = new Dictionary<string, string>();
        var ours = all.Where(static one => one.CorrelationId == "c").ToList();
        foreach (var one in ours)
        {
            var cause = Normal(one.CausationId);
            var way = cause is null || IsOursFrom(cause, one.Position) ? null : ways.GetValueOrDefault(cause);
            if (way is null && cause is not null && IsAnswer(one) && !IsOursFrom(cause, one.Position))
                ways[cause] = way = Below(Normal(CauseHeader(one)) == cause ? null : To(Normal(CauseHeader(one)), one.Position), $"Command {cause}");
            ways[one.Id.ToString()] = Below(way ?? To(cause, one.Position), $"Event {one.Id}");
        }

        return ours.Select(one => ways[one.Id.ToString()]).Order(StringComparer.Ordinal);

        bool IsOursFrom(string id, long position) => ours.Exists(one => one.Id.ToString() == id && one.Position >= position);

        string? To(string? id, long position) =>
            id is null || IsOursFrom(id, position) ? null
            : ways.TryGetValue(id, out var known) ? known
            : all.Exists(one => one.Id.ToString() == id && one.Position >= position) ? null
            : ways[id] = $"Ghost {id}";
    }

    private static string Below(string? way, string node) => new StringBuilder(way).Append(way is null ? "" : " > ").Append(node).ToString();

    private static string? Normal(string? id) => Guid.TryParse(id, out var known) ? known.ToString() : id;

    private static bool IsAnswer(RecordedEvent one) => one.Headers.Any(static header => header.Key == "ledgerfold-answer");

    private static string? CauseHeader(RecordedEvent one) => one.Headers.FirstOrDefault(static header => header.Key == "ledgerfold-cause").Value;
}
