using Ledgerfold.Http;
using Ledgerfold.Http.Idempotency;
using Ledgerfold.Http.Permitting;
using Ledgerfold.Http.Problems;
using Ledgerfold.Model.Commanding;
using Ledgerfold.Model.Timelines;
using Marketplace.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Marketplace.Vendors;

/// <summary>Vendors over HTTP: they come aboard and are suspended.</summary>
internal static class VendorEndpoints
{
    private const string DefaultReason = "suspended by the marketplace";

    public static void Map(IEndpointRouteBuilder routes)
    {
        var vendors = routes.MapGroup("/vendors").WithTags("marketplace: vendors").Needs(Right.Append, Vendor.Decider.Category);
        vendors.MapPost("/", Onboard).Idempotent();
        vendors.MapPost("/{id}/suspension", Suspend).Idempotent().Shows(Vendor.Decider.Category);
    }

    private static async Task<IResult> Onboard(HttpContext context, Commands commands, TimelineEngine timelines, VendorBody body)
    {
        if (body.CommissionPercent is not { } percent)
            return Refusal.Of("/commissionPercent", "0 to 100 with at most two decimals");
        await context.Send(commands, new OnboardVendor(body.VendorId!, body.Name!, body.Region!, percent));
        return await Created(context, timelines, body.VendorId!);
    }

    private static async Task<IResult> Suspend(
        HttpContext context, Commands commands, TimelineEngine timelines, string id, SuspensionBody? body)
    {
        var vendorId = Replies.Named(id, "VENDOR_NOT_FOUND");
        await context.Send(commands, new SuspendVendor(vendorId, body?.Reason ?? DefaultReason));
        return await Created(context, timelines, vendorId);
    }

    private static async Task<IResult> Created(HttpContext context, TimelineEngine timelines, string vendorId)
    {
        var timeline = timelines.Of(Vendor.Decider, vendorId, context.Tenant());
        var vendor = (await timeline.At(Moment.Now, context.RequestAborted)).OrThrow()!;
        return Results.Created(
            $"{Replies.Root}/vendors/{vendorId}",
            new VendorJson(vendorId, vendor.Name!, vendor.Region!, vendor.CommissionPercent, $"{vendor.Status}"));
    }
}

/// <summary>A vendor that comes aboard.</summary>
internal sealed record VendorBody(string? VendorId, string? Name, string? Region, decimal? CommissionPercent);

/// <summary>Why a vendor is suspended; need not be said.</summary>
internal sealed record SuspensionBody(string? Reason);

/// <summary>A vendor as it stands.</summary>
/// <param name="Status">Active or Suspended.</param>
internal sealed record VendorJson(string VendorId, string Name, string Region, decimal CommissionPercent, string Status);
