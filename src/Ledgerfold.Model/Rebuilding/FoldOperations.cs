using Ledgerfold.Model.Folding;
using Ledgerfold.Model.Operating;
using Ledgerfold.Model.Replaying;

namespace Ledgerfold.Model.Rebuilding;

/// <summary>
/// What operators do with the rows of projections: build them again beside those that people read, compare, switch, go back, let go of what
/// nobody sees; and replay. Each is an operation, so that it has somebody who wanted it, a reason, a progress and a result, and outlives
/// restarts; of one projection one is open at a time. Rows are those of all tenants, so they are asked for in the default one.
/// </summary>
public static class FoldOperations
{
    /// <summary>The kinds of operations on the projections of an engine.</summary>
    public static IEnumerable<Operation> Of(FoldEngine engine)
    {
        ArgumentNullException.ThrowIfNull(engine);
        return
        [
            new Operation<RebuildRequest>("rebuild")
            {
                Subject = static request => SubjectOf(request.Projection),
                Run = async (request, context) => await new Rebuild(engine, request, ForAll(context)).Run(),
            },
            new Operation<SwitchRequest>("switch")
            {
                Subject = static request => SubjectOf(request.Projection),
                Run = async (request, context) => await new Switching(engine, ForAll(context)).To(request),
            },
            new Operation<RollBackRequest>("roll-back")
            {
                Subject = static request => SubjectOf(request.Projection),
                Run = async (request, context) => await new Switching(engine, ForAll(context)).Back(request.Projection),
            },
            new Operation<DiscardRequest>("discard")
            {
                Subject = static request => SubjectOf(request.Projection),
                Run = async (request, context) => await Switching.Discard(engine, request.Projection, ForAll(context).Cancel),
            },
            new Operation<ReplayRequest>("replay") { Run = async (request, context) => await new Replay(engine, request, context).Run() },
        ];
    }

    /// <summary>What excludes another one does so within a tenant.</summary>
    private static OperationContext ForAll(OperationContext context) => context.Tenant == Tenants.Default
        ? context
        : throw new InvalidOperationException($"Rows are those of all tenants: ask for it in the tenant '{Tenants.Default}'.");

    private static string SubjectOf(string projection) => $"fold:{projection}";
}

/// <summary>
/// Builds all rows of a projection from the first event on, beside those that people read, and compares both: what comes of it is what
/// would change. Nobody sees them before they are switched to.
/// </summary>
/// <param name="Projection">The projection.</param>
/// <param name="Version">The version of its code; the one that people see now, or another.</param>
public sealed record RebuildRequest(string Projection, int Version);

/// <summary>Lets people see rows that were built beside those they see now.</summary>
/// <param name="Projection">The projection.</param>
/// <param name="Version">The version of its code that they are of.</param>
public sealed record SwitchRequest(string Projection, int Version);

/// <summary>Lets people see again what they saw before the last switch; a second one goes forward again.</summary>
/// <param name="Projection">The projection.</param>
public sealed record RollBackRequest(string Projection);

/// <summary>Lets go of all rows of a projection that people do not see.</summary>
/// <param name="Projection">The projection.</param>
public sealed record DiscardRequest(string Projection);
