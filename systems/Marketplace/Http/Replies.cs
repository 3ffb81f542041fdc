using Ledgerfold.Http;
using Ledgerfold.Http.Permitting;
using Ledgerfold.Http.Problems;
using Ledgerfold.Model.Commanding;
using Ledgerfold.Model.Querying;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Marketplace.Http;

/// <summary>What all endpoints of the marketplace do in one way: send a command, ask rows, say where something is.</summary>
internal static class Replies
{
    /// <summary>Where the endpoints are.</summary>
    public const string Root = "/api/v1/marketplace";

    private static readonly TimeSpan ShownWithin = TimeSpan.FromSeconds(2);

    /// <summary>Its answer says what events of a category say.</summary>
    public static TBuilder Shows<TBuilder>(this TBuilder builder, string category)
        where TBuilder : IEndpointConventionBuilder => builder.Needs(Right.Read, category).Needs(Right.ReadPayload, category);

    /// <summary>Carries a command out for an idempotent call.</summary>
    /// <exception cref="RefusedException">It was not carried out.</exception>
    public static async Task<CommandAnswer.Accepted> Send(this HttpContext context, Commands commands, object command)
    {
        var answer = await commands.Send(command, context.Origin(), context.RequestAborted);
        return Refusals.Of(answer) is { } refusal ? throw new RefusedException(refusal) : (CommandAnswer.Accepted)answer;
    }

    /// <summary>An id in a path: what can be no id names nothing.</summary>
    /// <exception cref="RefusedException">It can be none.</exception>
    public static string Named(string id, string notFound) =>
        Input.CompoundId("id", id) is null ? id : throw NotFound(notFound);

    /// <summary>There is no such thing.</summary>
    public static RefusedException NotFound(string code) => new(new Refusal(code));

    /// <summary>Asks rows that show everything that was done when the call came.</summary>
    /// <exception cref="RefusedException">They do not, in time.</exception>
    public static Task<T> Latest<T>(Func<Consistency, ValueTask<ReadAnswer<T>>> ask) => Shown(ask, Consistency.Latest(ShownWithin));

    /// <summary>Asks rows that show what a command did.</summary>
    /// <exception cref="RefusedException">They do not, in time.</exception>
    public static Task<T> AtLeast<T>(long token, Func<Consistency, ValueTask<ReadAnswer<T>>> ask) =>
        Shown(ask, Consistency.AtLeast(token, ShownWithin));

    /// <summary>A page of rows; what continues another question is refused.</summary>
    /// <exception cref="RefusedException">It does, or the rows are not new enough in time.</exception>
    public static async Task<RowPage<T>> Page<T>(ProjectionReader<T> rows, RowQuery<T> query, CancellationToken cancel)
        where T : class
    {
        try
        {
            return await Latest(consistency => rows.Read(query, consistency, cancel));
        }
        catch (ArgumentException)
        {
            throw new RefusedException(Refusal.Of("after", "what next of a page of the same question said"));
        }
    }

    private static async Task<T> Shown<T>(Func<Consistency, ValueTask<ReadAnswer<T>>> ask, Consistency consistency) =>
        await ask(consistency) is ReadAnswer<T>.Found found
            ? found.Value
            : throw new RefusedException(new Refusal(PlatformProblems.Stale.Code) { RetryAfter = TimeSpan.FromSeconds(1) });
}
