using System.Collections.Concurrent;
using Ledgerfold.Server.Security.Permitting;

namespace Ledgerfold.Server.Security.Governing;

/// <summary>What callers may do by one state of the policies, worked out once for each of them. Any thread.</summary>
internal sealed class AccessCache(Policies policies)
{
    private const int CallersMax = 10_000;

    private readonly ConcurrentDictionary<Caller, Access> _known = new();

    public Policies Policies => policies;

    public Access Of(Caller caller, DateTimeOffset at)
    {
        // whose access ends is asked for the time as well, so only what does not end meanwhile is kept
        if (policies.EndOf(caller) is not { } end || end <= at)
            return policies.AccessOf(caller, at);
        if (_known.TryGetValue(caller, out var access))
            return access;
        if (_known.Count >= CallersMax)
            _known.Clear();
        return _known[caller] = policies.AccessOf(caller, at);
    }
}
