using System.Text.Json.Nodes;
using Ledgerfold.Testing;

namespace Ledgerfold.Server.Tests.Samples;

public sealed class Running_a_first_system
{
    // begin scenario
    private static readonly Scenario Cards = new(Card.Module);

    [Fact]
    public void Pays_with_points_that_are_there() => Cards
        .Given(new Card.PointsEarned(30))
        .When(new SpendPoints("ann", 30))
        .Then(new Card.PointsSpent(30));

    [Fact]
    public void Refuses_to_pay_with_points_that_are_not_there() => Cards
        .Given(new Card.PointsEarned(30))
        .When(new SpendPoints("ann", 31))
        .ThenRejected("TOO_FEW_POINTS");
    // end

    [Fact]
    public async Task Answers_as_the_guide_says()
    {
        await using var server = await RunningServer.Start(systems: [new LoyaltySystem()]);

        var earned = await server.Post("/api/v1/loyalty/cards/ann/earnings", """{"points":30}""", "1");
        var again = await server.Post("/api/v1/loyalty/cards/ann/earnings", """{"points":30}""", "1");
        var tooMuch = await server.Post("/api/v1/loyalty/cards/ann/payments", """{"points":31}""", "2");
        var wrong = await server.Post("/api/v1/loyalty/cards/ann/payments", """{"points":0}""", "3");
        var shown = await server.Get("/api/v1/loyalty/cards/ann");
        var state = await server.Get("/api/v1/streams/card-ann/state?version=1");

        Assert.Equal((201, 201, true), (earned.Status, again.Status, again.IsReplayed));
        Assert.Equal(earned.Text, again.Text);
        Assert.Equal((409, "TOO_FEW_POINTS"), (tooMuch.Status, (string?)JsonNode.Parse(tooMuch.Text)!["code"]));
        Assert.Equal((400, "/points"), (wrong.Status, (string?)JsonNode.Parse(wrong.Text)!["errors"]![0]!["pointer"]));
        Assert.Equal("""{"points":30,"earned":30}""", shown.Text);
        Assert.Equal(30, (int?)JsonNode.Parse(state.Text)!["state"]);
        Assert.Equal(1, (await server.Get("/api/v1/streams/card-ann/events")).Text.Split("PointsEarned").Length - 1);
    }

    [Fact]
    public async Task Is_closed_to_whoever_has_no_key()
    {
        await using var server = await RunningServer.Start(systems: [new LoyaltySystem()]);
        using var nobody = server.ClientWith(null);

        var answer = await RunningServer.Send(nobody, new HttpRequestMessage(HttpMethod.Get, "/api/v1/loyalty/cards/ann"));

        Assert.Equal(401, answer.Status);
    }
}
