using System.Collections.Immutable;
using Ledgerfold.Model.Querying;
using Marketplace.Orders;

namespace Marketplace.Stock;

/// <summary>
/// Looks at the kept sums of what is ordered. They lag behind by some milliseconds, so it says "sold out" only where they are sound and say
/// so, and then what came in during these milliseconds is all it can miss; where they say anything else, the reservation decides.
/// </summary>
internal sealed class StockGlance(Func<Projections> rows, TimeProvider clock)
{
    /// <summary>Whether one of the lines cannot be had.</summary>
    public async ValueTask<bool> IsSoldOut(string tenant, ImmutableArray<OrderedLine> lines)
    {
        var stock = rows().Of(ArticleStock.Projection);
        foreach (var line in lines)
        {
            var key = Inventory.Decider.StreamOf(Article.IdOf(line.VendorId, line.Sku));
            var answer = await stock.Get(key, Consistency.Eventual, tenant);
            if (answer is ReadAnswer<ArticleStock?>.Found { Freshness.IsStale: false, Value: { } found }
                && found.IsSoldOut(clock.GetUtcNow()))
                return true;
        }

        return false;
    }
}
