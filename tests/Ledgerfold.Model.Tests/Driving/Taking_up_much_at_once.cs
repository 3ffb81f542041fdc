using Ledgerfold.Model.Driving;
using Ledgerfold.Model.Events;
using Ledgerfold.Model.Processing;
using Ledgerfold.Testing;

namespace Ledgerfold.Model.Tests.Driving;

/// <summary>
/// One event may come to more than one append takes. What is appended of it already is not done again, whatever happens in between.
/// </summary>
public sealed class Taking_up_much_at_once
{
    private static readonly ProcessOptions FewTogether = new() { TogetherMax = 3 };

    [Fact]
    public void Takes_up_what_no_append_could_hold()
    {
        var world = new ProcessWorld(backend: Backend.Embedded);
        world.Start(Choir.Of());
        var singers = Singers(24);
        foreach (var singer in singers)
            world.Append($"singer-{singer}", Choir.Fact(new Choir.Joined(singer, new string('x', 800_000))));

        world.Append("choir-1", Choir.Fact(new Choir.Sung(singers, "la")));

        Assert.All(singers, singer => Assert.Equal("la", Choir.HeardBy(world, singer)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Tells_everybody_once_where_every_answer_on_the_way_is_lost(bool happened)
    {
        var world = Assembled(10);

        world.Faulty.LoseAnswer(happened, times: 4);
        world.Append("choir-1", Choir.Fact(new Choir.Sung(["nobody", .. Singers(10)], "la")));
        world.Append("choir-1", Choir.Fact(new Choir.Sung(Singers(10), "li")));
        world.Pass(TimeSpan.FromMinutes(5));

        Assert.All(Singers(10), singer => Assert.Equal("la li", Choir.HeardBy(world, singer)));
        Assert.Equal(["unknown"], world.Records("nobody", "choir").OfType<ProcessEvent.ProcessMissed>().Select(static one => one.Why));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Takes_up_all_that_waited_in_order_though_every_answer_is_lost(bool happened)
    {
        var world = Held(["off", "a", "b", "c", "d", "e", "f", "g"], out var engine);
        world.Do(() => engine.DisposeAsync());
        world.Start(Choir.Of());

        world.Faulty.Pass(LedgerCall.Append); // the operator's own
        world.Faulty.LoseAnswer(happened, times: 4);
        world.Act("s0", new OperatorAction.Release(), "choir");
        world.Pass(TimeSpan.FromMinutes(5));

        Assert.Equal("off a b c d e f g", Choir.HeardBy(world, "s0"));
        Assert.Empty(world.Find("s0", "choir")!.Waiting);
    }

    [Fact]
    public void Is_held_again_in_the_middle_and_goes_on_there()
    {
        var world = Held(["off", "a", "b", "wrong", "c", "d", "e"], out var engine);
        world.Do(() => engine.DisposeAsync());
        var again = world.Start(Choir.Of(breaksAt: "wrong"));

        world.Act("s0", new OperatorAction.Release(), "choir");

        var held = world.Find("s0", "choir")!;
        Assert.Equal(("off a b", 4), (Choir.HeardBy(world, "s0"), held.Waiting.Length));
        Assert.Contains("DivideByZero", held.Error, StringComparison.Ordinal);
        world.Do(() => again.DisposeAsync());
        world.Start(Choir.Of());
        world.Act("s0", new OperatorAction.Release(), "choir");
        Assert.Equal("off a b wrong c d e", Choir.HeardBy(world, "s0"));
    }

    [Fact]
    public void Says_of_each_that_waited_behind_an_end_that_it_was_missed_and_once()
    {
        var world = Held(["off", "a", "b", "c", "d", "e"], out _);

        world.Faulty.Pass(LedgerCall.Append);
        world.Faulty.LoseAnswer(happened: true, times: 3);
        world.Act("s0", new OperatorAction.Terminate(), "choir");
        world.Pass(TimeSpan.FromMinutes(5));

        Assert.Equal((ProcessPhase.Terminated, 0), (world.Find("s0", "choir")!.Phase, world.Find("s0", "choir")!.Waiting.Length));
        Assert.Equal(["ended", "ended", "ended", "ended", "ended"], world.Records("s0", "choir").OfType<ProcessEvent.ProcessMissed>().Select(static one => one.Why));
        Assert.Equal(5, RowOf(world).Missed);
    }

    [Fact]
    public void Takes_up_all_that_an_event_says_or_nothing_of_it()
    {
        var world = new ProcessWorld(options: FewTogether);
        var engine = world.Start(Choir.Of(breaksAt: "off"));
        world.Append("singer-s0", Choir.Fact(new Choir.Joined("s0", "")));

        world.Append("choir-1", Choir.Medley("a", "off", "b"));

        Assert.Equal(("", 1), (Choir.HeardBy(world, "s0"), world.Find("s0", "choir")!.Waiting.Length));
        world.Do(() => engine.DisposeAsync());
        world.Start(Choir.Of());
        world.Act("s0", new OperatorAction.Release(), "choir");
        Assert.Equal("a off b", Choir.HeardBy(world, "s0"));
    }

    [Fact]
    public void Hands_an_event_in_for_everybody_but_those_who_have_met_it()
    {
        var world = Assembled(2);
        var sung = world.Append("choir-1", Choir.Fact(new Choir.Sung(["s0", "late", "s1"], "la")));
        world.Append("singer-late", Choir.Fact(new Choir.Joined("late", "")));

        world.Act(null, new OperatorAction.HandIn(sung), "choir");

        Assert.Equal(["la", "la", "la"], new[] { "s0", "late", "s1" }.Select(singer => Choir.HeardBy(world, singer)));
    }

    private static ProcessWorld Assembled(int singers)
    {
        var world = new ProcessWorld(options: FewTogether);
        world.Start(Choir.Of());
        world.Append("singers-1", [.. Singers(singers).Select(static singer => Choir.Fact(new Choir.Joined(singer, "")))]);
        return world;
    }

    private static ProcessWorld Held(string[] songs, out ProcessEngine engine)
    {
        var world = new ProcessWorld(options: FewTogether);
        engine = world.Start(Choir.Of(breaksAt: "off"));
        world.Append("singer-s0", Choir.Fact(new Choir.Joined("s0", "")));
        world.Append("choir-1", [.. songs.Select(static song => Choir.Fact(new Choir.Sung(["s0"], song)))]);
        Assert.Equal(songs.Length, world.Find("s0", "choir")!.Waiting.Length);
        return world;
    }

    private static InstanceRow RowOf(ProcessWorld world) =>
        world.Do(() => world.Engine.Search(new InstanceSearch { Process = "choir" }, world.Do(() => world.Ledger.ReadRange()).Head)).Rows.Single();

    private static string[] Singers(int count) => [.. Enumerable.Range(0, count).Select(static n => $"s{n}")];

    /// <summary>Singers, each an instance, who hear what is sung.</summary>
    private static class Choir
    {
        private static int _ids;

        public abstract record Event;

        public sealed record Joined(string Singer, string Voice) : Event;

        public sealed record Sung(string[] Singers, string Song) : Event;

        public sealed record State(string Voice, string Heard);

        private static readonly EventTypes Types = EventTypes.Of<Event>()
            .Upcast("Medley", 1, static old => [.. System.Text.Encoding.UTF8.GetString(old.Data.Span).Trim('"').Split(' ').Select(song =>
                old with { Type = "Sung", Version = 1, Data = new EventCodec(EventTypes.Of<Event>()).Encode(new Sung(["s0"], song)).Data })]);

        public static Module Of(string? breaksAt = null) => new Module("choir").Events(Types).Runs(new Process<State>("choir")
            .Starts<Joined>(static joined => joined.Singer, static (joined, _) => new State(joined.Voice, ""))
            .OnEach<Sung>(static (sung, _) => sung.Singers, (state, sung, _) => sung.Song == breaksAt
                ? throw new DivideByZeroException()
                : state with { Heard = $"{state.Heard} {sung.Song}".Trim() }));

        public static NewEvent Fact(Event fact)
        {
            var (type, version, data) = new EventCodec(EventTypes.Of<Event>()).Encode(fact);
            return new NewEvent { Id = NextId(), Type = type, SchemaVersion = version, Data = data };
        }

        public static NewEvent Medley(params string[] songs) =>
            new() { Id = NextId(), Type = "Medley", Data = System.Text.Encoding.UTF8.GetBytes($"\"{string.Join(' ', songs)}\"") };

        public static string HeardBy(ProcessWorld world, string singer) =>
            world.Find(singer, "choir")!.State!.Value.GetProperty("heard").GetString()!;

        private static Guid NextId() => new(Interlocked.Increment(ref _ids), 9, 9, new byte[8]);
    }
}
