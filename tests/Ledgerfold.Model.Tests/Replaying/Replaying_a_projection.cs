using System.Collections.Immutable;
using System.Text.Json;
using Ledgerfold.Model.Comparing;
using Ledgerfold.Model.Events;
using Ledgerfold.Model.Folding;
using Ledgerfold.Model.Replaying;
using Ledgerfold.Model.Tests.Folding;
using Ledgerfold.Model.Tests.Rebuilding;
using Ledgerfold.Model.Timelines;
using Ledgerfold.Testing;

namespace Ledgerfold.Model.Tests.Replaying;

public abstract class Replaying_a_projection
{
    private readonly FoldWorld _world;
    private readonly Projection<Tally> _tallies = Tally.Projection();
    private readonly OperationInTest _operation = new();
    private readonly DateTimeOffset _began;

    protected Replaying_a_projection(Backend backend)
    {
        _world = new FoldWorld(backend: backend);
        _world.Start(_tallies, Twice);
        _began = _world.Clock.GetUtcNow();
        for (var n = 1; n <= 10; n++) // position n, at minute n, adds n to a or b
        {
            _world.Pass(TimeSpan.FromMinutes(1));
            _world.Append(n % 2 == 0 ? Tenants.Default : "other", $"tally-{n % 3}", new Tally.Added(n <= 5 ? "a" : "b", n));
        }
    }

    /// <summary>Other code for the same events.</summary>
    private static Projection<Tally> Twice { get; } = new("tallies", version: 2)
    {
        Query = Tally.Query,
        Keys = Tally.KeysOf,
        Apply = static (tally, fact, _) => new Tally((tally?.Sum ?? 0) + (2 * ((Tally.Added)fact).Amount), ""),
    };

    [Fact]
    public void Gives_the_rows_of_every_moment()
    {
        for (var to = 0; to <= 10; to++)
        {
            Replay(new() { To = to }, out var operation);
            foreach (var (tenant, key) in new[] { (Tenants.Default, "a"), ("other", "a"), (Tenants.Default, "b"), ("other", "b") })
                Assert.Equal(Live(to, key, tenant), RowsOf(operation).Get(key, tenant));
        }
    }

    [Fact]
    public void Goes_by_the_times_at_which_events_were_recorded()
    {
        Replay(new() { ToTime = _began + TimeSpan.FromMinutes(4) }, out var operation);
        Assert.Equal((6, null), (RowsOf(operation).Get("a")!.Sum, RowsOf(operation).Get("b")));

        var result = Replay(new() { FromTime = _began + TimeSpan.FromMinutes(7), Start = ReplayStart.Empty }, out operation);
        Assert.Equal((6, 10), (result.From, result.To));
        Assert.Equal((null, 18), (RowsOf(operation).Get("a"), RowsOf(operation).Get("b")!.Sum));
    }

    [Fact]
    public void Takes_some_of_the_events_only()
    {
        Replay(new() { Only = EventQuery.OfStream("tally-1"), Tenant = Tenants.Default }, out var operation);
        Assert.Equal((4, 10), (RowsOf(operation).Get("a")!.Sum, RowsOf(operation).Get("b")!.Sum));
        Assert.Null(RowsOf(operation).Get("a", "other"));

        Replay(new() { From = 4, Only = EventQuery.OfStream("tally-1"), Tenant = Tenants.Default }, out operation);
        Assert.Equal((6, 10), (RowsOf(operation).Get("a")!.Sum, RowsOf(operation).Get("b")!.Sum)); // what was before is as it was
    }

    [Fact]
    public void Shows_what_other_code_would_have_made_of_it()
    {
        var now = Replay(new() { Version = 2, Compares = true }, out _).Comparison!;
        Assert.Equal((0, 4, 0, 0), (now.Same, now.Changed, now.Added, now.Removed));
        Assert.Contains(now.Samples, static one => $"{one}".StartsWith("default/a Changed: /sum: 6 → 12", StringComparison.Ordinal));

        var then = Replay(new() { Version = 2, To = 3, Compares = true }, out var operation).Comparison!;
        Assert.Equal((3, 2), (then.Position, then.Changed));
        Assert.DoesNotContain(_world.Do(() => _world.Rows.List()), fold => fold.Name.StartsWith("$truth", StringComparison.Ordinal));
        Assert.Equal(4, RowsOf(operation).Get("a")!.Sum);
    }

