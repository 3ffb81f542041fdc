using System.Reflection;
using Ledgerfold.Http.Permitting;
using Ledgerfold.Server.Metrics;
using Ledgerfold.Server.Security.Permitting;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Ledgerfold.Server.Endpoints;

/// <summary>Whether the server lives, whether it can do its work, what it has counted, which version it is.</summary>
internal static class HealthEndpoints
{
    /// <summary>Which version of the platform this is.</summary>
    public static readonly string Version = typeof(HealthEndpoints).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/health/live", static () => new LiveJson("alive")).WithTags("server").AllowAnonymous();
        app.MapGet("/health/ready", Ready).WithTags("server").AllowAnonymous();
        app.MapGet("/version", static () => new VersionJson("Ledgerfold", Version, Environment.Version.ToString()))
            .WithTags("server").AllowAnonymous();
        app.MapGet("/metrics", static (MeterReadings readings) => Results.Text(readings.Write(), MeterReadings.MediaType))
            .WithTags("server").NeedsEverywhere(Right.Operate, Permission.All);
    }

    private static async Task<IResult> Ready(HealthCheckService checks, CancellationToken cancel)
    {
        var report = await checks.CheckHealthAsync(cancel);
        var body = new ReadyJson(report.Status, [.. report.Entries.Select(static one =>
            new CheckJson(one.Key, one.Value.Status, one.Value.Description))]);
        return Results.Json(body, statusCode: report.Status == HealthStatus.Unhealthy ? 503 : 200);
    }
}

/// <summary>That the server answers.</summary>
internal sealed record LiveJson(string Status);

/// <summary>Whether it can do its work, and which of its parts cannot.</summary>
internal sealed record ReadyJson(HealthStatus Status, CheckJson[] Checks);

/// <summary>How one of its parts is.</summary>
internal sealed record CheckJson(string Name, HealthStatus Status, string? Detail);

/// <summary>Which version of what.</summary>
internal sealed record VersionJson(string Product, string Version, string Runtime);
