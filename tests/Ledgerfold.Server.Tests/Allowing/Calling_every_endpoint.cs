using System.Text;
using System.Text.Json;
using Ledgerfold.Http.Permitting;
using Ledgerfold.Server.Security.Counting;
using Ledgerfold.Server.Security.Governing;
using Ledgerfold.Server.Security.Permitting;
using Ledgerfold.Server.Security.Proving;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Ledgerfold.Server.Tests.Allowing;

/// <summary>
/// Every endpoint that the server has, for every kind of caller, on what is theirs and what is not. What is expected follows from two small
/// tables that know nothing of how it is decided; an endpoint that stands in neither row fails.
/// </summary>
public sealed class Calling_every_endpoint
{
    private const string Own = "acme";
    private const string Foreign = "beta";

    /// <summary>What an endpoint answers to, and what it needs: nothing, a caller who is known, or rights; what it hides is then not there.</summary>
    private static readonly Row[] Table =
    [
        new("GET /openapi/{documentName}.json", "/openapi/v1.json", "open"),
        new("GET /health/live", "/health/live", "open"),
        new("GET /health/ready", "/health/ready", "open"),
        new("GET /version", "/version", "open"),
        new("GET /metrics", "/metrics", "operate * *"),
        new("GET /problems", "/problems", "open"),
        new("GET /problems/{code}", "/problems/invalid", "open"),
        new("GET /first-owner", "/first-owner", "open"),
        new("POST /api/v1/first-owner", "/api/v1/first-owner", "open", """{"token":"x","user":"eve","password":"correct horse battery"}"""),
        new("POST /api/v1/sessions/", "/api/v1/sessions", "open", """{"user":"nobody","password":"wrong"}"""),
        new("GET /api/v1/sessions/token", "/api/v1/sessions/token", "known"),
        new("DELETE /api/v1/sessions/current", "/api/v1/sessions/current", "known"),
        new("GET /api/v1/access", "/api/v1/access", "known"),
        new("GET /api/v1/users/", "/api/v1/users", "read $platform $access"),
        new("POST /api/v1/users/", "/api/v1/users", "administer $platform $access", """{"user":"nobody"}"""),
        new("PUT /api/v1/users/{user}/password", "/api/v1/users/none/password", "administer $platform $access", """{"password":"correct horse battery"}"""),
        new("PUT /api/v1/users/{user}/enabled", "/api/v1/users/none/enabled", "administer $platform $access", """{"enabled":false}"""),
        new("DELETE /api/v1/users/{user}/sessions", "/api/v1/users/none/sessions", "administer $platform $access"),
        new("GET /api/v1/roles/", "/api/v1/roles", "read $platform $access"),
        new("PUT /api/v1/roles/{role}", "/api/v1/roles/owner", "administer $platform $access", """{"permissions":[{"right":"read"}]}"""),
        new("DELETE /api/v1/roles/{role}", "/api/v1/roles/none", "administer $platform $access"),
        new("GET /api/v1/grants/", "/api/v1/grants", "known"),
        new("GET /api/v1/grants/", "/api/v1/grants?user=olga", "read $platform $access"),
        new("POST /api/v1/grants/", "/api/v1/grants", "administer $platform $access", """{"user":"none","role":"owner"}"""),
        new("DELETE /api/v1/grants/", "/api/v1/grants?user=none&role=owner", "administer $platform $access"),
        new("GET /api/v1/keys/", "/api/v1/keys", "known"),
        new("POST /api/v1/keys/", "/api/v1/keys", "administer $platform $access", """{"user":"none","label":"x","scope":[{"right":"read"}]}"""),
        new("DELETE /api/v1/keys/{id}", "/api/v1/keys/none", "administer $platform $access"),
        new("GET /api/v1/events/", "/api/v1/events?stream={stream}", "read {tenant} {category}"),
        new("GET /api/v1/events/", "/api/v1/events?category={category}", "read {tenant} {category}"),
        new("GET /api/v1/events/", "/api/v1/events", "read {tenant} *"),
        new("GET /api/v1/events/", "/api/v1/events?type=A", "read {tenant} *"),
        new("GET /api/v1/events/", "/api/v1/events?category=$credential", "nobody"),
        new("GET /api/v1/events/{id}", "/api/v1/events/{id}", "read {tenant} {category}") { Hides = true },
        new("POST /api/v1/events/", "/api/v1/events", "append {tenant} {category}", """{"writes":[{"stream":"{stream}","events":[{"type":"Paid","data":{"amount":1}}]}]}"""),
        new("POST /api/v1/events/", "/api/v1/events", "append {tenant} {category};read {tenant} *",
            """{"writes":[{"stream":"{stream}","events":[{"type":"Paid","data":{"amount":1}}]}],"condition":{"failIfMatch":{"items":[{"types":["Z"]}]},"after":"0"}}"""),
        new("POST /api/v1/events/", "/api/v1/events", "read {tenant} {category}", """{"writes":[{"stream":"{stream}","expect":"any","events":[]}]}"""),
        new("GET /api/v1/streams/", "/api/v1/streams?category={category}", "read {tenant} {category}"),
        new("GET /api/v1/streams/{id}", "/api/v1/streams/{stream}", "read {tenant} {category}"),
        new("GET /api/v1/streams/{id}/events", "/api/v1/streams/{stream}/events", "read {tenant} {category}"),
        new("POST /api/v1/streams/{id}/events", "/api/v1/streams/{stream}/events", "append {tenant} {category}", """{"type":"Paid","data":{"amount":1}}"""),
        new("GET /api/v1/streams/{id}/state", "/api/v1/streams/{stream}/state", "readPayload {tenant} {category}"),
        new("GET /api/v1/streams/{id}/diff", "/api/v1/streams/{stream}/diff", "readPayload {tenant} {category}"),
        new("GET /api/v1/streams/{id}/blame", "/api/v1/streams/{stream}/blame", "readPayload {tenant} {category}"),
        new("GET /api/v1/correlations/{id}", "/api/v1/correlations/{talk}", "read {tenant} {category}") { Hides = true },
        new("GET /api/v1/projections/", "/api/v1/projections", "known"),
        new("GET /api/v1/projections/{name}", "/api/v1/projections/till-totals", "read * till"),
        new("GET /api/v1/projections/{name}/rows", "/api/v1/projections/till-totals/rows", "readPayload {tenant} till"),
        new("GET /api/v1/projections/{name}/rows/{key}", "/api/v1/projections/till-totals/rows/x", "readPayload {tenant} till"),
        new("POST /api/v1/projections/{name}/rebuilds", "/api/v1/projections/till-totals/rebuilds", "operate * *", """{"reason":"a test"}"""),
        new("POST /api/v1/projections/{name}/switches", "/api/v1/projections/till-totals/switches", "operate * *", """{"reason":"a test"}"""),
        new("POST /api/v1/projections/{name}/roll-backs", "/api/v1/projections/till-totals/roll-backs", "operate * *", """{"reason":"a test"}"""),
        new("POST /api/v1/projections/{name}/discards", "/api/v1/projections/till-totals/discards", "operate * *", """{"reason":"a test"}"""),
        new("GET /api/v1/processes/", "/api/v1/processes", "read * $process"),
        new("GET /api/v1/processes/{process}/instances", "/api/v1/processes/none/instances", "read {tenant} $process;read {tenant} *"),
        new("GET /api/v1/processes/{process}/instances/{key}", "/api/v1/processes/none/instances/1", "read {tenant} $process;read {tenant} *"),
        new("POST /api/v1/processes/{process}/instances/{key}/actions", "/api/v1/processes/none/instances/1/actions", "operate {tenant} $process",
            """{"action":"terminate","reason":"a test"}"""),
        new("GET /api/v1/operations/", "/api/v1/operations", "read {tenant} $operation"),
        new("GET /api/v1/operations/{id:guid}", "/api/v1/operations/00000000-0000-0000-0000-000000000001", "read {tenant} $operation"),
        new("DELETE /api/v1/operations/{id:guid}", "/api/v1/operations/00000000-0000-0000-0000-000000000001?reason=x", "operate {tenant} $operation"),
        new("POST /api/v1/clock/advance", "/api/v1/clock/advance", "operate * *", """{"seconds":0}"""),
        new("POST /api/v1/shop/payments", "/api/v1/shop/payments", "append {tenant} till", """{"till":"b","amount":1}"""),
        new("GET /api/v1/shop/tills", "/api/v1/shop/tills", "read {tenant} till"),
        new("GET /api/v1/shop/failure", "/api/v1/shop/failure", "read {tenant} till"),
        new("GET /api/v1/shop/forgotten", "/api/v1/shop/forgotten", "nobody"),
    ];

