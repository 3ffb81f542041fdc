using Ledgerfold.Model.Events;
using Ledgerfold.Model.Folding;
using Ledgerfold.Model.Querying;

namespace Ledgerfold.Model.Tests.Folding;

public abstract class Holding_a_key
{
    private readonly FoldWorld _world;
    private readonly HashSet<long> _poison = [];
    private readonly Projection<Tally> _tallies;

    protected Holding_a_key(Backend backend)
    {
        _world = new FoldWorld(backend: backend);
        _tallies = Tally.Projection((_, recorded) =>
        {
            if (_poison.Contains(recorded.Position))
                throw new InvalidOperationException($"poison at {recorded.Position}");
        });
    }

    private HeldKey Held => Assert.Single(_world.Status(_tallies).Held);

    [Fact]
    public void Lets_everything_else_go_on()
    {
        _poison.Add(2);
        _world.Start(_tallies);
        _world.Append("tally-1", new Tally.Added("a", 1), new Tally.Added("a", 2), new Tally.Added("b", 3), new Tally.Added("a", 4));
        _world.Append("tally-1", new Tally.Added("a", 5), new Tally.Added("b", 6));

        Assert.Equal(new Tally(1, "1"), _world.Read(_tallies, "a"));
        Assert.Equal(new Tally(9, "3,6"), _world.Read(_tallies, "b"));
        Assert.Equal((2, 2, "a", 2), (Held.Position, Held.From, Held.Key!, Held.Waiting));
        Assert.Equal("InvalidOperationException: poison at 2", Held.FirstError);
        Assert.Equal(FoldHealth.Degraded, _world.Status(_tallies).Health);
        Assert.Equal(6, _world.Status(_tallies).Position);
    }

    [Fact]
    public void Is_over_by_itself_when_a_retry_succeeds()
    {
        _poison.Add(1);
        _world.Start(_tallies);
        _world.Append("tally-1", new Tally.Added("a", 1), new Tally.Added("a", 2));
        _world.Read(_tallies, "a");
        _poison.Clear();

        _world.Pass(TimeSpan.FromSeconds(1));

        Assert.Equal(new Tally(3, "1,2"), _world.Read(_tallies, "a"));
        Assert.Empty(_world.Status(_tallies).Held);
        Assert.Empty(_world.Do(() => _world.Rows.Read(new FoldRead { Fold = _tallies.Fold, Tenant = "$folds", From = "h:", To = "o:" })).Rows);
        Assert.Equal(FoldHealth.Healthy, _world.Status(_tallies).Health);
    }

    [Fact]
    public void Ends_trying_and_tells_the_first_error_and_the_last()
    {
        var tries = 0;
        var failing = Tally.Projection((_, _) => throw new InvalidOperationException($"try {++tries}"));
        _world.Start(failing);
        _world.Append("tally-1", new Tally.Added("a", 1));

        _world.Pass(TimeSpan.FromHours(1));

        var held = Assert.Single(_world.Status(failing).Held);
        Assert.Equal(("InvalidOperationException: try 1", "InvalidOperationException: try 4", 4), (held.FirstError, held.LastError, held.Attempts));
        Assert.Equal(4, tries);
    }

    [Fact]
    public void Survives_a_restart_and_is_tried_once_more()
    {
        _poison.Add(1);
        _world.Start(_tallies);
        _world.Append("tally-1", new Tally.Added("a", 1), new Tally.Added("b", 2));
        _world.Pass(TimeSpan.FromHours(1));
        _world.Stop();
        _world.Append("tally-1", new Tally.Added("a", 3));

        _world.Start(_tallies);
        Assert.Equal(1, Held.Position);
        Assert.Null(_world.Read(_tallies, "a"));
        _poison.Clear();
        _world.Pass(TimeSpan.FromMinutes(1));

        Assert.Equal(new Tally(4, "1,3"), _world.Read(_tallies, "a"));
    }

    [Fact]
    public void Ends_with_a_release_which_resumes_in_order()
    {
        _poison.Add(2);
        _world.Start(_tallies);
        _world.Append("tally-1", new Tally.Added("a", 1), new Tally.Added("a", 2), new Tally.Added("b", 3), new Tally.Added("a", 4));
        _world.Pass(TimeSpan.FromHours(1));
        Assert.False(_world.DoTask(() => _world.Engine.Release(_tallies, Held)));
        _poison.Clear();

        Assert.True(_world.DoTask(() => _world.Engine.Release(_tallies, Held)));

        Assert.Equal(new Tally(7, "1,2,4"), _tallies.DecodeState(_world.Do(() => _world.Rows.Get(_tallies.Fold, Tenants.Default, "k:a"))!));
        Assert.Empty(_world.Status(_tallies).Held);
    }

