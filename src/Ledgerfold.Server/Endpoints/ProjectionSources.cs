using Ledgerfold.Http.Permitting;
using Ledgerfold.Model.Folding;
using Ledgerfold.Server.Security.Permitting;

namespace Ledgerfold.Server.Endpoints;

/// <summary>What rows are made of: whoever asks for them asks for all events that can show in them.</summary>
internal static class ProjectionSources
{
    /// <summary>Whether a right is held on everything that a projection is made of, in each of its versions.</summary>
    /// <param name="engine">Keeps the projections.</param>
    /// <param name="name">The projection; of one that there is not, nothing is asked.</param>
    /// <param name="access">Whose right.</param>
    /// <param name="right">Which right.</param>
    /// <param name="tenant">In which tenant; <c>*</c> for what is about all of them.</param>
    public static Ruling Decide(this FoldEngine engine, string name, Access access, Right right, string tenant)
    {
        foreach (var projection in engine.Projections.Where(one => one.Fold.Name == name))
        {
            if (access.DecideQuery(tenant, projection.Query, right) is Ruling.Denied denied)
                return denied;
        }

        return Ruling.Yes;
    }
}
