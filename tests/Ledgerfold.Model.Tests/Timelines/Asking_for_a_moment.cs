using Ledgerfold.Model.Events;
using Ledgerfold.Model.Folding;
using Ledgerfold.Model.Tests.Domain;
using Ledgerfold.Model.Tests.Folding;
using Ledgerfold.Model.Timelines;

namespace Ledgerfold.Model.Tests.Timelines;

#pragma warning disable xUnit1051 // in memory nothing waits

public sealed class Asking_for_a_moment
{
    private readonly TimelineWorld _world = new(options: null, Modules.Bank, Tallies);

    private static readonly Projection<Tally> Projection = Tally.Projection();

    private static Module Tallies => new Module("tallies").Events(Tally.Types).Projects(Projection);

    private Timeline<Tally> OfA => _world.Engine.Of(Projection, "a");

    [Fact]
    public async Task Gives_the_state_after_every_position()
    {
        await _world.Append(Tally.Types, "tally-1", new Tally.Added("a", 1), new Tally.Added("b", 2), new Tally.Added("a", 3), new Tally.Cleared("a"), new Tally.Added("a", 4));

        var trails = new List<string?>();
        for (var position = 0; position <= 5; position++)
            trails.Add((await OfA.At(Moment.AfterPosition(position))).OrThrow()?.Trail);

        Assert.Equal([null, "1", "1", "1,3", null, "5"], trails);
        Assert.Equal(new TimelineAnswer<Tally?>.Computed(new Tally(4, "5"), 5, 4), await OfA.At(Moment.Now));
    }

    [Fact]
    public async Task Gives_an_aggregate_after_every_version()
    {
        await _world.Append(Modules.Bank.EventTypes, "account-1", new Account.Deposited(5), new Account.Withdrawn(2), new Account.Deposited(10));
        var account = _world.Engine.Of(Account.Decider, "1");

        var balances = new List<long>();
        for (var version = 0; version <= 3; version++)
            balances.Add((await account.At(Moment.AfterVersion(version))).OrThrow()!.Balance);

        Assert.Equal([0, 5, 3, 13], balances);
    }

    [Fact]
    public async Task Says_how_many_events_an_answer_rests_on_where_the_moment_has_not_come()
    {
        await _world.Append(Modules.Bank.EventTypes, "account-1", new Account.Deposited(5));
        var account = _world.Engine.Of(Account.Decider, "1");

        Assert.Equal(1, Assert.IsType<TimelineAnswer<Account.State?>.Computed>(await account.At(Moment.AfterVersion(7))).Events);
        Assert.Equal(1, Assert.IsType<TimelineAnswer<Account.State?>.Computed>(await account.At(Moment.AfterPosition(7))).Position);
    }

    [Fact]
    public async Task Gives_the_state_as_it_was_recorded_at_a_time()
    {
        await _world.Append(Tally.Types, "tally-1", new Tally.Added("a", 1));
        _world.Clock.Advance(TimeSpan.FromHours(1));
        var between = _world.Now;
        _world.Clock.Advance(TimeSpan.FromHours(1));
        await _world.Append(Tally.Types, "tally-1", new Tally.Added("a", 1));

        Assert.Equal("1", (await OfA.At(Moment.RecordedAt(between))).OrThrow()!.Trail);
        Assert.Null((await OfA.At(Moment.RecordedAt(between.AddDays(-1)))).OrThrow());
    }

    [Fact]
    public async Task Gives_what_was_known_at_one_time_of_what_was_true_at_another()
    {
        var day = _world.Now;
        await _world.Append(Tally.Types, "tally-1", day.AddDays(3), new Tally.Added("a", 1));
        await _world.Append(Tally.Types, "tally-1", day.AddDays(1), new Tally.Added("a", 2));
        _world.Clock.Advance(TimeSpan.FromDays(10));
        var known = _world.Now;
        _world.Clock.Advance(TimeSpan.FromDays(1));
        await _world.Append(Tally.Types, "tally-1", day.AddDays(2), new Tally.Added("a", 4)); // learned later

        Assert.Equal("2", await Trail(known, day.AddDays(2)));
        Assert.Equal("2,1", await Trail(known, day.AddDays(3)));
        Assert.Equal("2,3,1", await Trail(_world.Now, day.AddDays(3)));
        Assert.Null(await Trail(known, day));

        async Task<string?> Trail(DateTimeOffset recorded, DateTimeOffset effective) => (await OfA.At(Moment.AsOf(recorded, effective))).OrThrow()?.Trail;
    }

