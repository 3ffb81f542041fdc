using System.Collections.Immutable;
using Ledgerfold.Http;
using Ledgerfold.Http.Idempotency;
using Ledgerfold.Http.Permitting;
using Ledgerfold.Http.Problems;
using Ledgerfold.Model.Commanding;
using Ledgerfold.Model.Querying;
using Marketplace.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Marketplace.Stock;

/// <summary>Stock over HTTP: what comes in, what vendors count, and how much there is.</summary>
internal static class StockEndpoints
{
    private const int VendorsMax = 1_000;

    public static void Map(IEndpointRouteBuilder routes)
    {
        var category = Inventory.Decider.Category;
        var stock = routes.MapGroup("/stock").WithTags("marketplace: stock");
        stock.MapPost("/receipts", Receive).Idempotent().Needs(Right.Append, category);
        stock.MapPost("/feeds", Feed).Idempotent().Needs(Right.Append, category);
        stock.MapGet("/{sku}", Show).Shows(category);
    }

    private static async Task<IResult> Receive(HttpContext context, Commands commands, ReceiptBody body)
    {
        var command = new ReceiveStock(body.Sku!, body.VendorId!, body.Location!, body.Quantity);
        var accepted = await context.Send(commands, command);
        return Created(new StockChangeJson(command.Sku, command.VendorId, command.Location, $"{accepted.Token}")
        {
            Quantity = command.Quantity,
        });
    }

    private static async Task<IResult> Feed(HttpContext context, Commands commands, FeedBody body)
    {
        if (body.OnHand is not { } onHand)
            return Refusal.Of("/onHand", $"0 to {Input.StockMax}"); // left out is not none
        var command = new ApplyStockFeed(body.Sku!, body.VendorId!, body.Location!, body.Sequence, onHand);
        var accepted = await context.Send(commands, command);
        return Created(new StockChangeJson(command.Sku, command.VendorId, command.Location, $"{accepted.Token}")
        {
            Sequence = command.Sequence,
            OnHand = command.OnHand,
        });
    }

    private static IResult Created(StockChangeJson change) => Results.Created($"{Replies.Root}/stock/{change.Sku}", change);

    private static async Task<IResult> Show(HttpContext context, Projections projections, string sku, CancellationToken cancel)
    {
        var asked = new RowQuery<ArticleStock> { Tenant = context.Tenant(), Index = "sku", Value = sku, Limit = VendorsMax };
        var rows = projections.Of(ArticleStock.Projection);
        var page = Input.Id("sku", sku) is null
            ? (await Replies.Latest(consistency => rows.Read(asked, consistency, cancel))).Rows
            : [];
        return page.IsEmpty
            ? new Refusal(PlatformProblems.NotFound.Code, "Nothing is known of any stock of this SKU.")
            : Results.Ok(StockJson.Of(sku, [.. page.Select(static row => row.State)]));
    }
}

/// <summary>Goods that came in.</summary>
internal sealed record ReceiptBody(string? Sku, string? VendorId, string? Location, int Quantity);

/// <summary>What a vendor counted.</summary>
internal sealed record FeedBody(string? Sku, string? VendorId, string? Location, long Sequence, int? OnHand);

/// <summary>What was taken note of, and the position from which on it shows.</summary>
internal sealed record StockChangeJson(string Sku, string VendorId, string Location, string Position)
{
    public int? Quantity { get; init; }

    public long? Sequence { get; init; }

    public int? OnHand { get; init; }
}

/// <summary>How much there is of a SKU, over all vendors.</summary>
internal sealed record StockJson(
    string Sku, long OnHand, long Reserved, long Committed, long Available, IEnumerable<VendorStockJson> Vendors)
{
    public static StockJson Of(string sku, ImmutableArray<ArticleStock> all) => new(
        sku,
        all.Sum(static one => one.OnHand),
        all.Sum(static one => one.Reserved),
        all.Sum(static one => one.Committed),
        all.Sum(static one => one.Available),
        all.OrderBy(static one => one.VendorId, StringComparer.Ordinal).Select(static one => new VendorStockJson(
            one.VendorId,
            one.OnHand,
            one.Reserved,
            one.Committed,
            one.Available,
            one.Locations.Select(static at => new LocationJson(at.Key, at.Value.OnHand, at.Value.Sequence)))));
}

/// <summary>How much of it one vendor has.</summary>
internal sealed record VendorStockJson(
    string VendorId, long OnHand, long Reserved, long Committed, long Available, IEnumerable<LocationJson> Locations);

/// <summary>How much is at a place, and the last sequence of its feed.</summary>
internal sealed record LocationJson(string Location, long OnHand, long Sequence);
