using Ledgerfold.Http.Permitting;
using Ledgerfold.Server.Security.Auditing;
using Ledgerfold.Server.Security.Governing;
using Ledgerfold.Server.Security.Permitting;

namespace Ledgerfold.Server.Tests.Allowing;

public sealed class Deciding_who_may_over_HTTP
{
    private const string Password = "a battery of horses";

    [Fact]
    public async Task Takes_a_user_a_role_a_grant_and_a_key_to_let_a_program_in()
    {
        await using var server = await RunningServer.Start();

        Assert.Equal(201, (await server.Post("/api/v1/users", """{"user":"shop"}""")).Status);
        Assert.Equal(204, (await Put(server, "/api/v1/roles/clerk", """{"permissions":[{"right":"append","category":"order"},{"right":"read","category":"order"}]}""")).Status);
        Assert.Equal(204, (await server.Post("/api/v1/grants", """{"user":"shop","role":"clerk","tenant":"default"}""")).Status);
        var key = await server.Post("/api/v1/keys", """{"user":"shop","label":"the shop","scope":[{"right":"append"}],"expiresInDays":7}""");

        Assert.Equal(201, key.Status);
        var mine = await server.Call(key.Field("key"), "GET", "/api/v1/access");
        Assert.Equal(($"key:{key.Field("id")}", "shop"), (mine.Field("caller"), mine.Field("user")));
        Assert.Equal("append", mine.Json.GetProperty("scope")[0].GetProperty("right").GetString());
        var appended = await server.Call(key.Field("key"), "POST", "/api/v1/events", """{"writes":[{"stream":"order-1","events":[{"type":"A","data":1}]}]}""");
        Assert.Equal(201, appended.Status);
        Assert.Equal(403, (await server.Call(key.Field("key"), "GET", "/api/v1/streams/order-1")).Status); // the user may, the key may not
        Assert.Equal("shop clerk default *", OneLine((await server.Get("/api/v1/grants?user=shop")).Json.GetProperty("items")[0], "user", "role", "tenant", "category"));

        Assert.Equal(204, (await server.Call(OwnersKey.Text, "DELETE", $"/api/v1/keys/{key.Field("id")}")).Status);
        Assert.Equal(401, (await server.Call(key.Field("key"), "GET", "/api/v1/access")).Status);
    }

    [Fact]
    public async Task Shows_a_key_once_and_keeps_it_nowhere()
    {
        await using var server = await RunningServer.Start();

        var made = await server.Post("/api/v1/keys", """{"label":"mine","scope":[{"right":"read"}]}""", key: "k1");

        Assert.Equal(201, made.Status);
        var secret = made.Field("key")[20..];
        Assert.DoesNotContain(secret, (await server.Get("/api/v1/keys")).Text, StringComparison.Ordinal);
        var request = new ReadRequest { Tenant = "$platform" };
        await foreach (var page in server.Get<ILedger>().ReadAcrossTenants(
            request with { Query = new EventQuery { Items = [.. ((string[])["$access", "$credential", "$audit", "$answer"]).Select(static one => new QueryItem { Category = one })] } },
            TestContext.Current.CancellationToken))
        {
            Assert.All(page.Events, one => Assert.DoesNotContain(secret, System.Text.Encoding.UTF8.GetString(one.Data.Span), StringComparison.Ordinal));
        }

        Assert.False((await server.Post("/api/v1/keys", """{"label":"mine","scope":[{"right":"read"}]}""", key: "k1")).IsReplayed);
    }

