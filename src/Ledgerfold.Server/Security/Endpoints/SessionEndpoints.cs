using Ledgerfold.Http.Problems;
using Ledgerfold.Server.Security.Governing;
using Ledgerfold.Server.Security.Proving;
using Ledgerfold.Server.Security.Serving;
using Microsoft.AspNetCore.Antiforgery;

namespace Ledgerfold.Server.Security.Endpoints;

/// <summary>Sessions of people: in with a password, out again, and the token that goes with the cookie.</summary>
internal static class SessionEndpoints
{
    public static void Map(IEndpointRouteBuilder api)
    {
        var sessions = api.MapGroup("/sessions").WithTags("access");
        sessions.MapPost("/", Begin).AllowAnonymous();
        sessions.MapGet("/token", Token).DecidesItself();
        sessions.MapDelete("/current", (Delegate)End).DecidesItself();
    }

    private static async Task<IResult> Begin(HttpContext context, SessionBody body, SignIn signIn)
    {
        switch (await signIn.Enter(body.User, body.Password, context.From() with { Caller = Caller.Nobody }, context.RequestAborted))
        {
            case SignInAnswer.Entered { Person: var person }:
                await Sessions.Begin(context, person);
                return Results.NoContent();
            case SignInAnswer.Wait { For: var pause }:
                return new Refusal(PlatformProblems.TooManyRequests.Code, "Too many tries failed.") { RetryAfter = pause };
            case SignInAnswer.Busy:
                return new Refusal(PlatformProblems.Overloaded.Code) { RetryAfter = TimeSpan.FromSeconds(1) };
            default:
                return new Refusal(AccessProblems.SignInFailed.Code);
        }
    }

    private static TokenJson Token(HttpContext context, IAntiforgery forgery) =>
        new(Forgery.Header, forgery.GetAndStoreTokens(context).RequestToken);

    private static async Task<IResult> End(HttpContext context)
    {
        await Sessions.End(context);
        return Results.NoContent();
    }
}
