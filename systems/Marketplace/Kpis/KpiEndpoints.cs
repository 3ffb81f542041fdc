using System.Globalization;
using Ledgerfold.Http;
using Ledgerfold.Http.Problems;
using Ledgerfold.Model.Querying;
using Marketplace.Fraud;
using Marketplace.Http;
using Marketplace.Orders;
using Marketplace.Payments;
using Marketplace.Stock;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Marketplace.Kpis;

/// <summary>KPIs over HTTP, for any time of whole minutes.</summary>
internal static class KpiEndpoints
{
    // so many tallies of days are one page of rows
    private const int DaysMax = 900;
    private const int DaysDefault = 366;

    private const string Rule = "an ISO 8601 time such as 2026-01-31T12:00Z";

    private static readonly string[] Formats =
        ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    public static void Map(IEndpointRouteBuilder routes)
    {
        var kpis = routes.MapGet("/kpis", Show).WithTags("marketplace: kpis");
        foreach (var category in (string[])
            [Order.Decider.Category, Inventory.Decider.Category, FraudCheck.Decider.Category, Payment.Decider.Category])
            kpis.Shows(category);
    }

    private static async Task<IResult> Show(
        HttpContext context, Projections projections, TimeProvider clock, string? from, string? to, CancellationToken cancel)
    {
        var minute = TimeSpan.FromMinutes(1);
        var end = TallySpan.Up(TimeOf("to", to) ?? clock.GetUtcNow().Add(minute), minute);
        var begin = TallySpan.Down(TimeOf("from", from) ?? end.AddDays(-DaysDefault), minute);
        if (end < begin)
            return Refusal.Of("to", "not before from");
        if (end - begin > TimeSpan.FromDays(DaysMax))
            return Refusal.Of("from", $"at most {DaysMax} days before to");
        var rows = projections.Of(Tally.Projection);
        var sum = Tally.None;
        foreach (var span in TallySpan.Cover(begin, end))
        {
            var query = new RowQuery<Tally> { Tenant = context.Tenant(), From = span.From, To = span.To, Limit = Limits.FoldPageRowsMax };
            var page = await Replies.Page(rows, query, cancel);
            sum = page.Rows.Aggregate(sum, static (all, row) => all.Plus(row.State));
        }

        return Results.Ok(KpiJson.Of(begin, end, sum));
    }

    private static DateTimeOffset? TimeOf(string parameter, string? text)
    {
        if (text is null)
            return null;
        var invariant = CultureInfo.InvariantCulture;
        var isTime = DateTimeOffset.TryParseExact(text, Formats, invariant, DateTimeStyles.AssumeUniversal, out var time);
        return isTime && time.Year is >= 1900 and < 9000 ? time : throw new RefusedException(Refusal.Of(parameter, Rule));
    }
}
