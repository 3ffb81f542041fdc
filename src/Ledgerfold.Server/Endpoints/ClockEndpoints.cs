using System.Globalization;
using Ledgerfold.Http.Permitting;
using Ledgerfold.Http.Problems;
using Ledgerfold.Server.Clock;
using Ledgerfold.Server.Security.Auditing;
using Ledgerfold.Server.Security.Permitting;
using Ledgerfold.Server.Security.Serving;

namespace Ledgerfold.Server.Endpoints;

/// <summary>Puts the clock forward, where the server was started so that it can be.</summary>
internal static class ClockEndpoints
{
    private const double SecondsMax = 400 * 24 * 60 * 60;

    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/clock/advance", Advance)
        .WithTags("clock").NeedsEverywhere(Right.Operate, Permission.All);

    private static async Task<IResult> Advance(HttpContext context, ClockAdvance body, ForwardClock clock)
    {
        if (body.Seconds is not (>= 0 and <= SecondsMax))
            return Refusal.Of("/seconds", $"0 to {SecondsMax:0}");
        var act = new AuditAct("advance-clock", "server", Reason: string.Create(CultureInfo.InvariantCulture, $"{body.Seconds} s"));
        return await context.Act(act, () =>
        {
            clock.Advance(TimeSpan.FromSeconds(body.Seconds));
            return Task.FromResult(Results.Ok(new ClockTime(clock.GetUtcNow())));
        });
    }
}

/// <summary>By how much.</summary>
internal sealed record ClockAdvance(double Seconds);

/// <summary>What time it is now.</summary>
internal sealed record ClockTime(DateTimeOffset Now);