    [Fact]
    public void Shows_what_would_be_if_history_had_been_another()
    {
        ImmutableArray<Alteration> otherwise =
        [
            new Alteration.Remove(4),
            new Alteration.Replace(2, Json(new Tally.Added("c", 200))),
            new Alteration.Insert(6, "tally-7", "Added", Json(new Tally.Added("b", 1000))),
            new Alteration.Insert(10, "tally-7", "Added", Json(new Tally.Added("d", 1))),
            new Alteration.Insert(0, "tally-7", "Added", Json(new Tally.Added("d", 2))),
        ];

        var comparison = Replay(new() { Alterations = otherwise, Compares = true }, out var operation).Comparison!;

        Assert.Equal((null, 1024, 200, 3), (
            RowsOf(operation).Get("a"), RowsOf(operation).Get("b")!.Sum, RowsOf(operation).Get("c")!.Sum, RowsOf(operation).Get("d")!.Sum));
        Assert.Equal((2, 1, 2, 1), (comparison.Same, comparison.Changed, comparison.Added, comparison.Removed));
        Assert.Equal(6, _world.Read(_tallies, "a")!.Sum); // and nothing of it is true
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Comes_to_the_same_in_parts_as_in_one(int rowsAtOnce)
    {
        ImmutableArray<Alteration> otherwise =
        [
            .. Enumerable.Range(0, 11).Select(static after => (Alteration)new Alteration.Insert(after, "tally-7", "Added", Json(new Tally.Added("z", 1 << after)))),
        ];
        _world.Options = _world.Options with { DirtyRowsMax = rowsAtOnce };
        _world.Stop();
        _world.Start(_tallies, Twice);
        var request = Of(new() { Alterations = otherwise });
        for (var life = 0; life < 30; life++)
        {
            var run = _world.Begin(() => new ValueTask<ReplayResult>(new Replay(_world.Engine, request, _operation.Live()).Run()));
            _world.Pass(TimeSpan.FromMilliseconds(life));
            _world.Crash();
            _world.Start(_tallies, Twice);
            if (run.IsCompletedSuccessfully)
                break;
        }

        Run(() => new Replay(_world.Engine, request, _operation.Live()).Run());
        Assert.Equal((1 << 11) - 1, RowsOf(_operation).Get("z")!.Sum);
        Assert.Equal((6, 24), (RowsOf(_operation).Get("a")!.Sum, RowsOf(_operation).Get("b")!.Sum));
    }

    [Fact]
    public void Takes_its_time_where_it_is_asked_to()
    {
        var run = _world.Begin(() => new ValueTask<ReplayResult>(new Replay(_world.Engine, Of(new() { From = 4, Speed = 60 }), _operation.Live()).Run()));
        var rows = RowsOf(_operation);

        _world.Pass(TimeSpan.FromSeconds(0.9)); // four minutes are there already; a second is a minute from here on
        Assert.Equal((6, null), (rows.Get("a")?.Sum, rows.Get("b")));
        _world.Pass(TimeSpan.FromSeconds(1.2)); // the sixth
        Assert.Equal(6, rows.Get("b")?.Sum);
        Assert.False(run.IsCompleted);
        _world.Pass(TimeSpan.FromSeconds(8));
        Assert.True(run.IsCompletedSuccessfully);
        Assert.Equal(24, rows.Get("b")!.Sum);
    }

    [Fact]
    public void Is_of_what_was_there_when_it_began()
    {
        var held = _world.Ledger.Hold(LedgerCall.Read);
        var run = _world.Begin(() => new ValueTask<ReplayResult>(new Replay(_world.Engine, Of(new()), _operation.Live()).Run()));
        _world.Append("tally-1", new Tally.Added("a", 1000));
        held.Release();
        _world.Pass(TimeSpan.FromSeconds(3));

        Assert.True(run.IsCompletedSuccessfully);
        Assert.Equal(6, RowsOf(_operation).Get("a")!.Sum);
    }

    [Theory]
    [InlineData("from", -1L, null)]
    [InlineData("from", 11L, null)]
    [InlineData("to", 5L, 4L)]
    [InlineData("to", 0L, 11L)]
    public void Refuses_what_makes_no_sense(string field, long from, long? to) =>
        Assert.StartsWith(field, Assert.Throws<ArgumentException>(() => Replay(new() { From = from, To = to }, out _)).Message, StringComparison.Ordinal);

    [Fact]
    public void Refuses_alterations_of_what_there_is_not()
    {
        foreach (var (rule, alteration) in new (string, Alteration)[]
        {
            ("alterations[0]: the position of an event", new Alteration.Remove(0)),
            ("alterations[0]: the position of an event", new Alteration.Replace(11)),
            ("alterations[0]: behind 0 to 10", new Alteration.Insert(11, "tally-1", "Added", Json(1))),
            ("alterations[0]: the name of a stream", new Alteration.Insert(1, "tally", "Added", Json(1))),
        })
        {
            Assert.StartsWith(
                rule, Assert.Throws<ArgumentException>(() => Replay(new() { Alterations = [alteration] }, out _)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Leaves_rows_that_can_be_let_go_of()
    {
        Replay(new(), out var operation);
        Assert.Equal(["a", "b"], RowsOf(operation).Keys());

        Assert.True(_world.Do(() => new ReplayRows<Tally>(_world.Rows, _tallies, operation.Id).Drop()));

        Assert.DoesNotContain(_world.Do(() => _world.Rows.List()), fold => fold.Name.StartsWith("$replay", StringComparison.Ordinal));
    }

    private static JsonElement Json(object value) => JsonSerializer.SerializeToElement(value, value.GetType(), EventJson.Options);

    private static ReplayRequest Of(Asked asked) => new()
    {
        Projection = "tallies",
        Version = asked.Version,
        From = asked.From,
        To = asked.To,
        FromTime = asked.FromTime,
        ToTime = asked.ToTime,
        Start = asked.Start,
        Only = asked.Only,
        Tenant = asked.Tenant,
        Speed = asked.Speed,
        Alterations = asked.Alterations,
        Compares = asked.Compares,
    };

    private ReplayResult Replay(Asked asked, out OperationInTest operation)
    {
        var own = operation = new OperationInTest();
        var request = JsonSerializer.Deserialize<ReplayRequest>(JsonSerializer.Serialize(Of(asked), EventJson.Options), EventJson.Options)!;
        return Run(() => new Replay(_world.Engine, request, own.Live()).Run());
    }

    private Read RowsOf(OperationInTest operation) => new(_world, new ReplayRows<Tally>(_world.Rows, _tallies, operation.Id), operation.Id);

    private Tally? Live(long position, string key, string tenant) =>
        _world.Do(() => new TimelineEngine(_world.Ledger).Of(_tallies, Tally.Types, key, tenant).At(Moment.AfterPosition(position))).OrThrow();

    private T Run<T>(Func<Task<T>> work)
    {
        var task = _world.Begin(() => new ValueTask<T>(work()));
        for (var second = 0; second < 100 && !task.IsCompleted; second++)
            _world.Pass(TimeSpan.FromSeconds(1));
        return _world.DoTask(() => task);
    }

    private sealed record Asked
    {
        public int Version { get; init; } = 1;

        public long From { get; init; }

        public long? To { get; init; }

        public DateTimeOffset? FromTime { get; init; }

        public DateTimeOffset? ToTime { get; init; }

        public ReplayStart Start { get; init; }

        public EventQuery? Only { get; init; }

        public string? Tenant { get; init; }

        public double? Speed { get; init; }

        public ImmutableArray<Alteration> Alterations { get; init; } = [];

        public bool Compares { get; init; }
    }

    private sealed class Read(FoldWorld world, ReplayRows<Tally> rows, Guid operation)
    {
        public Tally? Get(string key, string tenant = Tenants.Default)
        {
            if (world.Do(() => rows.Get(key, tenant)) is { } found)
                return found;
            var other = new ReplayRows<Tally>(world.Rows, Twice, operation); // where it was of the other version
            return world.Do(() => other.Get(key, tenant));
        }

        public string[] Keys() => [.. world.Do(() => rows.Read()).Select(static one => one.Key)];
    }
}

public sealed class Replaying_a_projection_in_memory() : Replaying_a_projection(Backend.InMemory);

public sealed class Replaying_a_projection_on_the_platforms_stores() : Replaying_a_projection(Backend.Embedded);
