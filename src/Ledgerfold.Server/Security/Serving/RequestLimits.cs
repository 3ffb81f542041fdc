using Ledgerfold.Server.Security.Counting;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Ledgerfold.Server.Security.Serving;

/// <summary>How much one request, and one principal, may ask for.</summary>
internal sealed record RequestLimits
{
    /// <summary>The most bytes of a body: an append of 8 MiB as Base64 in JSON.</summary>
    public long BodyBytesMax { get; init; } = 12 * 1024 * 1024;

    /// <summary>The most bytes of all headers.</summary>
    public int HeaderBytesMax { get; init; } = 32 * 1024;

    /// <summary>The most headers.</summary>
    public int HeadersMax { get; init; } = 100;

    /// <summary>How deep JSON may be nested.</summary>
    public int JsonDepthMax { get; init; } = 64;

    /// <summary>How often one who is known may ask.</summary>
    public Rate Known { get; init; } = new(5_000, 10_000);

    /// <summary>How often those who are not known may ask from one address.</summary>
    public Rate Anonymous { get; init; } = new(20, 100);

    /// <summary>How many principals and addresses are told apart in this.</summary>
    public int PrincipalsMax { get; init; } = 20_000;

    /// <summary>How many follows one principal may have open.</summary>
    public int FollowsMax { get; init; } = 16;

    /// <summary>Sets what the web server itself can hold to.</summary>
    public void ApplyTo(KestrelServerLimits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        limits.MaxRequestBodySize = BodyBytesMax;
        limits.MaxRequestHeadersTotalSize = HeaderBytesMax;
        limits.MaxRequestHeaderCount = HeadersMax;
    }
}