    [Fact]
    public async Task Applies_what_became_true_together_in_the_order_of_recording()
    {
        var day = _world.Now;
        await _world.Append(Tally.Types, "tally-1", day, new Tally.Added("a", 1), new Tally.Added("a", 2));
        await _world.Append(Tally.Types, "tally-2", day, new Tally.Added("a", 3));
        await _world.Append(Tally.Types, "tally-1", new Tally.Added("a", 4)); // true when it was recorded, which is then too

        Assert.Equal("1,2,3,4", (await OfA.At(Moment.AsOf(_world.Now, day))).OrThrow()!.Trail);
    }

    [Fact]
    public async Task Reads_only_the_events_of_the_key_where_the_projection_can_name_them()
    {
        var streams = new Projection<Tally>("streams", perStreamOf: "tally") { Apply = static (tally, _, _) => new Tally((tally?.Sum ?? 0) + 1, "") };
        await _world.Append(Tally.Types, "tally-1", new Tally.Added("a", 1));
        await _world.Append(Tally.Types, "tally-2", new Tally.Added("a", 1));
        await _world.Append(Tally.Types, "tally-1", new Tally.Added("a", 1));

        Assert.Equal(2, (await _world.Engine.Of(streams, Tally.Types, "tally-1").At(Moment.Now)).OrThrow()!.Sum);
        Assert.Equal(2, _world.Ledger.EventsRead);
    }

    [Fact]
    public async Task Takes_no_event_that_the_projection_itself_would_not()
    {
        var confined = new Projection<Tally>("confined")
        {
            Query = EventQuery.Of(new QueryItem { Category = "tally", Types = ["Added"] }),
            EventsOf = EventQuery.OfStream,
            Key = (_, recorded) => recorded.Stream,
            Apply = (tally, _, _) => new Tally((tally?.Sum ?? 0) + 1, ""),
        };
        await _world.Append(Tally.Types, "tally-1", new Tally.Added("a", 1), new Tally.Cleared("a"), new Tally.Added("a", 1));

        Assert.Equal(2, (await _world.Engine.Of(confined, Tally.Types, "tally-1").At(Moment.Now)).OrThrow()!.Sum);
    }

    [Fact]
    public async Task Keeps_tenants_apart()
    {
        await _world.Append(Tally.Types, "tally-1", new Tally.Added("a", 1));

        Assert.Null((await _world.Engine.Of(Projection, "a", "other").At(Moment.Now)).OrThrow());
    }

    [Fact]
    public async Task Is_refused_for_a_version_of_what_is_no_stream() =>
        await Assert.ThrowsAsync<ArgumentException>(async () => await OfA.At(Moment.AfterVersion(1)));

    [Fact]
    public async Task Tells_how_far_it_has_come_and_can_be_cancelled()
    {
        await _world.Append(Tally.Types, "tally-1", [.. Enumerable.Range(0, 2_000).Select(_ => new Tally.Added("b", 1))]);
        var reports = new Reports();
        using var cancel = new CancellationTokenSource();

        Assert.Null((await OfA.Reporting(reports).At(Moment.Now, cancel.Token)).OrThrow());
        Assert.True(reports.All.Count > 1);
        Assert.Equal(reports.All.Order(Comparer<TimelineProgress>.Create((one, other) => one.Position.CompareTo(other.Position))), reports.All);
        Assert.All(reports.All, one => Assert.Equal(2_000, one.Head));
        Assert.Equal(2_000, reports.All[^1].Position);

        var left = 2;
        _world.Ledger.BeforePage = () => --left == 0 ? cancel.CancelAsync() : Task.CompletedTask;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await OfA.At(Moment.Now, cancel.Token));
    }

    private sealed class Reports : IProgress<TimelineProgress>
    {
        public List<TimelineProgress> All { get; } = [];

        public void Report(TimelineProgress value) => All.Add(value);
    }
}
