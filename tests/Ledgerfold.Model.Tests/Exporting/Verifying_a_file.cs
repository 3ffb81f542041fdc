using System.Text;
using Ledgerfold.Testing;
using static Ledgerfold.Model.Tests.Exporting.Files;

namespace Ledgerfold.Model.Tests.Exporting;

public sealed class Verifying_a_file
{
    [Fact]
    public async Task Tells_what_is_missing_and_what_is_different()
    {
        await using var ledger = new InMemoryLedger();
        await ledger.Import($"{Plain("1", more: ",\"data\":1")}\n{Plain("2", more: ",\"actor\":\"ann\"")}\n{Plain("3")}\n{Plain("4", "order-2")}");

        var compared = await ledger.Verify(Encoding.UTF8.GetBytes(
            $"{Plain("1", more: ",\"data\":2")}\n{Plain("2", more: ",\"actor\":\"bob\"")}\n{Plain("3")}\n{Plain("4", "order-3")}\n{Plain("5")}"));

        Assert.False(compared.IsSame);
        Assert.Equal((5, 1, 1, 3), (compared.Events, compared.Same, compared.Missing, compared.Different));
        Assert.Equal([(1, "data"), (2, "actor"), (4, "stream"), (5, "missing")], compared.Differences.Select(one => (one.Line, one.What)));
    }

    [Fact]
    public async Task Tells_the_first_differences_and_counts_all()
    {
        await using var ledger = new InMemoryLedger();

        var compared = await ledger.Verify(Encoding.UTF8.GetBytes(string.Join('\n', Enumerable.Range(1, 50).Select(n => Plain($"{n}")))));

        Assert.Equal((50, 20), (compared.Missing, compared.Differences.Length));
    }

    [Fact]
    public async Task Changes_nothing()
    {
        await using var ledger = new InMemoryLedger();

        await ledger.Verify(await (await RandomHistory.Of(1, 5)).Export());

        Assert.Equal(0, (await ledger.ReadRange(TestContext.Current.CancellationToken)).Head);
    }
}
