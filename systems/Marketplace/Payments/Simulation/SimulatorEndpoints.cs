using System.Collections.Immutable;
using System.Text.Json;
using Ledgerfold.Http.Permitting;
using Ledgerfold.Http.Problems;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Marketplace.Payments.Simulation;

/// <summary>
/// What the simulated provider says to the next calls for a card: only where the server was started for trying things out.
/// </summary>
internal static class SimulatorEndpoints
{
    private const int OutcomesMax = 1_000;

    private static readonly ImmutableDictionary<string, ProviderOutcome> Outcomes = Enum.GetValues<ProviderOutcome>()
        .ToImmutableDictionary(static outcome => JsonSerializer.SerializeToElement(outcome).GetString()!, StringComparer.Ordinal);

    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/simulator/payment-script", Script)
        .WithTags("marketplace: simulator").Needs(Right.Operate, Payment.Decider.Category);

    private static IResult Script(SimulatedProvider provider, ScriptBody body)
    {
        if (Input.Id("card", body.Card) is { } broken)
            return Refusal.Of("/card", broken.Rule);
        if (body.Outcomes.IsDefaultOrEmpty || body.Outcomes.Length > OutcomesMax)
            return Refusal.Of("/outcomes", $"1 to {OutcomesMax}");
        for (var at = 0; at < body.Outcomes.Length; at++)
        {
            if (body.Outcomes[at] is not { } name || !Outcomes.ContainsKey(name))
                return Refusal.Of($"/outcomes/{at}", $"one of {string.Join(", ", Outcomes.Keys.Order(StringComparer.Ordinal))}");
        }

        provider.Script(body.Card!, [.. body.Outcomes.Select(static name => Outcomes[name!])]);
        return Results.Ok(body);
    }
}

/// <summary>What the next calls for a card come to, one after the other.</summary>
internal sealed record ScriptBody(string? Card, ImmutableArray<string?> Outcomes);