    [Theory]
    [InlineData("POST", "/api/v1/users", """{"user":"Not A Name"}""", 400, "invalid", "/user")]
    [InlineData("POST", "/api/v1/users", """{"user":"olga"}""", 409, "already-there", null)]
    [InlineData("POST", "/api/v1/users", """{}""", 400, "invalid", "")]
    [InlineData("PUT", "/api/v1/roles/owner", """{"permissions":[{"right":"read"}]}""", 409, "role-built-in", null)]
    [InlineData("PUT", "/api/v1/roles/mine", """{"permissions":[]}""", 400, "invalid", "/permissions")]
    [InlineData("PUT", "/api/v1/roles/mine", """{"permissions":[null]}""", 400, "invalid", "/permissions/0")]
    [InlineData("PUT", "/api/v1/roles/mine", """{"permissions":[{"right":"read"},{"right":"append","category":"$audit"}]}""", 400, "invalid", "/permissions/1")]
    [InlineData("PUT", "/api/v1/roles/mine", """{"permissions":[{"right":"own"}]}""", 400, "invalid", "/permissions/0/right")]
    [InlineData("DELETE", "/api/v1/roles/none", null, 404, "not-found", null)]
    [InlineData("POST", "/api/v1/grants", """{"user":"none","role":"reader"}""", 404, "not-found", null)]
    [InlineData("POST", "/api/v1/grants", """{"user":"olga","role":"reader","category":"Not one"}""", 400, "invalid", "/category")]
    [InlineData("DELETE", "/api/v1/grants?user=olga&role=owner", null, 409, "last-administrator", null)]
    [InlineData("PUT", "/api/v1/users/olga/enabled", """{"enabled":false}""", 409, "last-administrator", null)]
    [InlineData("PUT", "/api/v1/users/olga/password", """{"password":"short"}""", 400, "invalid", "/password")]
    [InlineData("POST", "/api/v1/keys", """{"label":"x"}""", 400, "invalid", "/scope")]
    [InlineData("POST", "/api/v1/keys", """{"label":"x","expiresInDays":367,"scope":[{"right":"read"}]}""", 400, "invalid", "/expiresInDays")]
    [InlineData("POST", "/api/v1/keys", """{"label":"","scope":[{"right":"read"}]}""", 400, "invalid", "/label")]
    [InlineData("DELETE", "/api/v1/keys/none", null, 404, "not-found", null)]
    public async Task Is_refused_with_what_is_wrong(string method, string path, string? body, int status, string code, string? pointer)
    {
        await using var server = await RunningServer.Start();

        var answer = await server.Call(OwnersKey.Text, method, path, body);

        Assert.Equal((status, code), (answer.Status, answer.Code));
        if (pointer is not null)
            Assert.Equal([pointer], answer.Pointers);
        Assert.Equal(0, await server.Appended());
    }

    [Fact]
    public async Task Is_done_once_however_often_it_is_asked_for()
    {
        await using var server = await RunningServer.Start();
        await server.Post("/api/v1/users", """{"user":"shop"}""");
        await server.Post("/api/v1/grants", """{"user":"shop","role":"reader"}""");
        var before = await server.Appended();

        Assert.Equal(204, (await server.Post("/api/v1/grants", """{"user":"shop","role":"reader"}""")).Status);

        Assert.Equal(before, await server.Appended());
    }

    [Fact]
    public async Task Lets_people_come_in_change_their_password_and_leave()
    {
        await using var server = await RunningServer.Start();
        await server.Do(new CreateUser("ada"), new GrantRole("ada", "reader"));
        await Put(server, "/api/v1/users/ada/password", $$"""{"password":"{{Password}}"}""");
        using var browser = server.ClientWith(null);

        var wrong = await In(browser, "wrong wrong wrong");
        Assert.Equal((401, "sign-in-failed"), (wrong.Status, wrong.Code));
        Assert.Equal(204, (await In(browser, Password)).Status);
        Assert.Equal("user:ada", (await RunningServer.Send(browser, new HttpRequestMessage(HttpMethod.Get, "/api/v1/access"))).Field("caller"));

        var forged = await RunningServer.Send(browser, Change("wrong wrong wrong", null));
        Assert.Equal((400, "X-Ledgerfold-Token"), (forged.Status, forged.Pointers.Single()));
        var token = await RunningServer.Send(browser, new HttpRequestMessage(HttpMethod.Get, "/api/v1/sessions/token"));
        var mistaken = await RunningServer.Send(browser, Change("wrong wrong wrong", token.Field("token")));
        Assert.Equal((403, "password-wrong"), (mistaken.Status, mistaken.Code));
        Assert.Equal(204, (await RunningServer.Send(browser, Change(Password, token.Field("token")))).Status);
        Assert.Equal(401, (await RunningServer.Send(browser, new HttpRequestMessage(HttpMethod.Get, "/api/v1/access"))).Status); // sessions of before are over

        Assert.Equal(204, (await In(browser, "another battery of horses")).Status);
        token = await RunningServer.Send(browser, new HttpRequestMessage(HttpMethod.Get, "/api/v1/sessions/token"));
        var leave = new HttpRequestMessage(HttpMethod.Delete, "/api/v1/sessions/current");
        leave.Headers.Add("X-Ledgerfold-Token", token.Field("token"));
        Assert.Equal(204, (await RunningServer.Send(browser, leave)).Status);
        Assert.Equal(401, (await RunningServer.Send(browser, new HttpRequestMessage(HttpMethod.Get, "/api/v1/access"))).Status);
    }

