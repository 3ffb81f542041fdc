using FsCheck;
using FsCheck.Fluent;
using Ledgerfold.Storage.Index;

namespace Ledgerfold.Storage.Tests.Index;

public class Keeping_rows_by_key
{
    [Fact]
    public void Finds_each_and_gives_all_in_the_order_of_their_keys()
    {
        // Few different leading bits are the worst case: everything lands in one cluster, at the very end of the table too.
        var high = Gen.OneOf(
            ArbMap.Default.GeneratorFor<ulong>(), Gen.Elements(0UL, 1UL << 32, ulong.MaxValue, ulong.MaxValue - 1, 0x8000_0000_0000_0000));
        var key = from h in high from l in Gen.Choose(0, 3) select new IndexKey(h, (ulong)l);
        Prop.ForAll(key.ArrayOf().ToArbitrary(), keys =>
        {
            var distinct = keys.Distinct().ToArray();
            var table = new KeyTable<IndexKey>();
            for (var i = 0; i < distinct.Length; i++)
            {
                Assert.Equal(-1, table.Find(distinct[i]));
                Assert.Equal(i, table.Add(distinct[i]));
            }

            for (var i = 0; i < distinct.Length; i++)
                Assert.Equal(i, table.Find(distinct[i]));
            var sorted = new List<IndexKey>();
            for (var rows = new SortedRows<IndexKey>(table); rows.MoveNext();)
                sorted.Add(distinct[rows.Row]);
            Assert.Equal(distinct.Order(), sorted);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300).WithEndSize(400));
    }

    [Fact]
    public void Keeps_growing_lists_apart()
    {
        Prop.ForAll(Gen.Choose(0, 12).ArrayOf().ToArbitrary(), appends =>
        {
            var arena = new PostingArena();
            var handles = Enumerable.Range(0, 13).Select(_ => arena.Allocate()).ToArray();
            var lists = handles.Select(_ => new List<uint>()).ToArray();
            foreach (var list in appends)
            {
                for (var i = 0; i < 1 << list; i++)
                {
                    arena.Add(ref handles[list], lists[list].Count, (uint)(i * 31));
                    lists[list].Add((uint)(i * 31));
                }
            }

            for (var list = 0; list < lists.Length; list++)
                Assert.Equal(lists[list], arena.List(handles[list], lists[list].Count).ToArray());
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(60).WithEndSize(80));
    }

    [Fact]
    public void Keeps_a_list_that_is_longer_than_a_chunk()
    {
        var arena = new PostingArena();
        var (one, other) = (arena.Allocate(), arena.Allocate());
        for (var i = 0; i < 300_000; i++)
        {
            arena.Add(ref one, i, (uint)i);
            arena.Add(ref other, i, (uint)(i * 2));
        }

        Assert.True(arena.List(one, 300_000).ToArray().SequenceEqual(Enumerable.Range(0, 300_000).Select(i => (uint)i)));
        Assert.True(arena.List(other, 300_000).ToArray().SequenceEqual(Enumerable.Range(0, 300_000).Select(i => (uint)(i * 2))));
    }
}
