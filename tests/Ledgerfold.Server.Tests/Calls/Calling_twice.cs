namespace Ledgerfold.Server.Tests.Calls;

public sealed class Calling_twice
{
    private const string Path = "/api/v1/shop/payments";
    private const string Body = """{"till":"a","amount":10}""";

    [Fact]
    public async Task Does_it_once_and_answers_the_same_bytes()
    {
        await using var server = await RunningServer.Start(systems: new Till());

        var first = await server.Post(Path, Body, "k1");
        var head = (await server.Get<ILedger>().ReadRange(TestContext.Current.CancellationToken)).Head;
        var second = await server.Post(Path + "?wait=10", Body, "k1");

        Assert.Equal((201, false), (first.Status, first.IsReplayed));
        Assert.Equal((201, true), (second.Status, second.IsReplayed));
        Assert.Equal(first.Body, second.Body);
        Assert.Equal((first.ContentType, first.Location), (second.ContentType, second.Location));
        Assert.Equal(head, (await server.Get<ILedger>().ReadRange(TestContext.Current.CancellationToken)).Head);
    }

    [Fact]
    public async Task Answers_the_same_behind_a_restart()
    {
        var directory = Directory.CreateTempSubdirectory("ledgerfold-server-");
        try
        {
            Answer first;
            await using (var server = await RunningServer.Start(directory.FullName, systems: new Till()))
                first = await server.Post(Path, Body, "k1");
            await using (var server = await RunningServer.Start(directory.FullName, systems: new Till()))
            {
                var second = await server.Post(Path, Body, "k1");

                Assert.True(second.IsReplayed);
                Assert.Equal(first.Body, second.Body);
            }
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Repeats_a_refusal_that_stands()
    {
        await using var server = await RunningServer.Start(systems: new Till());

        var first = await server.Post(Path, """{"till":"a","amount":101}""", "k1");
        var second = await server.Post(Path, """{"till":"a","amount":101}""", "k1");

        Assert.Equal((409, "TILL_FULL"), (first.Status, first.Code));
        Assert.True(second.IsReplayed);
        Assert.Equal(first.Body, second.Body);
    }

    [Theory]
    [InlineData("/api/v1/shop/payments", """{"till":"a","amount":11}""")]
    [InlineData("/api/v1/shop/payments", """{"till":"a","amount":10} """)]
    public async Task Is_refused_for_another_body(string path, string body)
    {
        await using var server = await RunningServer.Start(systems: new Till());
        await server.Post(Path, Body, "k1");

        var second = await server.Post(path, body, "k1");

        Assert.Equal((422, "key-reused"), (second.Status, second.Code));
    }

    [Fact]
    public async Task Is_not_held_against_a_call_that_changed_nothing()
    {
        await using var server = await RunningServer.Start(systems: new Till());

        var wrong = await server.Post(Path, """{"till":"a","amount":0}""", "k1");
        var right = await server.Post(Path, Body, "k1");

        Assert.Equal((400, "invalid"), (wrong.Status, wrong.Code));
        Assert.Equal(["/amount"], wrong.Pointers);
        Assert.Equal((201, false), (right.Status, right.IsReplayed));
    }

    [Fact]
    public async Task At_once_waits_for_the_first_answer()
    {
        var (isAnswering, mayAnswer) = (NewSignal(), NewSignal());
        var till = new Till
        {
            BeforeAnswer = () =>
            {
                isAnswering.TrySetResult();
                return mayAnswer.Task;
            },
        };
        await using var server = await RunningServer.Start(systems: till);

        var first = server.Post(Path, Body, "k1");
        await isAnswering.Task;
        var others = Enumerable.Range(0, 8).Select(_ => server.Post(Path, Body, "k1")).ToArray();
        mayAnswer.SetResult();
        var answers = await Task.WhenAll(others);
        var body = (await first).Body;

        Assert.All(answers, answer => Assert.Equal((201, true), (answer.Status, answer.IsReplayed)));
        Assert.All(answers, answer => Assert.Equal(body, answer.Body));
        Assert.Equal(2, await server.Appended());
    }

    [Fact]
    public async Task Does_it_once_where_the_first_answer_was_never_given()
    {
        var isFirst = true;
        var till = new Till
        {
            BeforeAnswer = () =>
            {
                var fails = isFirst;
                isFirst = false;
                return fails ? throw new InvalidDataException("the power went") : Task.CompletedTask;
            },
        };
        await using var server = await RunningServer.Start(systems: till);

        var first = await server.Post(Path, Body, "k1");
        var second = await server.Post(Path, Body, "k1");

        Assert.Equal((500, 201, false), (first.Status, second.Status, second.IsReplayed));
        Assert.Equal("10", (await server.Get("/api/v1/projections/till-totals/rows/till-a?atLeast=" + second.Field("token"))).Json.GetProperty("state").GetProperty("sum").ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("with space")]
    [InlineData("")]
    public async Task Needs_a_key(string? key)
    {
        await using var server = await RunningServer.Start(systems: new Till());

        var answer = await server.Post(Path, Body, key);

        Assert.Equal((400, "invalid"), (answer.Status, answer.Code));
        Assert.Equal(["Idempotency-Key"], answer.Pointers);
        Assert.Equal(0, await server.Appended());
    }

    [Fact]
    public async Task Is_another_call_in_another_tenant()
    {
        await using var server = await RunningServer.Start(systems: new Till());
        await server.Post(Path, Body, "k1");
        var request = new HttpRequestMessage(HttpMethod.Post, Path) { Content = new StringContent(Body, new System.Net.Http.Headers.MediaTypeHeaderValue("application/json")) };
        request.Headers.Add("Idempotency-Key", "k1");
        request.Headers.Add("Ledgerfold-Tenant", "other");

        var answer = await server.Send(request);

        Assert.Equal((201, false), (answer.Status, answer.IsReplayed));
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
