using System.Globalization;
using Ledgerfold.Http;
using Ledgerfold.Http.Idempotency;
using Ledgerfold.Http.Problems;
using Ledgerfold.Model.Commanding;
using Ledgerfold.Model.Timelines;
using Marketplace.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace Marketplace.Orders;

/// <summary>
/// How an order comes in over HTTP. The order's id follows from the call's key, so that a call that comes again meets the same order.
/// Whoever waits is answered with the order as checkout decided it, or as it stands when the time is up. Where too many are under way the
/// call is turned down before anything is written.
/// </summary>
internal static class OrderPosting
{
    public const string NoRoom = "So many orders are being decided that this one would only wait.";

    private const int WaitSecondsMax = 30;

    private static readonly EventCodec Codec = new(EventTypes.Of<Order.Event>());

    public static async Task<IResult> Create(
        HttpContext context,
        Commands commands,
        TimelineEngine timelines,
        CheckoutsUnderWay underWay,
        TimeProvider clock,
        IHostApplicationLifetime lifetime,
        OrderBody body,
        string? wait)
    {
        var (within, tenant, command) = (WaitOf(wait), context.Tenant(), body.ToCommand($"{context.CommandId():N}"));
        if (!underWay.TryEnter(tenant, command.OrderId, out var decided))
            return new Refusal(PlatformProblems.Overloaded.Code, NoRoom)
            {
                RetryAfter = TimeSpan.FromSeconds(1),
            };
        CommandAnswer.Accepted? accepted = null;
        try
        {
            accepted = await context.Send(commands, command);
        }
        finally
        {
            if (accepted is null)
                underWay.Leave(tenant, command.OrderId);
        }

        var made = accepted.Repeated || within == TimeSpan.Zero
            ? await OrderEndpoints.Read(context, timelines, command.OrderId, Moment.Now)
            : null;
        if (made is { Status: not nameof(Order.Status.Pending) })
        {
            underWay.Leave(tenant, command.OrderId);
            return OrderEndpoints.Created(context, made);
        }

        if (within > TimeSpan.Zero && await Decided(decided, within, clock, lifetime, context.RequestAborted) is { } decision)
            return OrderEndpoints.Created(context, After(command, decision));
        return OrderEndpoints.Created(context, made ?? await OrderEndpoints.Read(context, timelines, command.OrderId, Moment.Now));
    }

    private static async Task<RecordedEvent?> Decided(
        Task<RecordedEvent> decided, TimeSpan within, TimeProvider clock, IHostApplicationLifetime lifetime, CancellationToken cancel)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancel, lifetime.ApplicationStopping);
        try
        {
            return await decided.WaitAsync(within, clock, over.Token);
        }
        catch (TimeoutException)
        {
            return null;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return null; // the server ends: it is answered as it stands
        }
    }

    /// <summary>The order after the event that decided it, without reading it again: nothing in between says anything that shows.</summary>
    private static OrderJson After(CreateOrder command, RecordedEvent decision)
    {
        var order = Order.Apply(Order.State.None, new Order.OrderCreated(
            command.OrderId, command.CustomerId, command.Currency, Bill.For(command), command.Payment, command.Destination));
        return OrderJson.Of(command.OrderId, Order.Apply(order, Codec.Decode(decision)[0]), decision.Version);
    }

    private static TimeSpan WaitOf(string? wait) => wait is null ? TimeSpan.Zero
        : int.TryParse(wait, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds <= WaitSecondsMax
            ? TimeSpan.FromSeconds(seconds)
            : throw new RefusedException(Refusal.Of("wait", $"whole seconds, 0 to {WaitSecondsMax}"));
}
