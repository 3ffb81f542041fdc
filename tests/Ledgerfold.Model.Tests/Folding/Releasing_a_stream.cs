using Ledgerfold.Model.Events;
using Ledgerfold.Model.Folding;
using Ledgerfold.Model.Querying;
using Ledgerfold.Testing;

namespace Ledgerfold.Model.Tests.Folding;

/// <summary>What other streams say of the same keys goes on while a stream is held; afterwards everything stands in the order of the ledger.</summary>
public sealed class Releasing_a_stream
{
    private readonly FoldWorld _world = new();
    private readonly HashSet<long> _poison = [];
    private readonly HashSet<long> _unkeyed = [];
    private readonly Projection<Tally> _tallies;
    private Action<long> _meets = static _ => { };

    public Releasing_a_stream()
    {
        _world.Options = _world.Options with { RetriesMax = 0 };
        _tallies = Tally.Projection(
            (_, recorded) =>
            {
                _meets(recorded.Position);
                ThrowIf(_poison, recorded);
            },
            beforeKey: (_, recorded) => ThrowIf(_unkeyed, recorded));
    }

    private HeldKey Stream => Assert.Single(_world.Status(_tallies).Held, held => held.Stream is not null);

    private IEnumerable<string> HeldNames => _world.Status(_tallies).Held.Select(held => held.Key ?? held.Stream!);

    [Fact]
    public void Puts_its_events_between_those_of_other_streams()
    {
        HoldAtTwo();
        Assert.Equal("1,4", _world.Read(_tallies, "a")!.Trail);
        _unkeyed.Clear();

        Assert.True(Release(Stream));

        Assert.Equal("1,2,4", _world.Read(_tallies, "a")!.Trail);
        Assert.Equal("3,5", _world.Read(_tallies, "b")!.Trail);
        Assert.Empty(HeldNames);
    }

    [Fact]
    public async Task Shows_the_former_rows_as_held_until_they_are_computed()
    {
        HoldAtTwo();
        _unkeyed.Clear();
        string[] held = [];
        Task<FoldRow?>? reading = null;
        _meets = position =>
        {
            if (position != 5)
                return; // the last event that is applied again
            held = [.. _world.Engine.Find(_tallies).Held.Shown.Values.Select(one => $"{one.Key ?? one.Stream} {one.From} {one.IsComputedAgain}").Order()];
            reading = _world.Rows.Get(_tallies.Fold, Tenants.Default, RowKeys.OfState("a")).AsTask();
        };

        Assert.True(Release(Stream));

        Assert.Equal(["a 1 True", "b 1 True", "tally-1 2 False"], held);
        Assert.Equal("1,4", _tallies.DecodeState((await reading!)!).Trail);
    }

    [Fact]
    public void Begins_again_where_a_crash_came_between()
    {
        HoldAtTwo();
        _unkeyed.Clear();
        var stream = Stream;
        _ = _world.Scheduler.Start(() => _world.Engine.Release(_tallies, stream));
        for (var step = 0; step < 40; step++)
        {
            _world.Scheduler.RunOne();
            if (step % 8 != 7)
                continue;
            _world.Crash();
            _world.Start(_tallies);
        }

        _world.Pass(TimeSpan.FromMinutes(1));

        Assert.Equal("1,2,4", _world.Read(_tallies, "a")!.Trail);
        Assert.Equal("3,5", _world.Read(_tallies, "b")!.Trail);
        Assert.Empty(HeldNames);
    }

    [Fact]
    public void Holds_a_key_that_fails_on_the_way_and_no_other()
    {
        HoldAtTwo();
        _unkeyed.Clear();
        _poison.Add(2);

        Assert.False(Release(Stream));

        Assert.Equal(["a"], HeldNames);
        Assert.Equal("1", _world.Read(_tallies, "a")!.Trail);
        Assert.Equal("3,5", _world.Read(_tallies, "b")!.Trail);
        var held = Assert.Single(_world.Status(_tallies).Held);
        Assert.Equal((2, 2, false), (held.Position, held.From, held.IsComputedAgain));
        _poison.Clear();
        Assert.True(Release(held));
        Assert.Equal("1,2,4", _world.Read(_tallies, "a")!.Trail);
    }

    [Fact]
    public void Begins_with_nothing_again_where_a_computed_row_was_refused()
    {
        HoldAtTwo();
        _unkeyed.Clear();
        _world.Store.RefuseRow(Tenants.Default, RowKeys.OfState("a"));

        Release(Stream);

        var held = Assert.Single(_world.Status(_tallies).Held);
        Assert.Equal(("a", 1), (held.Key, held.From));
        Assert.Equal("1,4", _world.Read(_tallies, "a")!.Trail);
        Assert.Equal("3,5", _world.Read(_tallies, "b")!.Trail);
        Assert.True(Release(held));
        Assert.Equal("1,2,4", _world.Read(_tallies, "a")!.Trail);
    }

