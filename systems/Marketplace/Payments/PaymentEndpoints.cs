using Ledgerfold.Http;
using Ledgerfold.Http.Idempotency;
using Ledgerfold.Http.Permitting;
using Ledgerfold.Http.Problems;
using Ledgerfold.Model.Commanding;
using Ledgerfold.Model.Timelines;
using Marketplace.Amounts;
using Marketplace.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Marketplace.Payments;

/// <summary>Payments over HTTP, for operators: the commands that processes send, too.</summary>
internal static class PaymentEndpoints
{
    private const string NotFound = "PAYMENT_NOT_FOUND";
    private const string DefaultReason = "voided by an operator";

    public static void Map(IEndpointRouteBuilder routes)
    {
        var category = Payment.Decider.Category;
        var payments = routes.MapGroup("/payments").WithTags("marketplace: payments");
        payments.MapPost("/{id}/captures", Capture).Idempotent().Needs(Right.Append, category).Shows(category);
        payments.MapPost("/{id}/voids", Void).Idempotent().Needs(Right.Append, category).Shows(category);
        payments.MapPost("/{id}/refunds", Refund).Idempotent().Needs(Right.Append, category).Shows(category);
        payments.MapGet("/{id}", Show).Shows(category);
    }

    private static Task<IResult> Capture(HttpContext context, Commands commands, TimelineEngine timelines, string id, AmountBody body) =>
        Change(context, commands, timelines, id, paymentId => new CapturePayment(paymentId, body.Amount));

    private static Task<IResult> Void(HttpContext context, Commands commands, TimelineEngine timelines, string id, VoidBody? body) =>
        Change(context, commands, timelines, id, paymentId => new VoidPayment(paymentId, body?.Reason ?? DefaultReason));

    private static Task<IResult> Refund(HttpContext context, Commands commands, TimelineEngine timelines, string id, RefundBody body) =>
        Change(context, commands, timelines, id, paymentId => new RefundPayment(paymentId, body.Amount, body.Reason));

    private static async Task<IResult> Show(HttpContext context, TimelineEngine timelines, string id) =>
        Results.Ok(await Read(context, timelines, Replies.Named(id, NotFound)));

    private static async Task<IResult> Change(
        HttpContext context, Commands commands, TimelineEngine timelines, string id, Func<string, object> command)
    {
        var paymentId = Replies.Named(id, NotFound);
        await context.Send(commands, command(paymentId));
        return Results.Created($"{Replies.Root}/payments/{paymentId}", await Read(context, timelines, paymentId));
    }

    private static async Task<PaymentJson> Read(HttpContext context, TimelineEngine timelines, string paymentId)
    {
        var timeline = timelines.Of(Payment.Decider, paymentId, context.Tenant());
        return await timeline.At(Moment.Now, context.RequestAborted) switch
        {
            TimelineAnswer<Payment.State?>.Computed { Value: { } payment } => PaymentJson.Of(payment),
            TimelineAnswer<Payment.State?>.Failed failed =>
                throw new RefusedException(new Refusal(PlatformProblems.Unreadable.Code, failed.Error)),
            _ => throw Replies.NotFound(NotFound),
        };
    }
}

/// <summary>How much is captured.</summary>
internal sealed record AmountBody(Money Amount);

/// <summary>Why a payment is voided; need not be said.</summary>
internal sealed record VoidBody(string? Reason);

/// <summary>How much is refunded, and why, if that is said.</summary>
internal sealed record RefundBody(Money Amount, string? Reason);

/// <summary>A payment as it stands, without its card.</summary>
internal sealed record PaymentJson(
    string PaymentId,
    string OrderId,
    string Status,
    Money Amount,
    Money Captured,
    Money Refunded,
    string? Authorization,
    DateTimeOffset? ExpiresAt)
{
    public static PaymentJson Of(Payment.State payment) => new(
        payment.PaymentId,
        payment.OrderId,
        $"{payment.Status}",
        payment.Amount,
        payment.Captured,
        payment.Refunded,
        payment.Authorization,
        payment.ExpiresAt);
}
