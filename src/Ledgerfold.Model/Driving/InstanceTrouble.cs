using Ledgerfold.Model.Processing;

namespace Ledgerfold.Model.Driving;

/// <summary>An instance that somebody should look at.</summary>
/// <param name="Instance">Which.</param>
/// <param name="Stuck">Why it cannot go on before somebody acts; null while it can.</param>
/// <param name="Missed">How many inputs for it were missed, and neither handed in again nor passed over since.</param>
public sealed record InstanceTrouble(InstanceName Instance, string? Stuck, int Missed);

/// <summary>
/// Finds the instances that somebody should look at: short reads of two indexes for each tenant, and no more than asked for.
/// </summary>
internal sealed class TroubleRows(IFoldStore store, TenantList tenants)
{
    public async ValueTask<List<InstanceTrouble>> Read(int countMax, CancellationToken cancel)
    {
        var found = new Dictionary<InstanceName, InstanceTrouble>();
        foreach (var index in new[] { InstanceRows.StuckIndex, InstanceRows.MissedIndex })
        {
            foreach (var tenant in tenants.All)
            {
                if (found.Count >= countMax)
                    break;
                var request = new FoldRead
                {
                    Fold = InstanceRows.Projection.Fold,
                    Tenant = tenant,
                    Index = index,
                    Limit = countMax - found.Count,
                };
                foreach (var stored in (await store.Read(request, cancel)).Rows)
                {
                    var row = InstanceRows.Projection.DecodeState(stored);
                    var name = new InstanceName(row.Process, row.Key.Length > 0 ? row.Key : null, tenant);
                    found[name] = new InstanceTrouble(name, row.Stuck, row.Missed);
                }
            }
        }

        return [.. found.Values];
    }
}
