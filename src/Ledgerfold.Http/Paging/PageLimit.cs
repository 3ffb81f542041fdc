using Ledgerfold.Http.Problems;
using Ledgerfold.Model.Exploring;

namespace Ledgerfold.Http.Paging;

/// <summary>How long a part of a list is.</summary>
public static class PageLimit
{
    /// <summary>Where nothing is said.</summary>
    public const int Default = PageRequest.LimitDefault;

    /// <summary>At most.</summary>
    public const int Max = 1_000;

    /// <summary>What was asked for, or the default.</summary>
    /// <exception cref="RefusedException">It is not between 1 and the most there can be.</exception>
    public static int Of(int? limit, int max = Max) => limit switch
    {
        null => Math.Min(Default, max),
        >= 1 when limit <= max => limit.Value,
        _ => throw new RefusedException(Refusal.Of("limit", $"1 to {max}")),
    };
}
