using Ledgerfold.Model.Deciding;
using Ledgerfold.Testing;
using Marketplace.Stock;

namespace Marketplace.Tests.Stock;

public sealed class Whatever_happens_to_stock
{
    private const int Commands = 60;

    [Fact]
    public void Its_figures_are_those_of_a_plain_count()
    {
        for (ulong seed = 1; seed <= 200; seed++)
        {
            var random = new SeededRandom(seed);
            var (naive, state, history, at) = (new NaiveStock(), StockState.Empty, new List<object>(), StockCase.Noon);
            for (var step = 0; step < Commands; step++)
            {
                at = at.AddSeconds(random.Below(20));
                var command = Draw(random);
                var decision = Inventory.Module.Decide(command, history, at: at);
                var facts = decision switch
                {
                    Decision.Rejection rejection => rejection.Facts,
                    Decision.Events events => events.Facts,
                    _ => throw new InvalidOperationException(),
                };
                history.AddRange(facts);
                state = facts.Aggregate(state, Inventory.Apply);
                var place = $"seed {seed}, step {step}, {command}";

                Assert.True(naive.Do(command, at) == Spoken(decision), $"{place}: {Spoken(decision)}");
                Assert.True((naive.OnHand, naive.Reserved, naive.Committed) == (state.OnHand, state.Reserved, state.Committed), $"{place}: {state}");
                Assert.True(state is { OnHand: >= 0, Reserved: >= 0, Committed: >= 0, Available: >= 0 }, $"{place}: {state}");
                Assert.True(state.Available == Math.Max(0, state.OnHand - state.Reserved - state.Committed), $"{place}: {state}");
                Assert.True(naive.Locations.All(one => state.Locations[one.Key].OnHand == one.Value), $"{place}: {state}");
                Assert.Equal(state.Open.Count, state.ByExpiry.Count);
            }

            CheckEnds(history, state, seed);
        }
    }

    /// <summary>Each reservation ends at most once, with as much as was set aside, and what has no end is what is open.</summary>
    private static void CheckEnds(List<object> history, StockState state, ulong seed)
    {
        var reserved = history.OfType<Inventory.StockReserved>().ToDictionary(static one => one.ReservationId, static one => one.Quantity);
        var ends = history.Select(static fact => fact switch
        {
            Inventory.ReservationCommitted end => (end.ReservationId, end.Quantity),
            Inventory.ReservationReleased end => (end.ReservationId, end.Quantity),
            Inventory.ReservationExpired end => (end.ReservationId, end.Quantity),
            _ => default,
        }).Where(static end => end != default).ToList();

        Assert.True(ends.Select(static end => end.ReservationId).Distinct().Count() == ends.Count, $"seed {seed}: a reservation ended twice");
        Assert.All(ends, end => Assert.Equal(reserved[end.ReservationId], end.Quantity));
        Assert.Equal(reserved.Keys.Except(ends.Select(static end => end.ReservationId)).Order(), state.Open.Keys.Order());
    }

    private static IStockCommand Draw(SeededRandom random)
    {
        var id = $"r{random.Below(25)}";
        var location = random.Pick(["berlin", "paris", "tokyo"]);
        return random.Below(16) switch
        {
            0 => new ReceiveStock("tea", "V1", location, random.Between(1, 9)),
            1 => new AdjustStock("tea", "V1", location, random.Coin() ? random.Between(1, 4) : -random.Between(1, 4), "count"),
            2 => new ApplyStockFeed("tea", "V1", location, random.Between(1, 30), random.Below(8)),
            3 or 4 or 5 or 6 or 7 => StockCase.Reserve(id, random.Between(1, 4), random.Between(1, 120)),
            8 => StockCase.Extend(id, random.Between(1, 60)),
            9 or 10 => StockCase.Commit(id),
            11 or 12 => StockCase.Release(id),
            13 or 14 => StockCase.Expire(id),
            _ => new FreeCommitted("tea", "V1", id, random.Between(1, 4)),
        };
    }

    private static string Spoken(Decision decision) => decision switch
    {
        Decision.Rejection rejection => rejection.Code,
        Decision.Events events => string.Join(' ', events.Facts.Select(static fact => fact is Inventory.OversellDetected oversell
            ? $"OversellDetected {oversell.Shortfall}"
            : fact.GetType().Name)),
        _ => throw new InvalidOperationException(),
    };
}
