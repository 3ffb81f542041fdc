using Xunit;

namespace Ledgerfold.Testing.Conformance.Folds;

public abstract class Reading_rows(FoldBackend backend) : FoldConformance(backend)
{
    private static readonly FoldRead All = new() { Fold = Orders };

    [Fact]
    public async Task Keys_stand_in_the_order_of_their_bytes()
    {
        string[] keys = ["B", "a", "a b", "aa", "ab", "b", "ä", "中", "\uffee", "\U0001F600"];
        await Written(Batch(0, 1, [.. keys.Reverse().Select(key => Row(key))]));

        Assert.Equal(string.Join(' ', keys), await Keys());
        Assert.Equal(string.Join(' ', keys.Reverse()), await Keys(All with { Backward = true }));
    }

    [Theory]
    [InlineData("c", null, "c d e f")]
    [InlineData(null, "c", "a b")]
    [InlineData("b", "e", "b c d")]
    [InlineData("bb", "dd", "c d")]
    [InlineData("e", "b", "")]
    [InlineData("c", "c", "")]
    [InlineData("x", null, "")]
    public async Task From_is_within_and_to_is_without(string? from, string? to, string expected)
    {
        await Written(Batch(0, 1, [.. "abcdef".Select(key => Row($"{key}"))]));

        Assert.Equal(expected, await Keys(All with { From = from, To = to }));
        Assert.Equal(string.Join(' ', expected.Split(' ').Reverse()), await Keys(All with { From = from, To = to, Backward = true }));
    }

    [Theory]
    [InlineData(1, "a | b | c | d | e")]
    [InlineData(2, "a b | c d | e")]
    [InlineData(4, "a b c d | e")]
    [InlineData(5, "a b c d e")]
    [InlineData(1000, "a b c d e")]
    public async Task Pages_go_on_where_they_ended(int limit, string expected)
    {
        await Written(Batch(0, 1, [.. "abcde".Select(key => Row($"{key}"))]));

        Assert.Equal(expected, await Keys(All with { Limit = limit }));
    }

    [Theory]
    [InlineData(1, "e | d | c | b | a")]
    [InlineData(2, "e d | c b | a")]
    [InlineData(5, "e d c b a")]
    public async Task Pages_go_on_backward_too(int limit, string expected)
    {
        await Written(Batch(0, 1, [.. "abcde".Select(key => Row($"{key}"))]));

        Assert.Equal(expected, await Keys(All with { Limit = limit, Backward = true }));
    }

    [Fact]
    public async Task A_continuation_goes_on_over_what_changed_meanwhile()
    {
        await Written(Batch(0, 1, [.. "abcde".Select(key => Row($"{key}"))]));
        var page = await Store.Read(All with { Limit = 2 });
        await Written(Batch(1, 2, Row("bb"), Row("aa")) with { Removed = [new(Tenants.Default, "b"), new(Tenants.Default, "c")] });

        Assert.Equal("bb d e", await Keys(All with { Continue = page.Next }));
    }

    [Fact]
    public async Task A_continuation_belongs_to_its_request()
    {
        await Written(Batch(0, 1, [.. "abcde".Select(key => Row($"{key}"))]));
        var next = (await Store.Read(All with { Limit = 2 })).Next;

        FoldRead[] others =
        [
            All with { Fold = new FoldName("others") }, All with { Fold = Orders with { Version = 2 } }, All with { Tenant = "t" },
            All with { From = "a" }, All with { To = "z" }, All with { Backward = true }, All with { Index = "i" },
        ];
        foreach (var other in others)
            await Assert.ThrowsAsync<ArgumentException>(() => Store.Read(other with { Continue = next }).AsTask());
        await Assert.ThrowsAsync<ArgumentException>(() => Store.Read(All with { Continue = "nonsense!" }).AsTask());
        await Assert.ThrowsAsync<ArgumentException>(() => Store.Read(All with { Continue = "" }).AsTask());
    }

    [Fact]
    public async Task A_page_of_large_rows_ends_early()
    {
        var rows = Enumerable.Range(0, 20).Select(n => Row($"k{n:D2}") with { Data = new byte[Limits.FoldRowBytesMax] }).ToArray();
        await Written(Batch(0, 1, rows));

        var page = await Store.Read(All);
        Assert.Equal(8, page.Rows.Length);
        Assert.Equal(string.Join(' ', rows.Select(row => row.Key)), (await Keys()).Replace(" |", "", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_row_stands_under_each_of_its_values()
    {
        await Written(Batch(
            0,
            1,
            Row("a", "1", new("tag", "red"), new("tag", "blue"), new("size", "xl")),
            Row("b", "2", new FoldIndexEntry("tag", "red")),
            Row("c", "3")));

        Assert.Equal("a a b", await Keys(All with { Index = "tag" }));
        Assert.Equal("b a a", await Keys(All with { Index = "tag", Backward = true }));
        Assert.Equal("a b", await Keys(All with { Index = "tag", From = "red", To = "ree" }));
        Assert.Equal("a | a | b", await Keys(All with { Index = "tag", Limit = 1 }));
        Assert.Equal("b | a | a", await Keys(All with { Index = "tag", Limit = 1, Backward = true }));
        Assert.Equal("a", await Keys(All with { Index = "size" }));
        Assert.Equal("", await Keys(All with { Index = "si" }));
        var first = (await Store.Read(All with { Index = "size" })).Rows[0];
        Assert.Equal([new("tag", "red"), new("tag", "blue"), new("size", "xl")], first.Indexes);
    }

    [Fact]
    public async Task A_changed_row_leaves_its_old_values()
    {
        await Written(Batch(0, 1, Row("a", "", new("tag", "red"), new("tag", "blue")), Row("b", "", new FoldIndexEntry("tag", "red"))));
        await Written(Batch(1, 2, Row("a", "", new("tag", "blue"), new("tag", "green"))));
        Assert.Equal("a a b", await Keys(All with { Index = "tag" }));
        Assert.Equal("b", await Keys(All with { Index = "tag", From = "red" }));

        await Written(Batch(2, 3, Row("a")) with { Removed = [new(Tenants.Default, "b")] });
        Assert.Equal("", await Keys(All with { Index = "tag" }));
    }

    [Fact]
    public async Task Wide_ranges_are_whole_over_many_pages()
    {
        var keys = Enumerable.Range(0, 3000).Select(n => $"k{n:D5}").ToArray();
        for (var n = 0; n < keys.Length; n += 500)
        {
            var rows = keys[n..(n + 500)].Select((key, k) => Row(key, new string('x', 200), new FoldIndexEntry("mod", $"{k % 7}")));
            await Written(Batch(n, n + 500, [.. rows]));
        }

        Assert.Equal(string.Join(' ', keys), await Pageless(All with { Limit = 333 }));
        Assert.Equal(string.Join(' ', keys.Reverse()), await Pageless(All with { Limit = 333, Backward = true }));
        var three = keys.Where((_, n) => n % 500 % 7 == 3).ToArray();
        Assert.Equal(string.Join(' ', three), await Pageless(All with { Index = "mod", From = "3", To = "4", Limit = 100 }));
    }

    private async Task<string> Pageless(FoldRead request) => (await Keys(request)).Replace(" |", "", StringComparison.Ordinal);
}
