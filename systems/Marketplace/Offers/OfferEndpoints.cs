using Ledgerfold.Http;
using Ledgerfold.Http.Idempotency;
using Ledgerfold.Http.Paging;
using Ledgerfold.Http.Permitting;
using Ledgerfold.Http.Problems;
using Ledgerfold.Model.Commanding;
using Ledgerfold.Model.Querying;
using Marketplace.Amounts;
using Marketplace.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Marketplace.Offers;

/// <summary>Offers over HTTP: they are published and looked for.</summary>
internal static class OfferEndpoints
{
    private const int QueryLengthMax = 200;

    public static void Map(IEndpointRouteBuilder routes)
    {
        var offers = routes.MapGroup("/offers").WithTags("marketplace: offers");
        offers.MapPost("/", Publish).Idempotent().Needs(Right.Append, Offer.Decider.Category);
        offers.MapGet("/", Search).Shows(Offer.Decider.Category);
    }

    private static async Task<IResult> Publish(HttpContext context, Commands commands, OfferBody body)
    {
        await context.Send(commands, new PublishOffer(body.Sku!, body.VendorId!, body.Title!, body.UnitPrice));
        return Results.Created(
            $"{Replies.Root}/offers?query={Uri.EscapeDataString(body.Sku!)}",
            new OfferView(body.Sku!, body.VendorId!, body.Title!, body.UnitPrice));
    }

    private static async Task<IResult> Search(
        HttpContext context, Projections projections, string? query, string? after, int? limit, CancellationToken cancel)
    {
        if (query?.Length > QueryLengthMax)
            return Refusal.Of("query", $"at most {QueryLengthMax} characters");
        var words = OfferView.WordsOf(query ?? "");
        if (query is not null && words.IsEmpty)
            return Refusal.Of("query", "words of letters and digits");
        var asked = new RowQuery<OfferView> { Tenant = context.Tenant(), Limit = PageLimit.Of(limit), Continue = after };
        if (!words.IsEmpty)
            asked = asked with { Index = "word", Value = words[0], Where = offer => offer.Has(words) };
        var page = await Replies.Page(projections.Of(OfferView.Projection), asked, cancel);
        return Results.Ok(new PageJson<OfferView>([.. page.Rows.Select(static row => row.State)], page.Next));
    }
}

/// <summary>An offer to be published.</summary>
internal sealed record OfferBody(string? Sku, string? VendorId, string? Title, Money UnitPrice);
