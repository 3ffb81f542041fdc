using System.Text;
using Ledgerfold.Testing.Disk;

namespace Ledgerfold.Storage.Tests.Folds;

/// <summary>
/// A page of a table is not what was written. The fold whose rows were there says so and takes no more until it is dropped; all others go on,
/// and once it is dropped the table is merged and the damage gone.
/// </summary>
public sealed class Losing_a_page_of_a_table
{
    private static readonly FoldName People = new("people");

    private readonly FoldsOnDisk _folds = new() { MemoryBytes = 16 * 1024 };
    private int _orders;
    private int _people;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Condemns_the_fold_it_belongs_to_and_no_other()
    {
        var (store, table) = await Damaged();
        await MergeUntilItIsMet(store);

        Assert.Null(store.Health.Trouble);
        var warning = Assert.Single(store.Health.Warnings);
        Assert.Contains($"entries of {FoldsOnDisk.Orders} cannot be read", warning);
        Assert.Contains(store.State.Version.Tables, one => one.Name == table);
        var refused = await Assert.ThrowsAsync<FoldsDamagedException>(() => store.WriteNow(Order(_orders + 1)));
        Assert.Contains("until it is dropped", refused.Message);
        Assert.Equal(_orders, await store.ReadPosition(FoldsOnDisk.Orders, Cancel));
        Assert.Equal(_people, (await store.Read(new FoldRead { Fold = People, Limit = 1000 }, Cancel)).Rows.Length);
    }

    [Fact]
    public async Task Is_over_when_the_fold_is_dropped_and_computed_again()
    {
        var (store, table) = await Damaged();
        await MergeUntilItIsMet(store);
        Assert.Equal(new FoldOutcome.Written(), await store.DropNow(FoldsOnDisk.Orders));
        for (var n = 1; n <= _orders; n++)
            await Settled(store, Order(n));

        Assert.DoesNotContain(store.State.Version.Tables, one => one.Name == table);
        Assert.DoesNotContain(table, _folds.Disk.Names());
        await HoldsEverything(store);
        _folds.Disk.Crash(CrashKind.Kill);
        await HoldsEverything(_folds.Open());
    }

    [Fact]
    public async Task Is_met_by_readers_of_that_page_alone()
    {
        var (store, _) = await Damaged();
        var (sound, lost) = (0, 0);
        for (var n = 1; n <= _orders; n++)
        {
            try
            {
                Assert.NotNull(await store.Get(FoldsOnDisk.Orders, Tenants.Default, Key(n), Cancel));
                sound++;
            }
            catch (FoldsDamagedException)
            {
                lost++;
            }
        }

        Assert.True(lost > 0 && sound > lost, $"{sound} rows are sound, {lost} are lost");
    }

    /// <summary>A page of fences leads to all pages of its stretch, a filter leads nowhere and is written anew by a merge.</summary>
    [Fact]
    public async Task Loses_nothing_unnoticed_whichever_page_it_is()
    {
        var (whole, table, length) = await Tables();
        for (var page = 0; page < (length / 4096) - 3; page++)
        {
            var folds = new FoldsOnDisk(whole.Disk.Fork(3)) { MemoryBytes = whole.MemoryBytes };
            folds.Disk.Corrupt.FlipBit(table, (page * 4096) + 100, 3);
            EmbeddedFoldStore store;
            try
            {
                store = folds.Open();
            }
            catch (FoldsDamagedException)
            {
                continue; // the catalogue stood there
            }

            var people = _people;
            while (people < _people + 30)
            {
                Assert.Equal(new FoldOutcome.Written(), await store.WriteNow(Person(++people)));
                while (store.StepUpkeep())
                {
                }

                if (store.Health.Warnings.Count > 0)
                    break;
            }

            if (store.Health.Warnings is [var warning])
            {
                Assert.Contains(table, warning);
                continue;
            }

            Assert.DoesNotContain(table, folds.Disk.Names());
            Assert.Equal(_orders, (await store.Read(new FoldRead { Fold = FoldsOnDisk.Orders, Limit = 1000 }, Cancel)).Rows.Length);
        }
    }

    private static string Key(int n) => $"order-{n:D4} {new string('o', 100)}";

    private static FoldBatch Order(int n) =>
        new() { Fold = FoldsOnDisk.Orders, Expected = n - 1, Position = n, Rows = [FoldsOnDisk.Row(Key(n), n)] };

    private static FoldBatch Person(int n) =>
        new() { Fold = People, Expected = n - 1, Position = n, Rows = [FoldsOnDisk.Row($"person-{n:D4} {new string('p', 400)}", n)] };

    private static async Task Settled(EmbeddedFoldStore store, FoldBatch batch)
    {
        Assert.Equal(new FoldOutcome.Written(), await store.WriteNow(batch));
        while (store.StepUpkeep())
        {
        }
    }

    private async Task HoldsEverything(EmbeddedFoldStore store)
    {
        Assert.Equal(_people, (await store.Read(new FoldRead { Fold = People, Limit = 1000 }, Cancel)).Rows.Length);
        Assert.Equal(_orders, (await store.Read(new FoldRead { Fold = FoldsOnDisk.Orders, Limit = 1000 }, Cancel)).Rows.Length);
    }

    private async Task MergeUntilItIsMet(EmbeddedFoldStore store)
    {
        while (store.Health.Warnings.Count == 0)
        {
            Assert.True(_people < 500, "the table is never merged");
            await Settled(store, Person(++_people));
        }
    }

    /// <summary>A store of which a page with rows of orders alone is damaged, and the table it is in.</summary>
    private async Task<(EmbeddedFoldStore Store, string Table)> Damaged()
    {
        var (_, table, _) = await Tables();
        var content = _folds.Disk.Content(table);
        var pages = Enumerable.Range(0, content.Length / 4096).Where(page =>
        {
            var text = Encoding.ASCII.GetString(content, page * 4096, 4096);
            return text.Contains("order-", StringComparison.Ordinal)
                && !text.Contains("orders", StringComparison.Ordinal)
                && !text.Contains("person-", StringComparison.Ordinal);
        });
        _folds.Disk.Corrupt.FlipBit(table, (pages.ElementAt(2) * 4096) + 100, 3);
        return (_folds.Open(), table);
    }

    /// <summary>A store with both folds in tables, killed, and its largest table.</summary>
    private async Task<(FoldsOnDisk Folds, string Table, int Length)> Tables()
    {
        var store = _folds.Open();
        for (var n = 1; n <= 160; n++)
        {
            await Settled(store, Order(++_orders));
            if (n % 4 == 0)
                await Settled(store, Person(++_people));
        }

        var table = store.State.Version.Tables.MaxBy(one => one.Bytes)!.Name;
        _folds.Disk.Crash(CrashKind.Kill);
        return (_folds, table, _folds.Disk.Content(table).Length);
    }
}