    private static readonly string[] Kinds =
        ["anonymous", "nobody", "reader", "reader of payload", "appender", "operator", "administrator", "owner"];

    /// <summary>Who holds which right; the callers are given them in <see cref="Keys"/>.</summary>
    private static bool Holds(string kind, string right, string tenant, string category) => kind switch
    {
        "reader" => right == "read" && tenant == Own && category == "till",
        "reader of payload" => right is "read" or "readPayload" && tenant == Own && category == "till",
        "appender" => right == "append" && tenant == Own && category == "till",
        "operator" => right is "read" or "operate" && tenant == Own && category is not "$access",
        "administrator" => right is "read" or "administer" && tenant == "$platform" && category == "$access",
        "owner" => true,
        _ => false,
    };

    [Fact]
    public async Task Needs_what_the_table_says()
    {
        await using var server = await Server();
        var keys = await Keys(server);
        var targets = await Targets(server);
        var wrong = new StringBuilder();
        var calls = 0;
        foreach (var row in Table)
        {
            foreach (var target in row.IsAboutTargets ? targets : [targets[0]])
            {
                foreach (var kind in Kinds)
                {
                    var answer = await server.Call(
                        keys[kind], row.Method, target.In(row.Path), row.Body is null ? null : target.In(row.Body), target.Tenant,
                        ("Idempotency-Key", $"k{calls++}"), ("If-Match", "*"));
                    var expected = Expected(row, target, kind);
                    var seen = answer is { Status: 401 or 403 or 404, ContentType: "application/problem+json", Code: { } code } ? code : "allowed";
                    if (expected == "allowed" ? seen is "unauthenticated" or "forbidden" || (row.Hides && seen == "not-found") : seen != expected)
                        wrong.AppendLine($"{kind}: {row.Method} {target.In(row.Path)} {target.In(row.Body ?? "")} in {target.Tenant}: {answer.Status} {seen}, not {expected}");
                }
            }
        }

        Assert.True(wrong.Length == 0, wrong.ToString());
    }

