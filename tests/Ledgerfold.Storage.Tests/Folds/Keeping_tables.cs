using System.Text;
using Ledgerfold.Storage.Folds;
using Ledgerfold.Testing;

namespace Ledgerfold.Storage.Tests.Folds;

/// <summary>Tables and memory tables against a sorted dictionary, at sizes that fill many pages and stretches.</summary>
public sealed class Keeping_tables
{
    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 2)]
    [InlineData(500, 3)]
    [InlineData(9000, 4)]
    public void A_table_gives_back_what_was_put_in(int entries, ulong seed)
    {
        var expected = Entries(entries, new SeededRandom(seed));
        var disk = new MemoryDisk();
        var storeId = new Guid(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
        using (var writer = new TableWriter(disk, 42, storeId))
        {
            foreach (var (key, value) in expected)
                writer.Add(Encoding.UTF8.GetBytes(key), value ?? [], value is null);
            writer.Finish();
        }

        using var table = FoldTable.Open(disk, 42, storeId, new PageBudget(3));
        Assert.Equal(entries, table.Entries);
        var page = new byte[4096];
        foreach (var (key, value) in expected)
        {
            var bytes = Encoding.UTF8.GetBytes(key);
            Assert.True(table.TryFind(bytes, TableFormat.HashOf(bytes), page, out var found), key);
            Assert.Equal(value is null, found.IsRemoval);
            Assert.True(found.Value.SequenceEqual(value), key);
            byte[] other = [.. bytes, 1];
            Assert.False(table.TryFind(other, TableFormat.HashOf(other), page, out _));
        }

        Walks(table.Open, expected, new SeededRandom(seed + 1));
        Assert.Throws<FoldsDamagedException>(() => FoldTable.Open(disk, 42, Guid.Empty, new PageBudget(3)));
        Assert.Throws<FoldsDamagedException>(() => FoldTable.Open(disk, 43, storeId, new PageBudget(3)));
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(3000, 3)]
    public void A_memory_table_shows_every_moment_as_it_was(int entries, ulong seed)
    {
        var random = new SeededRandom(seed);
        var table = new MemTable(1 << 20);
        var moments = new List<SortedDictionary<string, byte[]?>> { new(StringComparer.Ordinal) };
        for (var sequence = 1; sequence <= 20; sequence++)
        {
            var now = new SortedDictionary<string, byte[]?>(moments[^1], StringComparer.Ordinal);
            foreach (var (key, value) in Entries(entries / 20 + 1, random))
            {
                now[key] = value;
                table.Add(Encoding.UTF8.GetBytes(key), value ?? [], value is null, sequence);
            }

            moments.Add(now);
        }

        foreach (var (sequence, expected) in moments.Index())
            Walks(backward => table.Open(sequence, backward), expected, random);
    }

    [Fact]
    public void A_page_is_not_taken_for_that_of_another_table()
    {
        var disk = new MemoryDisk();
        foreach (var nonce in (ulong[])[1, 2])
        {
            using var writer = new TableWriter(disk, nonce, Guid.Empty);
            writer.Add("key"u8, "value"u8, isRemoval: false);
            writer.Finish();
        }

        disk.Rename(TableFormat.NameOf(2), TableFormat.NameOf(1));

        Assert.Throws<FoldsDamagedException>(() => FoldTable.Open(disk, 1, Guid.Empty, new PageBudget(3)));
    }

    [Fact]
    public void A_table_knows_which_index_values_it_holds()
    {
        const int values = 3000;
        var disk = new MemoryDisk();
        using (var writer = new TableWriter(disk, 1, Guid.Empty))
        {
            for (var n = 0; n < values; n++)
            {
                foreach (var row in n % 7 == 0 ? (string[])["a", "b", "c"] : ["a"])
                    writer.Add(FoldKeys.OfIndex(1, "default", new FoldIndexEntry("mail", $"m{2 * n:D6}"), row), [1], isRemoval: false);
            }

            writer.Finish();
        }

        using var table = FoldTable.Open(disk, 1, Guid.Empty, new PageBudget(3));
        var page = new byte[4096];
        var wrong = 0;
        for (var n = 0; n < values; n++)
        {
            Assert.True(Holds($"m{2 * n:D6}"), $"m{2 * n:D6}");
            wrong += Holds($"m{(2 * n) + 1:D6}") ? 1 : 0;
        }

        Assert.True(table.Stretches > 3);
        Assert.True(wrong < values / 200, $"{wrong} of {values} values that are not there pass the filters");

        bool Holds(string value)
        {
            var start = new byte[FoldKeys.BytesMax];
            var length = FoldKeys.WriteValue(start, 1, "default", "mail", value);
            return table.MightHoldValue(start.AsSpan(0, length), TableFormat.HashOf(start.AsSpan(0, length)), page);
        }
    }

    private static void Walks(Func<bool, EntryCursor> open, SortedDictionary<string, byte[]?> expected, SeededRandom random)
    {
        string[] keys = [.. expected.Keys];
        foreach (var backward in (bool[])[false, true])
        {
            var cursor = open(backward);
            for (var n = 0; n < 12; n++)
            {
                var bound = n == 0 ? "" : keys.Length > 0 && random.Coin() ? random.Pick(keys) : $"k{random.Below(20_000):D5}";
                bound = backward && n == 0 ? "z" : bound;
                var rest = backward
                    ? keys.Where(key => string.CompareOrdinal(key, bound) < 0).Reverse()
                    : keys.Where(key => string.CompareOrdinal(key, bound) >= 0);
                var any = cursor.Seek(Encoding.UTF8.GetBytes(bound));
                foreach (var key in n == 0 ? rest : rest.Take(50))
                {
                    Assert.True(any, $"ends before {key}");
                    Assert.Equal(key, Encoding.UTF8.GetString(cursor.Key));
                    Assert.Equal(expected[key] is null, cursor.IsRemoval);
                    Assert.True(cursor.Value.SequenceEqual(expected[key]), key);
                    any = cursor.MoveNext();
                }

                if (n == 0)
                    Assert.False(any, "goes on behind the end");
            }
        }
    }

    private static SortedDictionary<string, byte[]?> Entries(int count, SeededRandom random)
    {
        var entries = new SortedDictionary<string, byte[]?>(StringComparer.Ordinal);
        while (entries.Count < count)
        {
            var key = $"k{random.Below(20_000):D5}" + (random.OneIn(30) ? new string('k', random.Below(600)) : "");
            var size = random.Below(40) switch { 0 => random.Between(1000, 20_000), < 4 => random.Between(900, 1100), _ => random.Below(80) };
            var value = new byte[size];
            random.Fill(value);
            entries[key] = random.OneIn(8) ? null : value;
        }

        return entries;
    }
}
