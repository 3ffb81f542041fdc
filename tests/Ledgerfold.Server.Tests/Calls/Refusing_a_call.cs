namespace Ledgerfold.Server.Tests.Calls;

public sealed class Refusing_a_call
{
    private const string Path = "/api/v1/shop/payments";

    [Theory]
    [InlineData("""{"till":"a","amount":"10"}""", "/amount")]
    [InlineData("""{"till":"a"}""", "")]
    [InlineData("""{"till":"a","amount":10""", "")]
    [InlineData("""[1]""", "")]
    [InlineData("", "")]
    public async Task Names_what_could_not_be_read(string body, string pointer)
    {
        await using var server = await RunningServer.Start(systems: new Till());

        var answer = await server.Post(Path, body, "k1");

        Assert.Equal((400, "invalid", "application/problem+json"), (answer.Status, answer.Code, answer.ContentType));
        if (pointer.Length > 0)
            Assert.Equal([pointer], answer.Pointers);
        Assert.Equal(0, await server.Appended());
    }

    [Fact]
    public async Task Has_everything_that_a_problem_has()
    {
        await using var server = await RunningServer.Start(systems: new Till());

        var answer = await server.Post(Path, """{"till":"a","amount":101}""", "k1");

        Assert.Equal("/problems/TILL_FULL", answer.Field("type"));
        Assert.Equal("The till is full", answer.Field("title"));
        Assert.Equal("409", answer.Field("status"));
        Assert.Equal("a till holds 100", answer.Field("detail"));
        Assert.Equal(Path, answer.Field("instance"));
        Assert.Equal("False", answer.Field("retryable"));
        Assert.NotEmpty(answer.Field("traceId"));
        Assert.Equal(["/amount"], answer.Pointers);
        Assert.Contains("A till holds 100 at most.", (await server.Get("/problems/TILL_FULL")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Says_nothing_of_what_went_wrong_inside()
    {
        await using var server = await RunningServer.Start(systems: new Till());

        var answer = await server.Get("/api/v1/shop/failure");

        Assert.Equal((500, "failed"), (answer.Status, answer.Code));
        Assert.DoesNotContain("1234", answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "/nothing", 404, "not-found")]
    [InlineData("GET", "/api/v1/projections/none", 404, "not-found")]
    [InlineData("GET", "/api/v1/operations/00000000-0000-0000-0000-000000000001", 404, "not-found")]
    [InlineData("GET", "/api/v1/operations?limit=0", 400, "invalid")]
    [InlineData("GET", "/api/v1/operations?limit=x", 400, "invalid")]
    [InlineData("GET", "/api/v1/operations?after=x", 400, "invalid")]
    [InlineData("GET", "/api/v1/processes/none/instances", 404, "not-found")]
    [InlineData("DELETE", "/api/v1/projections", 405, "method-not-allowed")]
    [InlineData("POST", "/api/v1/clock/advance", 404, "not-found")]
    [InlineData("GET", "/problems/none", 404, "not-found")]
    public async Task Is_a_problem_of_the_catalogue(string method, string path, int status, string code)
    {
        await using var server = await RunningServer.Start(systems: new Till());

        var answer = await server.Send(new HttpRequestMessage(new HttpMethod(method), path));

        Assert.Equal((status, code, "application/problem+json"), (answer.Status, answer.Code, answer.ContentType));
    }
}
