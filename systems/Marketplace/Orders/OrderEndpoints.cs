using Ledgerfold.Http;
using Ledgerfold.Http.Idempotency;
using Ledgerfold.Http.Paging;
using Ledgerfold.Http.Permitting;
using Ledgerfold.Http.Problems;
using Ledgerfold.Model.Commanding;
using Ledgerfold.Model.Querying;
using Ledgerfold.Model.Timelines;
using Marketplace.Fraud;
using Marketplace.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Marketplace.Orders;

/// <summary>
/// Orders over HTTP: as they stand and stood, found, cancelled, reviewed. How they come in says <see cref="OrderPosting"/>.
/// </summary>
internal static class OrderEndpoints
{
    private const string NotFound = "ORDER_NOT_FOUND";

    private static readonly string[] Statuses =
        [.. Enum.GetNames<Order.Status>().Where(static name => name != nameof(Order.Status.None))];

    public static void Map(IEndpointRouteBuilder routes)
    {
        var (order, fraud) = (Order.Decider.Category, FraudCheck.Decider.Category);
        var orders = routes.MapGroup("/orders").WithTags("marketplace: orders");
        orders.MapPost("/", OrderPosting.Create)
            .OnlyWhile(static services => services.GetRequiredService<CheckoutsUnderWay>().HasRoom, OrderPosting.NoRoom)
            .Idempotent().Needs(Right.Append, order);
        orders.MapPost("/{id}/cancellations", Cancel).Idempotent().Needs(Right.Append, order).Shows(order);
        orders.MapPost("/{id}/reviews", Review).Idempotent().Needs(Right.Append, fraud).Shows(order);
        orders.MapGet("/", List).Shows(order);
        orders.MapGet("/{id}", Show).Shows(order);
        orders.MapGet("/{id}/history", History).Shows(order);
    }

    /// <summary>The order as it stands, where it was made or changed by this call.</summary>
    public static IResult Created(HttpContext context, OrderJson order)
    {
        context.Response.Headers.ETag = $"\"{order.Version}\"";
        return Results.Created($"{Replies.Root}/orders/{order.OrderId}", order);
    }

    /// <summary>The order at a moment.</summary>
    /// <exception cref="RefusedException">There was none.</exception>
    public static async Task<OrderJson> Read(HttpContext context, TimelineEngine timelines, string id, Moment moment)
    {
        var orderId = Replies.Named(id, NotFound);
        return await timelines.Of(Order.Decider, orderId, context.Tenant()).At(moment, context.RequestAborted) switch
        {
            TimelineAnswer<Order.State?>.Computed { Value: { Bill: not null } order } found => OrderJson.Of(orderId, order, found.Events),
            TimelineAnswer<Order.State?>.Failed failed =>
                throw new RefusedException(new Refusal(PlatformProblems.Unreadable.Code, failed.Error)),
            _ => throw Replies.NotFound(NotFound),
        };
    }

    private static async Task<IResult> Show(HttpContext context, TimelineEngine timelines, string id, string? at, string? version)
    {
        var order = await Read(context, timelines, id, Asked.Moment(at, version));
        context.Response.Headers.ETag = $"\"{order.Version}\"";
        return Results.Ok(order);
    }

    private static async Task<IResult> History(
        HttpContext context, TimelineEngine timelines, string id, string? after, int? limit, CancellationToken cancel)
    {
        var (orderId, most, from) = (Replies.Named(id, NotFound), PageLimit.Of(limit), Asked.Whole("after", after) ?? 0);
        var steps = new List<OrderStepJson>();
        var timeline = timelines.Of(Order.Decider, orderId, context.Tenant());
        await foreach (var answer in timeline.Steps(Moment.AfterVersion(from), Moment.Now, cancel))
        {
            if (answer is TimelineAnswer<Step<Order.State>>.Failed failed)
                return new Refusal(PlatformProblems.Unreadable.Code, failed.Error);
            if (steps.Count == most)
                return Results.Ok(new PageJson<OrderStepJson>([.. steps], steps[^1].Version));
            var (recorded, state) = (answer.OrThrow().Event, answer.OrThrow().After!);
            steps.Add(new OrderStepJson(
                $"{recorded.Version}",
                $"{recorded.Position}",
                recorded.RecordedAt,
                recorded.Type,
                recorded.Actor,
                OrderJson.Of(orderId, state, recorded.Version)));
        }

        return steps.Count == 0 && from == 0 ? new Refusal(NotFound) : Results.Ok(new PageJson<OrderStepJson>([.. steps], null));
    }

    private static async Task<IResult> List(
        HttpContext context,
        Projections projections,
        string? customerId,
        string? status,
        string? after,
        int? limit,
        CancellationToken cancel)
    {
        if (status is not null && !Statuses.Contains(status))
            return Refusal.Of("status", $"one of {string.Join(", ", Statuses)}");
        if (customerId is not null && Input.Id("customerId", customerId) is { } broken)
            return Refusal.Of("customerId", broken.Rule);
        var newest = new RowQuery<OrderView>
        {
            Tenant = context.Tenant(),
            Index = "time",
            Backward = true,
            Limit = PageLimit.Of(limit),
            Continue = after,
        };
        var query = (customerId, status) switch
        {
            (null, null) => newest,
            (null, { } wanted) => newest with { Index = "status", Prefix = $"{wanted}:" },
            ({ } customer, null) => newest with { Index = "customer", Prefix = $"{customer}:" },
            ({ } customer, { } wanted) => newest with
            {
                Index = "customer",
                Prefix = $"{customer}:",
                Where = view => $"{view.Order.Status}" == wanted,
            },
        };
        var page = await Replies.Page(projections.Of(OrderView.Projection), query, cancel);
        return Results.Ok(new PageJson<OrderJson>(
            [.. page.Rows.Select(static row => OrderJson.Of(row.State.OrderId, row.State.Order))], page.Next));
    }

    private static async Task<IResult> Cancel(
        HttpContext context, Commands commands, TimelineEngine timelines, string id, CancellationBody body)
    {
        await context.Send(commands, new CancelOrder(Replies.Named(id, NotFound), body.Reason!));
        return Created(context, await Read(context, timelines, id, Moment.Now));
    }

    private static async Task<IResult> Review(HttpContext context, Commands commands, TimelineEngine timelines, string id, ReviewBody body)
    {
        Resolution? resolution = body.Decision switch
        {
            "approved" => Resolution.Approved,
            "declined" => Resolution.Declined,
            _ => null,
        };
        if (resolution is not { } resolved)
            return Refusal.Of("/decision", "approved or declined");
        await context.Send(commands, new ResolveFraudReview(Replies.Named(id, NotFound), resolved, body.Note));
        return Created(context, await Read(context, timelines, id, Moment.Now));
    }
}