    [Fact]
    public async Task Is_a_row_of_the_table()
    {
        await using var server = await Server();
        var there = server.App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().SelectMany(static endpoint =>
            (endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["ANY"]).Select(method => $"{method} {endpoint.RoutePattern.RawText}"));

        Assert.Equal(Table.Select(static row => row.Endpoint).Distinct().Order(StringComparer.Ordinal), there.Distinct().Order(StringComparer.Ordinal));
    }

    private static string Expected(Row row, Target target, string kind)
    {
        if (row.Needs == "open")
            return "allowed";
        if (kind == "anonymous")
            return "unauthenticated";
        var isAllowed = row.Needs switch
        {
            "known" => true,
            "nobody" => false,
            _ => target.In(row.Needs).Split(';').Select(static need => need.Split(' ')).All(need => Holds(kind, need[0], need[1], need[2])),
        };
        return isAllowed ? "allowed" : row.Hides ? "not-found" : "forbidden";
    }

    private static Task<RunningServer> Server() => RunningServer.Start(
        static security => security with
        {
            Passwords = new PasswordRules { Rounds = 1 },
            Limits = security.Limits with { Anonymous = new Rate(100_000, 100_000) },
        },
        manualClock: true,
        systems: new Till());

    private static async Task<Dictionary<string, string?>> Keys(RunningServer server)
    {
        await server.Do(new CreateUser("operator"), new GrantRole("operator", "operator", Own));
        return new Dictionary<string, string?>
        {
            ["anonymous"] = null,
            ["nobody"] = await server.Key("known"),
            ["reader"] = await server.Key("reader", Permission.Allow(Right.Read, Own, "till")),
            ["reader of payload"] = await server.Key("payload", Permission.Allow(Right.Read, Own, "till"), Permission.Allow(Right.ReadPayload, Own, "till")),
            ["appender"] = await server.Key("appender", Permission.Allow(Right.Append, Own, "till")),
            ["operator"] = await server.KeyFor("operator", BuiltInRoles.Owner.Permissions),
            ["administrator"] = await server.Key(
                "administrator",
                Permission.Allow(Right.Read, Platform.Tenant, Platform.Access),
                Permission.Allow(Right.Administer, Platform.Tenant, Platform.Access)),
            ["owner"] = OwnersKey.Text,
        };
    }

    /// <summary>What is theirs, and what is not: another stream of the same tenant, and the same stream of another tenant.</summary>
    private static async Task<Target[]> Targets(RunningServer server)
    {
        Target[] targets = [new(Own, "till-1", "till", "1"), new(Own, "other-1", "other", "2"), new(Foreign, "till-1", "till", "3")];
        foreach (var target in targets)
        {
            var body = JsonSerializer.Serialize(new { id = target.Id, type = "Paid", data = new { amount = 1 }, correlationId = target.Talk });
            var answer = await server.Call(OwnersKey.Text, "POST", $"/api/v1/streams/{target.Stream}/events", body, target.Tenant, ("If-None-Match", "*"));
            Assert.Equal(201, answer.Status);
        }

        return targets;
    }

    /// <param name="Endpoint">Method and route.</param>
    /// <param name="Path">How it is called.</param>
    /// <param name="Needs">What it needs.</param>
    /// <param name="Body">What is sent.</param>
    private sealed record Row(string Endpoint, string Path, string Needs, string? Body = null)
    {
        /// <summary>Whether what may not be seen is not there.</summary>
        public bool Hides { get; init; }

        public string Method => Endpoint[..Endpoint.IndexOf(' ', StringComparison.Ordinal)];

        public bool IsAboutTargets => Needs.Contains('{', StringComparison.Ordinal);
    }

    private sealed record Target(string Tenant, string Stream, string Category, string Number)
    {
        public string Id => $"00000000-0000-7000-8000-00000000000{Number}";

        public string Talk => $"talk-{Number}";

        public string In(string text) => text.Replace("{tenant}", Tenant, StringComparison.Ordinal)
            .Replace("{stream}", Stream, StringComparison.Ordinal).Replace("{category}", Category, StringComparison.Ordinal)
            .Replace("{id}", Id, StringComparison.Ordinal).Replace("{talk}", Talk, StringComparison.Ordinal);
    }
}