    [Fact]
    public async Task Says_who_is_not_known_and_what_is_lacking_as_problems()
    {
        await using var server = await RunningServer.Start(systems: new Till());
        using var nobody = server.ClientWith(null);
        using var stranger = server.ClientWith("lf_0000000000000000_" + new string('0', 64));
        foreach (var client in (HttpClient[])[nobody, stranger])
        {
            using var response = await client.GetAsync(new Uri("/api/v1/events", UriKind.Relative), TestContext.Current.CancellationToken);
            Assert.Equal((401, "Bearer"), ((int)response.StatusCode, response.Headers.WwwAuthenticate.ToString()));
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        }

        var lacking = await server.Call(await server.Key("none"), "GET", "/api/v1/shop/tills");
        Assert.Equal((403, "forbidden", "read default till"), (lacking.Status, lacking.Code, lacking.Field("permission")));
        Assert.Equal((404, "not-found"), (await server.Call(null, "GET", "/api/v1/nothing")) is var none ? (none.Status, none.Code) : default);
        Assert.Equal((405, "method-not-allowed"), (await server.Call(null, "PATCH", "/api/v1/events")) is var odd ? (odd.Status, odd.Code) : default);
    }

    [Fact]
    public async Task Puts_on_record_what_was_done_and_what_was_denied()
    {
        await using var server = await RunningServer.Start(manualClock: true, systems: new Till());
        var key = await server.Key("eve");

        await server.Call(key, "GET", "/api/v1/streams/till-1");
        await server.Call(null, "GET", "/api/v1/streams/till-1");
        await server.Post("/api/v1/projections/till-totals/rebuilds", """{"reason":"to be sure"}""", "k1");
        await server.Post("/api/v1/clock/advance", """{"seconds":1}""");

        var audit = await Audit(server);
        Assert.Contains(audit, static one => one is AuditEvent.Denied { Act: { What: "GET /api/v1/streams/{id}", On: "category:till", Tenant: "default" }, Who.User: "eve" });
        Assert.Single(audit, static one => one is AuditEvent.Denied);
        Assert.Contains(audit, static one => one is AuditEvent.Acted { Act: { What: "rebuild-projection", On: "projection:till-totals", Reason: "to be sure" }, Who.User: OwnersKey.User });
        Assert.Contains(audit, static one => one is AuditEvent.Acted { Act.What: "advance-clock" });
    }

    private static async Task<List<AuditEvent>> Audit(RunningServer server)
    {
        var found = new List<AuditEvent>();
        var request = new ReadRequest { Tenant = Platform.Tenant, Query = EventQuery.OfCategory(Platform.Audit), After = server.Seeded };
        await foreach (var page in server.Get<ILedger>().Read(request, TestContext.Current.CancellationToken))
            found.AddRange(page.Events.Select(AuditRecords.Read));
        return found;
    }

    private static Task<Answer> Put(RunningServer server, string path, string json) => server.Call(OwnersKey.Text, "PUT", path, json);

    private static Task<Answer> In(HttpClient browser, string password) => RunningServer.Send(browser, new HttpRequestMessage(HttpMethod.Post, "/api/v1/sessions")
    {
        Content = new StringContent($$"""{"user":"ada","password":"{{password}}"}""", System.Text.Encoding.UTF8, "application/json"),
    });

    private static HttpRequestMessage Change(string current, string? token)
    {
        var request = new HttpRequestMessage(HttpMethod.Put, "/api/v1/users/ada/password")
        {
            Content = new StringContent($$"""{"password":"another battery of horses","current":"{{current}}"}""", System.Text.Encoding.UTF8, "application/json"),
        };
        if (token is not null)
            request.Headers.Add("X-Ledgerfold-Token", token);
        return request;
    }

    private static string OneLine(System.Text.Json.JsonElement item, params string[] names) => string.Join(' ', names.Select(name => item.GetProperty(name).GetString()));
}
