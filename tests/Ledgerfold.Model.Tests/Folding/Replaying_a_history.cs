using Ledgerfold.Model.Folding;
using Ledgerfold.Testing.Folding;

namespace Ledgerfold.Model.Tests.Folding;

public sealed class Replaying_a_history
{
    private readonly FoldWorld _world = new();
    private readonly Projection<Tally> _before = Tally.Projection();

    public Replaying_a_history()
    {
        _world.Append("tally-1", new Tally.Added("a", 1), new Tally.Added("b", 2));
        _world.Append("south", "tally-1", new Tally.Added("a", 3));
    }

    [Fact]
    public void Shows_no_difference_where_there_is_none() =>
        Assert.Empty(_world.Do(() => HistoryReplay.Compare(_world.Inner, Tally.Types, _before, Tally.Projection(version: 2))));

    [Fact]
    public void Shows_which_rows_the_new_code_makes_otherwise()
    {
        var after = new Projection<Tally>("tallies", version: 2)
        {
            Query = Tally.Query,
            Key = (fact, _) => fact is Tally.Added { Key: "b" } ? "c" : "a",
            Apply = (_, fact, recorded) => new Tally(((Tally.Added)fact).Amount, $"{recorded.Position}"),
        };

        var differences = _world.Do(() => HistoryReplay.Compare(_world.Inner, Tally.Types, _before, after));

        Assert.Equal(["default/b: {\"sum\":2,\"trail\":\"2\",\"label\":null} → nothing", "default/c: nothing → {\"sum\":2,\"trail\":\"2\",\"label\":null}"],
            differences.Select(row => row.ToString()));
    }

    [Fact]
    public void Shows_kept_rows_that_the_history_does_not_bear_out()
    {
        _world.Start(_before);
        _world.Stop();
        Assert.Empty(_world.Do(() => HistoryReplay.CompareWithKept(_world.Inner, Tally.Types, _before, _world.Rows)));
        var forged = new FoldBatch { Fold = _before.Fold, Expected = 3, Position = 3, Rows = [new FoldRow { Tenant = "south", Key = "k:z", Data = "{}"u8.ToArray() }] };
        _world.Do(() => _world.Rows.Write(forged));

        var difference = Assert.Single(_world.Do(() => HistoryReplay.CompareWithKept(_world.Inner, Tally.Types, _before, _world.Rows)));

        Assert.Equal(("south", "z", null), (difference.Tenant, difference.Key, difference.Before));
    }

    [Fact]
    public void Says_which_event_cannot_be_read()
    {
        _world.AppendRaw("default", "tally-1", _world.NewEvent("Unheard", "{}"u8.ToArray()));

        var failure = Assert.Throws<InvalidOperationException>(() => _world.Do(() => HistoryReplay.Fold(_world.Inner, Tally.Types, _before)));
        Assert.StartsWith("Position 4:", failure.Message, StringComparison.Ordinal);
        var tolerant = new Projection<Tally>("tolerant") { Unknown = Model.Events.UnknownEvents.PassOver, Apply = static (_, _, recorded) => new Tally(recorded.Position, "") };
        Assert.Equal(2, _world.Do(() => HistoryReplay.Fold(_world.Inner, Tally.Types, tolerant)).Count);
    }
}
