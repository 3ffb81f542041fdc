using System.Text.Json.Serialization;
using Ledgerfold.Http;
using Ledgerfold.Http.Idempotency;
using Ledgerfold.Http.Permitting;
using Ledgerfold.Http.Problems;
using Ledgerfold.Model;
using Ledgerfold.Model.Acting;
using Ledgerfold.Model.Commanding;
using Ledgerfold.Model.Deciding;
using Ledgerfold.Model.Events;
using Ledgerfold.Model.Folding;
using Ledgerfold.Model.Processing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Ledgerfold.Server.Tests.Telling;

/// <summary>A system with all that a trace goes through: a call sends a command, a projection shows it, a process has it run and closes it.</summary>
internal sealed class Errands : ISystem
{
    private static readonly Decider<int> Steps = new("errand", 0, static (steps, _) => steps + 1);

    private static readonly Projection<Shown> List = new("errand-list")
    {
        Query = EventQuery.OfCategory("errand"),
        Key = static (_, recorded) => recorded.Stream,
        Apply = static (_, fact, _) => new Shown(fact is ErrandClosed),
    };

    private static readonly Process<Going> Running = new Process<Going>("errandBoy")
        .Starts<ErrandTaken>(static taken => taken.Errand, static (taken, react) =>
        {
            react.Run("fetch", new Fetch(taken.Errand));
            return new Going(false);
        })
        .Done("fetch", static (_, _, react) =>
        {
            react.Run("close", new CloseErrand(react.Key));
            return new Going(true);
        })
        .Done("close", static (state, _, react) =>
        {
            react.End();
            return state;
        });

    public string Name => "errands";

    public IEnumerable<ProblemKind> Problems { get; } = [];

    /// <summary>What the decision of the call and the activity found to be going on.</summary>
    public List<(string Where, System.Diagnostics.Activity? Going, string? TraceParent)> Found { get; } = [];

    /// <summary>Ends when the errand was fetched.</summary>
    public TaskCompletionSource Fetched { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Add(LedgerfoldBuilder ledgerfold) => ledgerfold.AddModule(new Module("errands")
        .Events(EventTypes.Of<ErrandEvent>())
        .Decides(Steps, errands => errands
            .On<TakeErrand>(static command => command.Errand, (command, _) =>
            {
                Note("decision", null);
                return Decision.Of(new ErrandTaken(command.Errand));
            })
            .On<CloseErrand>(static command => command.Errand, static (_, _) => Decision.Of(new ErrandClosed())))
        .Performs(new Activity<Fetch>("fetch")
        {
            Do = (_, context, _) =>
            {
                Note("activity", context.TraceParent);
                Fetched.TrySetResult();
                return Task.FromResult<ActivityOutcome>(new ActivityOutcome.Done());
            },
        })
        .Projects(List)
        .Runs(Running));

    public void Map(IEndpointRouteBuilder routes) => routes.MapPost("/{errand}", async (string errand, HttpContext context, Commands commands) =>
    {
        var answer = await commands.Send(new TakeErrand(errand), context.Origin(), context.RequestAborted);
        return Refusals.Of(answer) ?? Results.Ok(new { token = $"{((CommandAnswer.Accepted)answer).Token}" });
    }).Needs(Right.Append, "errand").Idempotent();

    private void Note(string where, string? traceParent)
    {
        lock (Found)
            Found.Add((where, System.Diagnostics.Activity.Current, traceParent));
    }

    public sealed record TakeErrand(string Errand);

    public sealed record CloseErrand(string Errand);

    public sealed record Fetch(string Errand);

    public sealed record Going([property: JsonRequired] bool IsFetched);

    public sealed record Shown([property: JsonRequired] bool IsClosed);

    public abstract record ErrandEvent;

    public sealed record ErrandTaken(string Errand) : ErrandEvent;

    public sealed record ErrandClosed : ErrandEvent;
}

/// <summary>What is told to the whole process: whoever listens to it, or counts on nobody doing so, is alone.</summary>
[CollectionDefinition(DisableParallelization = true)]
public sealed class Alone;
