using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Ledgerfold.Model.Commanding;
using Ledgerfold.Model.Events;

namespace Ledgerfold.Model.Driving;

/// <summary>
/// Every tenant that has instances of processes: rows are read for one tenant at a time, so somebody has to know which there are. A tenant
/// is in the ledger before its first instance is.
/// </summary>
internal sealed class TenantList(ILedger ledger)
{
    private const string Stream = "$tenants-processes";
    private const string EventType = "TenantSeen";

    private static readonly Guid Space = new("9e1d4a0c-7f53-4c6e-8b1a-74656e616e74");

    private readonly ConcurrentDictionary<string, bool> _known = new(StringComparer.Ordinal);

    public ImmutableArray<string> All => [.. _known.Keys.Order(StringComparer.Ordinal)];

    public async ValueTask Load(CancellationToken cancel)
    {
        var request = new ReadRequest { Tenant = ProcessLoop.PlatformTenant, Query = EventQuery.OfStream(Stream) };
        await foreach (var page in ledger.Read(request, cancel))
        {
            foreach (var recorded in page.Events)
                _known[JsonSerializer.Deserialize<Seen>(recorded.Data.Span, EventJson.Options)!.Tenant] = true;
        }
    }

    public ValueTask Add(string tenant, CancellationToken cancel) => _known.ContainsKey(tenant) ? default : Record(tenant, cancel);

    private async ValueTask Record(string tenant, CancellationToken cancel)
    {
        var seen = new NewEvent
        {
            Id = NameBasedId.Of(Space, Encoding.UTF8.GetBytes(tenant)),
            Type = EventType,
            Data = JsonSerializer.SerializeToUtf8Bytes(new Seen(tenant), EventJson.Options),
        };
        var request = AppendRequest.To(Stream, Expectation.Any, seen) with { Tenant = ProcessLoop.PlatformTenant };
        if (await ledger.Append(request, cancel) is not AppendOutcome.Appended and var outcome)
            throw new ProcessBusyException($"The ledger does not take the tenant {tenant}: {outcome}");
        _known[tenant] = true;
    }

    private sealed record Seen(string Tenant);
}
