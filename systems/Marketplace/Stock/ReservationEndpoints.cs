using Ledgerfold.Http;
using Ledgerfold.Http.Idempotency;
using Ledgerfold.Http.Permitting;
using Ledgerfold.Model.Commanding;
using Ledgerfold.Model.Querying;
using Marketplace.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Marketplace.Stock;

/// <summary>Reservations over HTTP: goods are set aside for a time, for longer, sold, or given back.</summary>
internal static class ReservationEndpoints
{
    private const string NotFound = "RESERVATION_NOT_FOUND";

    public static void Map(IEndpointRouteBuilder routes)
    {
        var category = Inventory.Decider.Category;
        var reservations = routes.MapGroup("/reservations").WithTags("marketplace: reservations");
        reservations.MapPost("/", Reserve).Idempotent().Needs(Right.Append, category);
        reservations.MapPost("/{id}/extensions", Extend).Idempotent().Needs(Right.Append, category).Shows(category);
        reservations.MapPost("/{id}/commitments", Commit).Idempotent().Needs(Right.Append, category).Shows(category);
        reservations.MapPost("/{id}/releases", Release).Idempotent().Needs(Right.Append, category).Shows(category);
        reservations.MapGet("/{id}", Show).Shows(category);
    }

    private static async Task<IResult> Reserve(
        HttpContext context, Commands commands, Projections projections, TimeProvider clock, ReservationBody body)
    {
        var id = $"{context.CommandId():N}";
        var accepted = await context.Send(commands, new ReserveStock(body.Sku!, body.VendorId!, id, body.Quantity, body.TtlSeconds));
        return await Created(context, projections, clock, id, accepted);
    }

    private static Task<IResult> Extend(
        HttpContext context, Commands commands, Projections projections, TimeProvider clock, string id, ExtensionBody body) => Change(
        context, commands, projections, clock, id, one => new ExtendReservation(one.Sku, one.VendorId, one.ReservationId, body.Seconds));

    private static Task<IResult> Commit(HttpContext context, Commands commands, Projections projections, TimeProvider clock, string id) =>
        Change(context, commands, projections, clock, id, static one => new CommitReservation(one.Sku, one.VendorId, one.ReservationId));

    private static Task<IResult> Release(HttpContext context, Commands commands, Projections projections, TimeProvider clock, string id) =>
        Change(context, commands, projections, clock, id, static one => new ReleaseReservation(one.Sku, one.VendorId, one.ReservationId));

    private static async Task<IResult> Show(
        HttpContext context, Projections projections, TimeProvider clock, string id, CancellationToken cancel) =>
        Results.Ok(ReservationJson.Of(await Find(context, projections, id, cancel), clock.GetUtcNow()));

    private static async Task<IResult> Change(
        HttpContext context,
        Commands commands,
        Projections projections,
        TimeProvider clock,
        string id,
        Func<ReservationView, object> command)
    {
        var reservation = await Find(context, projections, id, context.RequestAborted);
        var accepted = await context.Send(commands, command(reservation));
        return await Created(context, projections, clock, id, accepted);
    }

    private static async Task<ReservationView> Find(HttpContext context, Projections projections, string id, CancellationToken cancel)
    {
        var (rows, named) = (projections.Of(ReservationView.Projection), Replies.Named(id, NotFound));
        return await Replies.Latest(consistency => rows.Get(named, consistency, context.Tenant(), cancel))
            ?? throw Replies.NotFound(NotFound);
    }

    private static async Task<IResult> Created(
        HttpContext context, Projections projections, TimeProvider clock, string id, CommandAnswer.Accepted accepted)
    {
        var rows = projections.Of(ReservationView.Projection);
        var row = await Replies.AtLeast(
            accepted.Token, consistency => rows.Get(id, consistency, context.Tenant(), context.RequestAborted));
        return Results.Created($"{Replies.Root}/reservations/{id}", ReservationJson.Of(row!, clock.GetUtcNow()));
    }
}

/// <summary>What is to be set aside, and for how long.</summary>
internal sealed record ReservationBody(string? Sku, string? VendorId, int Quantity, int TtlSeconds);

/// <summary>How much longer.</summary>
internal sealed record ExtensionBody(int Seconds);

/// <summary>A reservation as it stands; one whose time has passed is over, whether or not anybody wrote that down.</summary>
/// <param name="State">Open, Committed, Released or Expired.</param>
internal sealed record ReservationJson(
    string ReservationId, string Sku, string VendorId, int Quantity, DateTimeOffset ExpiresAt, string State)
{
    public static ReservationJson Of(ReservationView one, DateTimeOffset at) => new(
        one.ReservationId,
        one.Sku,
        one.VendorId,
        one.Quantity,
        one.ExpiresAt,
        one.End is { } end ? $"{end}" : at >= one.ExpiresAt ? $"{ReservationEnd.Expired}" : "Open");
}
