using Ledgerfold.Http;
using Ledgerfold.Http.Idempotency;
using Ledgerfold.Http.Permitting;
using Ledgerfold.Http.Problems;
using Ledgerfold.Model;
using Ledgerfold.Model.Commanding;
using Ledgerfold.Model.Deciding;
using Ledgerfold.Model.Events;
using Ledgerfold.Model.Folding;
using Ledgerfold.Model.Querying;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Ledgerfold.Server.Tests.Samples;

// begin rules
public sealed record EarnPoints(string CardId, int Points);
public sealed record SpendPoints(string CardId, int Points);

public static class Card
{
    public abstract record Event;
    public sealed record PointsEarned(int Points) : Event;
    public sealed record PointsSpent(int Points) : Event;

    public static int Apply(int points, object fact) => fact switch
    {
        PointsEarned earned => points + earned.Points,
        PointsSpent spent => points - spent.Points,
        _ => points,
    };

    public static Decision Decide(EarnPoints command, int points) => Decision.Of(new PointsEarned(command.Points));

    public static Decision Decide(SpendPoints command, int points) => points >= command.Points
        ? Decision.Of(new PointsSpent(command.Points))
        : Decision.Reject("TOO_FEW_POINTS", "points", $"There are {points}.");

    public static readonly Decider<int> Decider = new("card", 0, Apply);

    public static readonly Module Module = new Module("cards")
        .Events(EventTypes.Of<Event>())
        .Decides(Decider, static cards => cards
            .On<EarnPoints>(command => command.CardId, Decide)
            .On<SpendPoints>(command => command.CardId, Decide))
        .Validates<EarnPoints>(static command => Check(command.Points))
        .Validates<SpendPoints>(static command => Check(command.Points))
        .Projects(CardView.Projection);

    private static CommandAnswer.Invalid? Check(int points) => points is > 0 and <= 10_000 ? null : new("points", "from 1 to 10,000");
}
// end

// begin view
public sealed record CardView(int Points, int Earned)
{
    public static readonly Projection<CardView> Projection = new("cards", perStreamOf: "card")
    {
        Apply = static (card, fact, _) => fact switch
        {
            Card.PointsEarned earned => new((card?.Points ?? 0) + earned.Points, (card?.Earned ?? 0) + earned.Points),
            Card.PointsSpent spent => card! with { Points = card.Points - spent.Points },
            _ => card,
        },
        Indexes = static card => card.Earned >= 1_000 ? [new("gold", "")] : [],
    };
}
// end

// begin system
public sealed class LoyaltySystem : ISystem
{
    public string Name => "loyalty";

    public IEnumerable<ProblemKind> Problems { get; } =
        [new("TOO_FEW_POINTS", 409, "There are not enough points") { Meaning = "A card pays with the points that are on it." }];

    public void Add(LedgerfoldBuilder ledgerfold) => ledgerfold.AddModule(Card.Module);

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/cards/{id}/earnings", Earn).Needs(Right.Append, "card").Idempotent();
        routes.MapPost("/cards/{id}/payments", Spend).Needs(Right.Append, "card").Idempotent();
        routes.MapGet("/cards/{id}", Show).Needs(Right.ReadPayload, "card");
    }

    private static Task<IResult> Earn(string id, PointsBody body, HttpContext context, Commands commands) =>
        Send(new EarnPoints(id, body.Points), context, commands);

    private static Task<IResult> Spend(string id, PointsBody body, HttpContext context, Commands commands) =>
        Send(new SpendPoints(id, body.Points), context, commands);

    private static async Task<IResult> Send(object command, HttpContext context, Commands commands)
    {
        var answer = await commands.Send(command, context.Origin(), context.RequestAborted);
        return Refusals.Of(answer) ?? Results.Created((string?)null, new { position = $"{((CommandAnswer.Accepted)answer).Token}" });
    }

    private static async Task<IResult> Show(string id, HttpContext context, Projections projections) =>
        (await projections.Of(CardView.Projection).Get($"card-{id}", Consistency.Latest(TimeSpan.FromSeconds(1)), context.Tenant())).OrThrow() is { } card
            ? Results.Ok(card)
            : new Refusal(PlatformProblems.NotFound.Code);

    public sealed record PointsBody(int Points);
}
// end
