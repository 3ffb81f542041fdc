using Ledgerfold.Http;
using Ledgerfold.Http.Permitting;
using Ledgerfold.Server.Security.Serving;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;

namespace Ledgerfold.Server.Tests.Allowing;

/// <summary>Of every endpoint of every system that runs on this server, without knowing any of them.</summary>
public sealed class Saying_what_an_endpoint_needs
{
    private static readonly ISystem[] Everything = [.. Systems.All, new Till()];

    [Fact]
    public async Task Was_forgotten_nowhere()
    {
        await using var server = await RunningServer.Start(manualClock: true, systems: Everything);

        var silent = Endpoints(server).Where(static one => one.Metadata.GetMetadata<NeededRight>() is null
            && one.Metadata.GetMetadata<IAllowAnonymous>() is null && one.Metadata.GetMetadata<DecidesItselfMark>() is null);

        Assert.Equal(["/api/v1/shop/forgotten"], silent.Select(static one => one.RoutePattern.RawText));
    }

    [Fact]
    public async Task Closes_it_to_whoever_has_no_permission_at_all()
    {
        await using var server = await RunningServer.Start(
            static security => security with { Limits = security.Limits with { Anonymous = new(100_000, 100_000) } }, manualClock: true, systems: Everything);
        var key = await server.Key("known");
        foreach (var endpoint in Endpoints(server).Where(static one => one.Metadata.GetMetadata<NeededRight>() is not null))
        {
            var (path, method) = (PathOf(endpoint.RoutePattern), endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods[0]);
            var body = method is "GET" or "DELETE" ? null : "{}";

            Assert.Equal((path, 401), (path, (await server.Call(null, method, path, body)).Status));
            var known = await server.Call(key, method, path, body);
            Assert.Equal((path, 403, "forbidden"), (path, known.Status, known.Code));
        }
    }

    private static IEnumerable<RouteEndpoint> Endpoints(RunningServer server) =>
        server.App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>();

    private static string PathOf(RoutePattern pattern) => "/" + string.Join('/', pattern.PathSegments.Select(static segment =>
        string.Concat(segment.Parts.Select(static part => part switch
        {
            RoutePatternLiteralPart literal => literal.Content,
            RoutePatternParameterPart { ParameterPolicies.Count: > 0 } => "00000000-0000-0000-0000-000000000001",
            _ => "x",
        }))));
}
