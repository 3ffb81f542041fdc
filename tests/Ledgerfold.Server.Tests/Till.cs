using System.Text.Json.Serialization;
using Ledgerfold.Http;
using Ledgerfold.Http.Idempotency;
using Ledgerfold.Http.Permitting;
using Ledgerfold.Http.Problems;
using Ledgerfold.Model;
using Ledgerfold.Model.Commanding;
using Ledgerfold.Model.Deciding;
using Ledgerfold.Model.Events;
using Ledgerfold.Model.Folding;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Ledgerfold.Server.Tests;

/// <summary>The smallest system that can be: a till that takes payments up to a limit.</summary>
internal sealed class Till : ISystem
{
    private static readonly Decider<long> Sum = new("till", 0, static (sum, fact) => fact is Paid paid ? sum + paid.Amount : sum);

    private static readonly Projection<TillTotal> Totals = new("till-totals")
    {
        Query = EventQuery.OfCategory("till"),
        Key = static (_, recorded) => recorded.Stream,
        Apply = static (total, fact, _) => fact is Paid paid ? new TillTotal((total?.Sum ?? 0) + paid.Amount) : total,
    };

    public string Name => "shop";

    public IEnumerable<ProblemKind> Problems { get; } =
        [new("TILL_FULL", 409, "The till is full") { Meaning = "A till holds 100 at most." }];

    /// <summary>What the endpoint waits for before it answers, where a test wants it slow.</summary>
    public Func<Task> BeforeAnswer { get; set; } = static () => Task.CompletedTask;

    public void Add(LedgerfoldBuilder ledgerfold) => ledgerfold.AddModule(new Module("till")
        .Events(EventTypes.Of<TillEvent>())
        .Decides(Sum, static tills => tills.On<Pay>(static command => command.Till, Decide))
        .Validates<Pay>(static command => command!.Amount > 0 ? null : new CommandAnswer.Invalid(nameof(Pay.Amount), "more than 0"))
        .Projects(Totals));

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/payments", async (PayBody body, HttpContext context, Commands commands) =>
        {
            var answer = await commands.Send(new Pay(body.Till, body.Amount), context.Origin(), context.RequestAborted);
            await BeforeAnswer();
            return Refusals.Of(answer) ?? Results.Created($"/api/v1/shop/tills/{body.Till}", new { body.Till, token = $"{((CommandAnswer.Accepted)answer).Token}" });
        }).Needs(Right.Append, "till").Idempotent();
        routes.MapGet("/tills", static () => "all of them").Needs(Right.Read, "till");
        routes.MapGet("/forgotten", static () => "nobody said who may see this");
        routes.MapGet("/failure", static void () => throw new InvalidDataException("the password is 1234")).Needs(Right.Read, "till");
    }

    private static Decision Decide(Pay command, long sum) =>
        sum + command.Amount > 100 ? Decision.Reject("TILL_FULL", nameof(Pay.Amount), "a till holds 100") : Decision.Of(new Paid(command.Amount));

    public sealed record Pay(string Till, long Amount);

    public abstract record TillEvent;

    public sealed record Paid(long Amount) : TillEvent;

    public sealed record TillTotal(long Sum);

    public sealed record PayBody([property: JsonRequired] string Till, [property: JsonRequired] long Amount);
}
