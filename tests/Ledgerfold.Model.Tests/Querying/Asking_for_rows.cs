using System.Collections.Immutable;
using Ledgerfold.Model.Folding;
using Ledgerfold.Model.Querying;
using Ledgerfold.Model.Tests.Folding;

namespace Ledgerfold.Model.Tests.Querying;

public abstract class Asking_for_rows
{
    private static readonly Consistency Latest = Consistency.Latest(TimeSpan.FromSeconds(1));

    private readonly FoldWorld _world;
    private readonly Projection<Tally> _tallies = Tally.Projection();

    protected Asking_for_rows(Backend backend)
    {
        _world = new FoldWorld(backend: backend);
        _world.Start(_tallies);
        _world.Append("tally-1", new Tally.Added("ab", 30), new Tally.Added("b", 10), new Tally.Added("a", 20), new Tally.Added("a~", 20));
        _world.Append("tally-1", new Tally.Labelled("a", "first"), new Tally.Added("a\u00e9", 5));
        _world.Append("elsewhere", "tally-1", new Tally.Added("a", 99));
    }

    [Fact]
    public void Gives_them_in_the_order_of_their_keys() =>
        Assert.Equal(["a", "ab", "a~", "a\u00e9", "b"], Keys(new RowQuery<Tally>()));

    [Fact]
    public void Gives_them_backward() =>
        Assert.Equal(["b", "a\u00e9", "a~", "ab", "a"], Keys(new RowQuery<Tally> { Backward = true }));

    [Fact]
    public void Gives_a_range_of_keys() =>
        Assert.Equal(["ab", "a~", "a\u00e9"], Keys(new RowQuery<Tally> { From = "ab", To = "b" }));

    [Fact]
    public void Gives_those_that_begin_alike()
    {
        Assert.Equal(["a", "ab", "a~", "a\u00e9"], Keys(new RowQuery<Tally> { Prefix = "a" }));
        Assert.Equal(["a~"], Keys(new RowQuery<Tally> { Prefix = "a~" }));
        Assert.Equal(["ab"], Keys(new RowQuery<Tally> { Prefix = "a", From = "ab", To = "ac" }));
        Assert.Empty(Keys(new RowQuery<Tally> { Prefix = "c" }));
    }

    [Fact]
    public void Gives_the_one_of_a_key() => Assert.Equal(["a"], Keys(new RowQuery<Tally> { Value = "a" }));

    [Fact]
    public void Gives_them_in_the_order_of_an_index()
    {
        Assert.Equal(["a\u00e9", "b", "a", "a~", "ab"], Keys(new RowQuery<Tally> { Index = "sum" }));
        Assert.Equal(["a", "a~"], Keys(new RowQuery<Tally> { Index = "sum", Value = "000020" }));
        Assert.Equal(["b", "a", "a~"], Keys(new RowQuery<Tally> { Index = "sum", From = "000010", To = "000030" }));
        Assert.Equal(["a\u00e9"], Keys(new RowQuery<Tally> { Index = "sum", Prefix = "00000" }));
    }

    [Fact]
    public void Finds_the_one_that_has_a_unique_value()
    {
        Assert.Equal("a", _world.Do(() => Reader.Find("label", "first", Latest)).OrThrow()!.Key);
        Assert.Null(_world.Do(() => Reader.Find("label", "second", Latest)).OrThrow());
        Assert.Null(_world.Do(() => Reader.Find("label", "firs", Latest)).OrThrow());
    }

    [Fact]
    public void Gives_rows_of_one_tenant_only() =>
        Assert.Equal(99, Assert.Single(Page(new RowQuery<Tally> { Tenant = "elsewhere" }).Rows).State.Sum);

    [Theory]
    [InlineData(null, false)]
    [InlineData(null, true)]
    [InlineData("sum", false)]
    [InlineData("sum", true)]
    public void Gives_the_same_rows_page_by_page(string? index, bool backward)
    {
        var query = new RowQuery<Tally> { Index = index, Backward = backward };
        var whole = Keys(query);
        for (var limit = 1; limit <= 6; limit++)
        {
            var rows = new List<string>();
            string? next = null;
            do
            {
                var page = Page(query with { Limit = limit, Continue = next });
                Assert.True(page.Rows.Length <= limit);
                rows.AddRange(page.Rows.Select(row => row.Key));
                next = page.Next;
            }
            while (next is not null);
            Assert.Equal(whole, rows);
        }
    }

    [Fact]
    public void Gives_only_those_of_which_something_is_true_page_by_page()
    {
        var query = new RowQuery<Tally> { Where = tally => tally.Sum >= 20, Limit = 2 };
        var first = Page(query);
        var second = Page(query with { Continue = first.Next });

        Assert.Equal(["a", "ab"], first.Rows.Select(row => row.Key));
        Assert.Equal(["a~"], second.Rows.Select(row => row.Key));
        Assert.Null(second.Next);
    }

    [Fact]
    public void Knows_no_row_under_what_cannot_be_a_key()
    {
        Assert.Null(_world.Do(() => Reader.Get("")).OrThrow());
        Assert.Null(_world.Do(() => Reader.Get(new string('x', 600))).OrThrow());
        Assert.Null(_world.Do(() => Reader.Get("line\nbreak")).OrThrow());
    }

    [Fact]
    public void Refuses_a_query_without_room_for_a_row_and_one_that_continues_another()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Page(new RowQuery<Tally> { Limit = 0 }));
        Assert.Throws<ArgumentException>(() => Page(new RowQuery<Tally> { Continue = "nonsense" }));
    }

    [Fact]
    public void Refuses_a_projection_that_is_not_kept() =>
        Assert.Throws<ArgumentException>(() => _world.Projections.Of(Tally.Projection(version: 7)));

    private ProjectionReader<Tally> Reader => _world.Projections.Of(_tallies);

    private RowPage<Tally> Page(RowQuery<Tally> query) => _world.Do(() => Reader.Read(query, Latest)).OrThrow();

    private ImmutableArray<string> Keys(RowQuery<Tally> query) => [.. Page(query).Rows.Select(row => row.Key)];
}
