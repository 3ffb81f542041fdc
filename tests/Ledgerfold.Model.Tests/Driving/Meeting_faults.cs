using Ledgerfold.Model.Processing;
using Ledgerfold.Testing;

namespace Ledgerfold.Model.Tests.Driving;

public sealed class Meeting_faults
{
    /// <summary>Every append, read and look-up on the way of an order, met by each kind of fault in turn.</summary>
    public static TheoryData<LedgerCall, string, int> Everywhere
    {
        get
        {
            var all = new TheoryData<LedgerCall, string, int>();
            foreach (var (call, kinds) in new (LedgerCall, string[])[]
            {
                (LedgerCall.Append, ["throws", "lost", "happened", "read-only", "overloaded"]),
                (LedgerCall.Read, ["throws"]),
                (LedgerCall.LookUp, ["throws"]),
            })
            {
                foreach (var kind in kinds)
                {
                    foreach (var times in new[] { 1, 3, 7 })
                        all.Add(call, kind, times);
                }
            }

            return all;
        }
    }

    [Theory]
    [MemberData(nameof(Everywhere))]
    public void Comes_to_the_same_end_whatever_the_ledger_does_meanwhile(LedgerCall call, string kind, int times)
    {
        var remote = new Remote();
        var world = ProcessWorld.Selling(remote);
        world.Append("orders-all", [.. Enumerable.Range(0, 10).Select(static n => (object)new Checkout.OrderPlaced($"{n}", "tea", 1, 10))]);

        for (var n = 10; n < 30; n++)
        {
            Break(world.Faulty, call, kind, times);
            world.Append($"order-{n}", new Checkout.OrderPlaced($"{n}", "tea", 1, 10));
            world.Pass(TimeSpan.FromSeconds(2));
        }

        world.Pass(TimeSpan.FromHours(3)); // the pauses grow to half a minute

        Assert.Equal(0, world.Faulty.Waiting);
        Assert.All(Enumerable.Range(0, 30), n => Assert.Equal(ProcessPhase.Completed, world.Find($"{n}")!.Phase));
        Assert.Equal(30, remote.Effects.Count);
        Assert.Equal(30, world.TypesIn("stock-tea").Count(static type => type == "Reserved"));
        Assert.All(Enumerable.Range(0, 30), n => Assert.Equal(1, world.TypesIn($"order-{n}").Count(static type => type == "OrderConfirmed")));
    }

    [Fact]
    public void Comes_to_its_end_though_the_rows_cannot_be_read_or_written_for_a_while()
    {
        var remote = new Remote().Will(Behaviour.Fails, Behaviour.Fails);
        var world = ProcessWorld.Selling(remote);
        world.FaultyRows.FailRead(new IOException("the disk hangs"));
        world.FaultyRows.FailWrite(new IOException("the disk hangs"));
        world.FaultyRows.Answer(new FoldOutcome.ReadOnly("full"), times: 3);

        world.Send(new PlaceOrder("1", "tea", 2, 700));
        world.Pass(TimeSpan.FromMinutes(30));

        Assert.Equal(ProcessPhase.Completed, world.Find("1")!.Phase);
        Assert.Single(remote.Effects);
    }

    private static void Break(FaultyLedger ledger, LedgerCall call, string kind, int times)
    {
        switch (kind)
        {
            case "throws":
                ledger.Fail(call, new IOException("the disk hangs"), times);
                break;
            case "lost":
                ledger.LoseAnswer(happened: false, times);
                break;
            case "happened":
                ledger.LoseAnswer(happened: true, times);
                break;
            case "read-only":
                ledger.Answer(new AppendOutcome.ReadOnly("full"), times);
                break;
            default:
                ledger.Answer(new AppendOutcome.Overloaded("too much"), times);
                break;
        }
    }
}
