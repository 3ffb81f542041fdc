using System.Text.Json;
using System.Text.Json.Nodes;
using Ledgerfold.Http.Problems;

namespace Ledgerfold.Server.Tests.Documents;

public sealed class The_documents_of_the_API
{
    [Fact]
    public async Task Describe_every_endpoint_as_it_is()
    {
        await using var server = await RunningServer.Start(manualClock: true, systems: Systems.All);

        var document = JsonNode.Parse((await server.Get("/openapi/v1.json")).Body)!.AsObject();

        document.Remove("servers"); // where this one listened
        Committed.Check("docs/openapi.json", document.ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n");
    }

    [Fact]
    public async Task Have_a_page_for_every_refusal_and_no_other()
    {
        await using var server = await RunningServer.Start(systems: Systems.All);
        var kinds = server.Get<ProblemCatalogue>().All;

        foreach (var kind in kinds)
            Committed.Check($"docs/problems/{kind.Code}.md", PageOf(kind));

        Assert.Equal(kinds.Select(static kind => $"{kind.Code}.md").Order(), Committed.In("docs/problems").Order());
    }

    private static string PageOf(ProblemKind kind) =>
        $"""
        # {kind.Title}

        Code `{kind.Code}`, status {kind.Status}.

        {kind.Meaning}

        {(kind.Retryable ? "The same call may succeed later." : "The same call fails again until something changes.")}

        """;
}