    [Fact]
    public void Leaves_everything_as_it_was_while_one_of_its_events_fails_still()
    {
        HoldAtTwo();
        _unkeyed.Remove(2);
        _unkeyed.Add(3);

        Assert.False(Release(Stream));

        Assert.Equal("1,4", _world.Read(_tallies, "a")!.Trail);
        Assert.Equal((3, 2), (Stream.Position, Stream.From));
        Assert.True(_world.DoTask(() => _world.Engine.Skip(_tallies, Stream, "a test")));
        Assert.Equal("1,2,4", _world.Read(_tallies, "a")!.Trail);
        Assert.Equal("5", _world.Read(_tallies, "b")!.Trail);
        Assert.Empty(HeldNames);
        _unkeyed.Clear();
        _world.Append("tally-1", new Tally.Added("b", 1));
        Assert.Equal("5,6", _world.Read(_tallies, "b")!.Trail); // what was skipped stays so
    }

    [Fact]
    public void Waits_for_the_release_of_a_key_that_is_held_by_itself()
    {
        _poison.Add(4);
        HoldAtTwo();
        Assert.Equal(["tally-1", "a"], HeldNames);
        _unkeyed.Clear();

        Assert.True(Release(Stream));

        var held = Assert.Single(_world.Status(_tallies).Held);
        Assert.Equal(("a", 4, 1), (held.Key, held.Position, held.From));
        Assert.Equal("1", _world.Read(_tallies, "a")!.Trail);
        _poison.Clear();
        Assert.True(Release(held));
        Assert.Equal("1,2,4", _world.Read(_tallies, "a")!.Trail);
    }

    [Fact]
    public void May_concern_more_keys_than_may_be_held()
    {
        _world.Options = _world.Options with { HeldKeysMax = 2, DirtyRowsMax = 3 };
        _unkeyed.Add(1);
        _world.Start(_tallies);
        _world.Append("tally-1", [.. Enumerable.Range(0, 40).Select(key => new Tally.Added($"k{key}", 1))]);
        _world.Append("tally-2", [.. Enumerable.Range(0, 40).Select(key => new Tally.Added($"k{key}", 1))]);
        _unkeyed.Clear();

        Assert.True(Release(Stream));

        Assert.All(Enumerable.Range(0, 40), key => Assert.Equal($"{key + 1},{key + 41}", _world.Read(_tallies, $"k{key}")!.Trail));
        Assert.Equal(FoldHealth.Healthy, _world.Status(_tallies).Health);
    }

    [Fact]
    public void Reads_only_the_events_of_its_keys_where_they_can_be_named()
    {
        var named = new Projection<Tally>("by-stream")
        {
            Query = Tally.Query,
            Key = (fact, recorded) => fact is Tally.Labelled && _unkeyed.Count > 0 ? throw new KeyNotFoundException() : recorded.Stream,
            EventsOf = EventQuery.OfStream,
            Apply = static (tally, _, recorded) => new Tally(0, $"{tally?.Trail}/{recorded.Position}"),
        };
        _unkeyed.Add(2);
        var read = new WatchedLedger(_world.Inner);
        var engine = new FoldEngine(read, _world.Rows, Tally.Types, [named], _world.Options);
        _world.Do(() => engine.Start());
        _world.Append("tally-1", new Tally.Added("a", 1), new Tally.Labelled("a", "x"));
        _world.Append("tally-2", new Tally.Added("a", 1));
        Assert.True(_world.Do(() => engine.WaitUntil(named, 3)));
        _unkeyed.Clear();
        read.Reads.Clear();

        var held = Assert.Single(_world.Do(() => engine.ReadStatus(named)).Held);
        Assert.True(_world.DoTask(() => engine.Release(named, held)));

        Assert.Equal("/1/2", _world.Do(() => new Projections(engine).Of(named).Get("tally-1")).OrThrow()!.Trail);
        Assert.All(read.Reads, request => Assert.Equal("tally-1", Assert.Single(request.Query.Items).Stream));
    }

    [Fact]
    public void Holds_a_stream_whose_events_could_be_read_once_and_cannot_now()
    {
        _world.Start(_tallies);
        _world.Append("tally-2", new Tally.Labelled("a", "l"));
        _unkeyed.Add(2);
        _world.Append("tally-1", new Tally.Added("a", 1));
        _world.Read(_tallies, "a");
        _world.Stop();
        _unkeyed.Remove(2);
        var older = new FoldEngine(
            _world.Ledger, _world.Store, Tally.Types.Named<Tally.Labelled>("LabelledOtherwise"), [_tallies], _world.Options);
        _world.Do(() => older.Start());
        _world.Pass(TimeSpan.FromMinutes(1));

        var status = _world.Do(() => older.ReadStatus(_tallies));

        Assert.Equal(["tally-2"], status.Held.Select(held => held.Stream));
        Assert.Equal("2", _world.Do(() => new Projections(older).Of(_tallies).Get("a")).OrThrow()!.Trail);
    }

    /// <summary>1 a, then 2 a and 3 b in a stream that is held, then 4 a and 5 b in another.</summary>
    private void HoldAtTwo()
    {
        _unkeyed.Add(2);
        _world.Start(_tallies);
        _world.Append("tally-2", new Tally.Added("a", 1));
        _world.Append("tally-1", new Tally.Added("a", 1), new Tally.Added("b", 1));
        _world.Append("tally-2", new Tally.Added("a", 1), new Tally.Added("b", 1));
        _world.Read(_tallies, "a");
    }

    private bool Release(HeldKey held) => _world.DoTask(() => _world.Engine.Release(_tallies, held));

    private static void ThrowIf(HashSet<long> positions, RecordedEvent recorded)
    {
        if (positions.Contains(recorded.Position))
            throw new InvalidOperationException($"poison at {recorded.Position}");
    }
}