    [Fact]
    public void Stops_a_release_at_the_next_failure_and_keeps_what_was_applied()
    {
        _poison.UnionWith([2, 5]);
        _world.Start(_tallies);
        for (var n = 1; n <= 6; n++)
            _world.Append("tally-1", new Tally.Added("a", n));
        _world.Pass(TimeSpan.FromHours(1));
        _poison.Remove(2);

        Assert.False(_world.DoTask(() => _world.Engine.Release(_tallies, Held)));
        Assert.Equal(new Tally(10, "1,2,3,4"), _world.Read(_tallies, "a"));
        Assert.Equal((5, 5), (Held.Position, Held.From));
        Assert.Contains("poison at 2", Held.FirstError);
        _world.Crash();
        _world.Start(_tallies);
        _poison.Clear();
        _world.Pass(TimeSpan.FromHours(1));

        Assert.Equal(new Tally(21, "1,2,3,4,5,6"), _world.Read(_tallies, "a"));
    }

    [Fact]
    public void Ends_by_leaving_an_event_out_for_a_reason()
    {
        _poison.Add(2);
        _world.Start(_tallies);
        _world.Append("tally-1", new Tally.Added("a", 1), new Tally.Added("a", 2), new Tally.Added("a", 4));
        _world.Pass(TimeSpan.FromHours(1));

        Assert.False(_world.DoTask(() => _world.Engine.Skip(_tallies, Held with { Position = 1 }, "not this one")));
        Assert.True(_world.DoTask(() => _world.Engine.Skip(_tallies, Held, "a test of 2024")));

        Assert.Equal(new Tally(5, "1,3"), _world.Read(_tallies, "a"));
        var row = Assert.Single(_world.Do(() => _world.Rows.Read(new FoldRead { Fold = _tallies.Fold, Tenant = "$folds", From = "s:" })).Rows);
        Assert.Contains("a test of 2024", System.Text.Encoding.UTF8.GetString(row.Data.Span));
    }

    [Fact]
    public void Holds_the_stream_of_an_event_that_cannot_be_read_and_no_other()
    {
        _world.Start(_tallies);
        _world.AppendRaw("default", "tally-1", _world.NewEvent("Unheard", "{}"u8.ToArray()));
        _world.Append("tally-1", new Tally.Added("a", 1));
        _world.Append("tally-2", new Tally.Added("a", 2));

        Assert.Equal("3", _world.Read(_tallies, "a")!.Trail);
        Assert.Equal(("tally-1", null, 1), (Held.Stream, Held.Key, Held.Position));
        Assert.Equal(1, Held.Waiting);
        Assert.True(_world.DoTask(() => _world.Engine.Skip(_tallies, Held, "written by hand")));
        Assert.Equal(new Tally(3, "2,3"), _world.Read(_tallies, "a"));
    }

    [Fact]
    public void Passes_over_events_of_other_modules_where_it_is_told_to()
    {
        var all = new Projection<Tally>("all-streams")
        {
            Unknown = UnknownEvents.PassOver,
            Apply = static (tally, _, recorded) => new Tally(0, $"{tally?.Trail}/{recorded.Position}"),
        };
        _world.Start(all);
        _world.AppendRaw("default", "order-1", _world.NewEvent("OrderCreated", "{}"u8.ToArray()));
        _world.Append("tally-1", new Tally.Added("a", 1));
        _world.AppendRaw("default", "tally-2", _world.NewEvent("Added", "{}"u8.ToArray()));

        Assert.Equal("/2", _world.Read(all, Projection.WholeKey)!.Trail);
        Assert.Equal("tally-2", Assert.Single(_world.Status(all).Held).Stream);
    }

    [Fact]
    public void Holds_the_stream_of_an_event_whose_key_is_not_known()
    {
        var broken = true;
        var keyed = new Projection<Tally>("keyed")
        {
            Query = Tally.Query,
            Key = (fact, _) => fact is Tally.Added { Key: "x" } && broken ? throw new KeyNotFoundException("x") : ((Tally.Added)fact).Key,
            Apply = (tally, fact, _) => new Tally((tally?.Sum ?? 0) + ((Tally.Added)fact).Amount, ""),
        };
        _world.Start(keyed);
        _world.Append("tally-1", new Tally.Added("x", 1), new Tally.Added("y", 1));
        _world.Append("tally-2", new Tally.Added("y", 2));
        Assert.Equal(2, _world.Read(keyed, "y")!.Sum);
        Assert.Contains("its key cannot be known", Assert.Single(_world.Status(keyed).Held).FirstError);
        broken = false;
        _world.Pass(TimeSpan.FromMinutes(1));

        Assert.Equal(3, _world.Read(keyed, "y")!.Sum);
        Assert.Equal(1, _world.Read(keyed, "x")!.Sum);
    }

