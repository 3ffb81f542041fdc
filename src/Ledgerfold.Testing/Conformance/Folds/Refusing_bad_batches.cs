using Xunit;

namespace Ledgerfold.Testing.Conformance.Folds;

public abstract class Refusing_bad_batches(FoldBackend backend) : FoldConformance(backend)
{
    private static readonly FoldBatch Good = Batch(0, 1, Row("a", "1", new FoldIndexEntry("i", "v")));
    private static readonly string Long = new('x', 513);

    private static readonly Dictionary<string, (string Field, FoldBatch Batch)> Cases = new(StringComparer.Ordinal)
    {
        ["a fold without a name"] = ("fold.name", Good with { Fold = new FoldName("") }),
        ["a fold with a blank"] = ("fold.name", Good with { Fold = new FoldName("a b") }),
        ["a fold that begins with a digit"] = ("fold.name", Good with { Fold = new FoldName("1a") }),
        ["a fold with a long name"] = ("fold.name", Good with { Fold = new FoldName(Long) }),
        ["version 0"] = ("fold.version", Good with { Fold = new FoldName("a", 0) }),
        ["a negative expectation"] = ("expected", Good with { Expected = -1 }),
        ["a position below the expected"] = ("position", Good with { Expected = 5, Position = 4 }),
        ["rows at position 0"] = ("position", Good with { Position = 0 }),
        ["an empty key"] = ("rows[0].key", Good with { Rows = [Row("")] }),
        ["a long key"] = ("rows[0].key", Good with { Rows = [Row(Long)] }),
        ["a key of 513 bytes"] = ("rows[0].key", Good with { Rows = [Row(new string('ä', 256) + "x")] }),
        ["a control character in a key"] = ("rows[1].key", Good with { Rows = [Row("a"), Row("b\0")] }),
        ["half a character in a key"] = ("rows[0].key", Good with { Rows = [Row("\ud800")] }),
        ["an empty tenant"] = ("rows[0].tenant", Good with { Rows = [Row("a") with { Tenant = "" }] }),
        ["a null row"] = ("rows[0]", Good with { Rows = [null!] }),
        ["a key twice"] = ("rows[1].key", Good with { Rows = [Row("a"), Row("a")] }),
        ["a key written and removed"] = ("removed[0].key", Good with { Removed = [new(Tenants.Default, "a")] }),
        ["a key removed twice"] = ("removed[1].key", Good with { Removed = [new("t", "x"), new("t", "x")] }),
        ["an empty key removed"] = ("removed[0].key", Good with { Removed = [new("t", "")] }),
        ["an empty tenant removed"] = ("removed[0].tenant", Good with { Removed = [new("", "x")] }),
        ["too much data"] = ("rows[0].data", Good with { Rows = [Row("a") with { Data = new byte[Limits.FoldRowBytesMax + 1] }] }),
        ["an index without a name"] = ("rows[0].indexes[0].index", Good with { Rows = [Row("a", "", new FoldIndexEntry("", "v"))] }),
        ["an index value that is empty"] = ("rows[0].indexes[0].value", Good with { Rows = [Row("a", "", new FoldIndexEntry("i", ""))] }),
        ["a value twice"] = ("rows[0].indexes[1]", Good with { Rows = [Row("a", "", new("i", "v"), new("i", "v", true))] }),
        ["33 index entries"] = ("rows[0].indexes", Good with
        {
            Rows = [Row("a", "", [.. Enumerable.Range(0, 33).Select(n => new FoldIndexEntry("i", $"{n}"))])],
        }),
        ["too many bytes"] = ("rows", Good with
        {
            Rows = [.. Enumerable.Range(0, 64).Select(n => Row($"k{n}") with { Data = new byte[Limits.FoldRowBytesMax] })],
        }),
        ["too many rows"] = ("rows", Good with
        {
            Removed = [.. Enumerable.Range(0, Limits.FoldBatchRowsMax).Select(n => new FoldKey("t", $"{n}"))],
        }),
    };

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Refuses(string what)
    {
        var (field, batch) = Cases[what];

        Assert.Equal(field, Assert.IsType<FoldOutcome.Refused>(await Store.Write(batch)).Field);
        Assert.Empty(await Store.List());
    }

    [Fact]
    public async Task Takes_what_is_just_within_the_limits()
    {
        await Written(Good);
        await Written(Good with
        {
            Expected = 1,
            Rows = [Row("b", "", [.. Enumerable.Range(0, Limits.FoldIndexEntriesMax).Select(n => new FoldIndexEntry("i", $"{n}"))])],
        });
        var removed = Enumerable.Range(0, 1000).Select(n => new FoldKey("t", $"{n}"));
        await Written(Good with { Expected = 1, Rows = [], Removed = [.. removed] });
    }

    [Fact]
    public async Task A_missing_list_is_an_empty_one()
    {
        await Written(Good with { Rows = [Row("a") with { Indexes = default }], Removed = default });
        await Written(Good with { Expected = 1, Rows = default });

        Assert.Empty((await Store.Get(Orders, Tenants.Default, "a"))!.Indexes);
    }

    [Fact]
    public async Task Reads_that_break_a_rule_are_refused()
    {
        var good = new FoldRead { Fold = Orders };
        FoldRead[] bad =
        [
            good with { Fold = new FoldName("") }, good with { Tenant = "" }, good with { Index = "" }, good with { From = "" },
            good with { To = "\0" }, good with { Limit = 0 }, good with { Limit = Limits.FoldPageRowsMax + 1 },
        ];
        foreach (var one in bad)
            await Assert.ThrowsAsync<ArgumentException>(() => Store.Read(one).AsTask());
        Assert.IsType<FoldOutcome.Refused>(await Store.Drop(new FoldName("a b")));
        Assert.Null(await Store.Get(Orders, "", ""));
        Assert.Null(await Store.Get(Orders, Long, Long));
    }
}
