using Ledgerfold.Http;
using Marketplace;

namespace Ledgerfold.Server;

/// <summary>The systems that run on this server.</summary>
internal static class Systems
{
    public static IReadOnlyList<ISystem> All { get; } = [new MarketplaceSystem()];
}
