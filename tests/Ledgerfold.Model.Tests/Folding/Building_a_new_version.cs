using Ledgerfold.Model.Folding;
using Ledgerfold.Model.Querying;
using Ledgerfold.Testing;

namespace Ledgerfold.Model.Tests.Folding;

public abstract class Building_a_new_version
{
    private readonly FoldWorld _world;
    private readonly Projection<Tally> _old = Tally.Projection();
    private readonly Projection<Tally> _new = new("tallies", version: 2)
    {
        Query = Tally.Query,
        Keys = Tally.KeysOf,
        Apply = (tally, _, _) => new Tally((tally?.Sum ?? 0) + 100, "new"),
    };

    protected Building_a_new_version(Backend backend)
    {
        _world = new FoldWorld(backend: backend);
        _world.Start(_old);
        _world.Append("tally-1", new Tally.Added("a", 1));
        _world.Stop();
    }

    [Fact]
    public void Leaves_readers_on_the_old_one_until_it_is_switched()
    {
        _world.Start(_old, _new);
        _world.Append("tally-1", new Tally.Added("a", 1));

        Assert.Equal(2, Seen());
        Assert.True(_world.Do(() => _world.Engine.WaitUntil(_new, 2)));
        Assert.Equal(2, Seen());
        Assert.True(_world.Do(() => _world.Engine.Switch(_new)));
        Assert.Equal(200, Seen());
        Assert.Equal(_new.Fold, _world.Projections.Of(_old).Reads);
    }

    [Fact]
    public void Does_not_switch_before_it_has_caught_up()
    {
        _world.Ledger.Hold(LedgerCall.Read);
        _world.Start(_new, _old);
        _world.Append("tally-1", new Tally.Added("a", 1));

        Assert.False(_world.Do(() => _world.Engine.Switch(_new)));

        Assert.True(_world.Engine.IsActive(_old));
        Assert.False(_world.Engine.IsActive(_new));
    }

    [Fact]
    public void Shows_readers_no_less_than_they_saw_when_it_is_switched()
    {
        _world.Start(_old, _new);
        _world.Do(() => _world.Engine.WaitUntil(_new, 1));
        var choice = _world.Store.HoldWrite();
        var switched = _world.Begin(() => _world.Engine.Switch(_new));
        _world.Append("tally-1", new Tally.Added("a", 1));
        _world.Do(() => _world.Engine.WaitUntil(_old, 2)); // the new one has time, for nobody waits for it

        choice.Release();
        _world.Settle();

        Assert.True(switched.IsCompletedSuccessfully);
        Assert.Equal(200, _world.Do(() => _world.Projections.Of(_new).Get("a")).OrThrow()!.Sum);
    }

    [Fact]
    public void Is_not_taken_for_what_readers_see_when_they_were_switched_back_while_it_was_waited_for()
    {
        var old = new Projection<Tally>("inline") { Inline = true, Query = Tally.Query, Apply = static (all, _, _) => new Tally((all?.Sum ?? 0) + 1, "") };
        var next = new Projection<Tally>("inline", version: 2) { Inline = true, Query = Tally.Query, Apply = static (all, _, _) => new Tally((all?.Sum ?? 0) + 100, "") };
        _world.Start(old, next);
        _world.Do(() => _world.Engine.WaitUntil(old, 1));
        _world.Do(() => _world.Engine.WaitUntil(next, 1));
        Assert.True(_world.Do(() => _world.Engine.Switch(next)));
        var waited = _world.Begin(() => _world.Engine.WaitForInline(2, TimeSpan.FromSeconds(1)));
        Assert.True(_world.Do(() => _world.Engine.Switch(old)));

        _world.Append("tally-1", new Tally.Added("a", 1));

        Assert.True(waited.IsCompletedSuccessfully);
        Assert.Equal(2, _world.Do(() => _world.Projections.Of(old).Get(Projection.WholeKey)).OrThrow()!.Sum);
    }

    [Fact]
    public void Remembers_over_restarts_which_one_readers_see()
    {
        _world.Start(_old, _new);
        Assert.True(_world.Engine.IsActive(_old));
        _world.Do(() => _world.Engine.WaitUntil(_new, 1));
        _world.Stop();
        _world.Start(_old, _new);
        Assert.True(_world.Engine.IsActive(_old));
        _world.Do(() => _world.Engine.WaitUntil(_new, 1));
        Assert.True(_world.Do(() => _world.Engine.Switch(_new)));
        _world.Stop();

        _world.Start(_old, _new);

        Assert.True(_world.Engine.IsActive(_new));
        Assert.Equal(100, Seen());
    }

    [Fact]
    public void Switches_back_as_it_switched()
    {
        _world.Start(_old, _new);
        _world.Do(() => _world.Engine.WaitUntil(_new, 1));
        Assert.True(_world.Do(() => _world.Engine.Switch(_new)));
        _world.Append("tally-1", new Tally.Added("a", 1));
        Assert.Equal(200, Seen());
        _world.Do(() => _world.Engine.WaitUntil(_old, 2));

        Assert.True(_world.Do(() => _world.Engine.Switch(_old)));

        Assert.Equal(2, Seen());
    }

    [Fact]
    public void Drops_the_old_one_in_one_call_and_never_the_one_that_is_read()
    {
        _world.Start(_old, _new);
        _world.Do(() => _world.Engine.WaitUntil(_new, 1));
        Assert.False(_world.Do(() => _world.Engine.Drop(_old.Fold)));
        _world.Do(() => _world.Engine.Switch(_new));

        Assert.True(_world.Do(() => _world.Engine.Drop(_old.Fold)));

        Assert.Equal(0, _world.Do(() => _world.Rows.ReadPosition(_old.Fold)));
        Assert.Equal([_new.Fold], _world.Engine.Projections.Select(projection => projection.Fold));
        _world.Append("tally-1", new Tally.Added("a", 1));
        Assert.Equal(200, Seen());
    }

    [Fact]
    public void Drops_a_version_whose_code_is_gone()
    {
        _world.Start(_new);
        Assert.Equal(100, Seen());

        Assert.True(_world.Do(() => _world.Engine.Drop(_old.Fold)));

        Assert.DoesNotContain(_old.Fold, _world.Do(() => _world.Rows.List()));
    }

    [Fact]
    public void Reads_its_own_rows_where_states_are_of_another_type()
    {
        var other = new Projection<string>("tallies", version: 3) { Query = Tally.Query, Apply = (text, _, _) => text + "x" };
        _world.Start(_old, other);

        Assert.Equal("x", _world.Do(() => _world.Projections.Of(other).Get(Projection.WholeKey, Consistency.Latest(TimeSpan.FromSeconds(1)))).OrThrow());
        Assert.Equal(1, Seen(_old));
    }

    private long Seen(Projection<Tally>? by = null) => _world.Read(by ?? _new, "a")!.Sum;
}