    [Fact]
    public void Gives_a_held_key_what_its_stream_kept_from_it()
    {
        var unreadable = true;
        var keyed = new Projection<Tally>("both")
        {
            Query = Tally.Query,
            Key = (fact, _) => fact is Tally.Labelled && unreadable ? throw new KeyNotFoundException() : ((dynamic)fact).Key,
            Apply = (tally, fact, recorded) => _poison.Contains(recorded.Position)
                ? throw new InvalidOperationException("poison")
                : new Tally(0, $"{tally?.Trail}/{recorded.Position}"),
        };
        _poison.Add(4);
        _world.Options = _world.Options with { RetriesMax = 0 };
        _world.Start(keyed);
        _world.Append("tally-1", new Tally.Added("a", 1), new Tally.Labelled("b", "l"), new Tally.Added("a", 1)); // holds tally-1 at 2
        _world.Append("tally-2", new Tally.Added("a", 1), new Tally.Added("a", 1)); // holds a at 4
        HeldKey OfStream() => _world.Status(keyed).Held.Single(held => held.Stream is not null);
        HeldKey OfKey() => _world.Status(keyed).Held.Single(held => held.Key is not null);
        Assert.Equal((2, 4), (OfStream().From, OfKey().From));

        unreadable = false;
        Assert.True(_world.DoTask(() => _world.Engine.Release(keyed, OfStream())));
        Assert.Equal((1, false), (OfKey().From, OfKey().IsComputedAgain));
        Assert.Equal("/2", _world.Read(keyed, "b")!.Trail);
        Assert.Equal("/1", _world.Read(keyed, "a")!.Trail);
        _poison.Clear();
        Assert.True(_world.DoTask(() => _world.Engine.Release(keyed, OfKey())));

        Assert.Equal("/1/3/4/5", _world.Read(keyed, "a")!.Trail);
        Assert.Empty(_world.Status(keyed).Held);
    }

    [Fact]
    public void Holds_a_key_whose_row_the_store_refuses()
    {
        _world.Start(_tallies);
        _world.Append("tally-1", new Tally.Labelled("a", "one"), new Tally.Added("b", 1));
        _world.Read(_tallies, "a");
        _world.Append("tally-1", new Tally.Labelled("b", "one"), new Tally.Added("b", 2), new Tally.Added("c", 3));

        Assert.Equal(new Tally(1, "2"), _world.Read(_tallies, "b"));
        Assert.Equal(new Tally(3, "5"), _world.Read(_tallies, "c"));
        Assert.Equal(("b", 3), (Held.Key!, Held.From));
        Assert.Contains("'one' must be unique", Held.LastError);
        _world.Append("tally-1", new Tally.Labelled("a", "two"));
        Assert.True(_world.DoTask(() => _world.Engine.Release(_tallies, Held)));
        Assert.Equal(new Tally(3, "2,3,4", "one"), _world.Read(_tallies, "b"));
    }

    [Fact]
    public void Holds_a_key_whose_state_cannot_be_written_as_a_row()
    {
        var large = new Projection<Tally>("large")
        {
            Query = Tally.Query,
            Key = (fact, _) => ((Tally.Added)fact).Key,
            Apply = (_, fact, _) => new Tally(1, new string('x', (int)((Tally.Added)fact).Amount)),
            Indexes = tally => tally.Trail.Length == 7 ? throw new InvalidOperationException("no index") : [],
        };
        _world.Options = _world.Options with { RetriesMax = 0 };
        _world.Start(large);
        _world.Append("tally-1", new Tally.Added("a", 2_000_000), new Tally.Added("b", 7), new Tally.Added("c", 1));

        Assert.Equal("x", _world.Read(large, "c")!.Trail);
        Assert.Equal(["a", "b"], _world.Status(large).Held.Select(held => held.Key));
        Assert.Contains("data", _world.Status(large).Held[0].LastError);
        Assert.Contains("no index", _world.Status(large).Held[1].LastError);
    }

    [Fact]
    public void Stops_the_fold_when_nearly_everything_fails()
    {
        var broken = Tally.Projection((_, _) => throw new NotSupportedException("all of it"));
        _world.Options = _world.Options with { HeldKeysMax = 3 };
        _world.Start(broken);
        _world.Append("tally-1", [.. Enumerable.Range(0, 9).Select(n => new Tally.Added($"k{n}", 1))]);

        var status = _world.Status(broken);
        Assert.Equal((FoldPhase.Stopped, FoldHealth.Unhealthy), (status.Phase, status.Health));
        Assert.Contains("More than 3 keys", status.Reason);
        Assert.False(_world.Do(() => _world.Engine.WaitUntil(broken, 9)));
    }

    [Fact]
    public void Is_told_to_readers_of_the_key_and_not_to_others()
    {
        _poison.Add(1);
        _world.Start(_tallies);
        var token = _world.Append("tally-1", new Tally.Added("a", 1), new Tally.Added("b", 2));
        var reader = _world.Projections.Of(_tallies);

        var a = _world.Do(() => reader.Get("a", Consistency.AtLeast(token, TimeSpan.FromSeconds(1)))).Freshness;
        var b = _world.Do(() => reader.Get("b")).Freshness;
        var all = _world.Do(() => reader.Read()).Freshness;

        Assert.True(a.IsStale);
        Assert.Equal("a", Assert.Single(a.Held).Key);
        Assert.False(b.IsStale);
        Assert.True(all.IsStale);
    }
}
