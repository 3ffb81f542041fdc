using System.Text;
using System.Text.Encodings.Web;
using Ledgerfold.Http.Problems;

namespace Ledgerfold.Server.Endpoints;

/// <summary>The catalogue of refusals, and the page that each of them names as its type.</summary>
internal static class ProblemEndpoints
{
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/problems", static (ProblemCatalogue catalogue) => catalogue.All.Select(static kind => new ProblemJson(
            kind.Page, kind.Code, kind.Status, kind.Title, kind.Meaning, kind.Retryable))).WithTags("problems").AllowAnonymous();
        app.MapGet("/problems/{code}", Page).WithTags("problems").AllowAnonymous();
    }

    private static IResult Page(string code, ProblemCatalogue catalogue)
    {
        if (catalogue.Find(code) is not { } kind)
            return new Refusal(PlatformProblems.NotFound.Code);
        var html = HtmlEncoder.Default;
        var again = kind.Retryable ? "The same call may succeed later." : "The same call fails again until something changes.";
        return Results.Text(
            $"""
            <!doctype html>
            <html lang="en">
            <meta charset="utf-8">
            <title>{html.Encode(kind.Code)} – Ledgerfold</title>
            <h1>{html.Encode(kind.Title)}</h1>
            <p><code>{html.Encode(kind.Code)}</code>, status {kind.Status}</p>
            <p>{html.Encode(kind.Meaning)}</p>
            <p>{again}</p>
            </html>
            """,
            "text/html",
            Encoding.UTF8);
    }
}

/// <summary>A kind of refusal.</summary>
internal sealed record ProblemJson(string Type, string Code, int Status, string Title, string Meaning, bool Retryable);
