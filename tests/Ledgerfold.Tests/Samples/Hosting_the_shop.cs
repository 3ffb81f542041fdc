using System.Net;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Ledgerfold.Tests.Samples;

public sealed class Hosting_the_shop : IDisposable
{
    private readonly string _directory = Path.Combine(AppContext.BaseDirectory, "data", Guid.NewGuid().ToString("N"));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        if (Directory.Exists(_directory))
            Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task Takes_commands_and_answers_questions()
    {
        var console = Console.Out;
        await using var said = new StringWriter();
        Console.SetOut(said);
        try
        {
            await RunShop("--data", _directory);
        }
        finally
        {
            Console.SetOut(console);
        }

        Assert.Contains("order-42: 30 Pending", said.ToString());
    }

    private static async Task RunShop(params string[] args)
    {
        // begin worker
        var builder = Host.CreateApplicationBuilder(args);
        builder.Services
            .AddLedgerfold(options => options.Directory = builder.Configuration["data"] ?? "data")
            .AddModule(Shop.Module);
        using var app = builder.Build();
        await app.StartAsync();

        var commands = app.Services.GetRequiredService<Commands>();
        var summaries = app.Services.GetRequiredService<Projections>().Of(OrderSummary.Projection);

        var requestId = Guid.Parse("0197c2f4-7a4e-7bb5-9d1c-222222222222"); // sent again with the same id, it is answered the same
        switch (await commands.Send(new CreateOrder("42", "ada", 30m), new CommandOrigin { Id = requestId }))
        {
            case CommandAnswer.Accepted accepted: // it is on disk
                var ofAda = new RowQuery<OrderSummary> { Index = "customer", Value = "ada" };
                var page = await summaries.Read(ofAda, Consistency.AtLeast(accepted.Token, TimeSpan.FromSeconds(2)));
                foreach (var (key, summary) in page.OrThrow().Rows)
                    Console.WriteLine($"{key}: {summary.Total} {summary.Status}, repeated: {accepted.Repeated}");
                break;
            case CommandAnswer.Rejected rejected: // a decision turned it down
                Console.WriteLine($"{rejected.Code} {rejected.Field}");
                break;
            case var other: // invalid, forbidden, conflict, overloaded, …
                Console.WriteLine(other.Kind);
                break;
        }

        await app.StopAsync();
        // end
    }

    [Fact]
    public async Task Serves_http()
    {
        // begin web
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddLedgerfold(options => options.Directory = _directory).AddModule(Shop.Module);
        await using var app = builder.Build();
        app.MapPost("/orders", CreateOrder);
        app.MapGet("/orders/{id}", ReadOrder);
        app.MapHealthChecks("/health");
        // end
        app.Urls.Add("http://127.0.0.1:0");
        await app.StartAsync(Cancel);
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };

        var created = await Post(client, new CreateOrder("42", "ada", 30m), Guid.AllBitsSet);
        var again = await Post(client, new CreateOrder("42", "ada", 30m), Guid.AllBitsSet);
        var other = await Post(client, new CreateOrder("42", "bob", 30m), new Guid(1, 2, 3, new byte[8]));

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.Conflict), (created.StatusCode, again.StatusCode, other.StatusCode));
        var token = created.Headers.GetValues("Ledgerfold-Token").Single();
        var row = await client.GetFromJsonAsync<OrderSummary>($"/orders/42?token={token}", Cancel);
        Assert.Equal("ada", row!.Customer);
        Assert.Equal("Healthy", await client.GetStringAsync("/health", Cancel));
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("/orders/43", Cancel)).StatusCode);
        await app.StopAsync(Cancel);
    }

    // begin handlers
    private static async Task<IResult> CreateOrder(CreateOrder command, Commands commands, HttpContext http)
    {
        Guid? id = Guid.TryParse(http.Request.Headers["Idempotency-Key"], out var key) ? key : null;
        var origin = new CommandOrigin { Id = id, Caller = "web", Actor = http.User.Identity?.Name, Principal = http.User };
        switch (await commands.Send(command, origin, http.RequestAborted))
        {
            case CommandAnswer.Accepted accepted:
                http.Response.Headers["Ledgerfold-Token"] = $"{accepted.Token}";
                return Results.Ok();
            case CommandAnswer.Rejected rejected:
                return Results.Conflict(new { rejected.Code, rejected.Field, rejected.Message });
            case CommandAnswer.Invalid invalid:
                return Results.BadRequest(new { invalid.Field, invalid.Rule });
            case CommandAnswer.Forbidden:
                return Results.Forbid();
            case CommandAnswer.Unreadable unreadable:
                return Results.Problem(unreadable.Problem.ToString());
            default: // conflict, overloaded, read-only, indeterminate: send it again, with the same id
                return Results.StatusCode(StatusCodes.Status503ServiceUnavailable);
        }
    }

    private static async Task<IResult> ReadOrder(string id, long? token, Projections projections)
    {
        var consistency = token is { } seen ? Consistency.AtLeast(seen, TimeSpan.FromSeconds(2)) : Consistency.Eventual;
        return await projections.Of(OrderSummary.Projection).Get(Order.Decider.StreamOf(id), consistency) switch
        {
            ReadAnswer<OrderSummary?>.Found { Value: { } summary } => Results.Ok(summary),
            ReadAnswer<OrderSummary?>.Found => Results.NotFound(),
            _ => Results.StatusCode(StatusCodes.Status503ServiceUnavailable),
        };
    }
    // end

    private static async Task<HttpResponseMessage> Post(HttpClient client, CreateOrder command, Guid id)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/orders") { Content = JsonContent.Create(command) };
        request.Headers.Add("Idempotency-Key", id.ToString());
        return await client.SendAsync(request, Cancel);
    }
}
