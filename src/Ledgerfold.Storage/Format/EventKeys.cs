using Ledgerfold.Storage.Index;

namespace Ledgerfold.Storage.Format;

/// <summary>Which keys find an event: the one list that writing, recovery and verification use.</summary>
internal static class EventKeys
{
    /// <summary>Category, type, platform or ordinary, correlation, and the tags.</summary>
    public const int OthersMax = 4 + Limits.TagsMax;

    private static ReadOnlySpan<byte> CorrelationPrefix => "correlation:"u8;

    /// <summary>Fills in the keys beside id and stream, and answers how many there are.</summary>
    public static int Others(KeyHasher hasher, in EventNames names, Span<IndexKey> others)
    {
        var count = 0;
        others[count++] = hasher.OfCategory(names.Tenant, names.Category);
        others[count++] = hasher.OfType(names.Tenant, names.Type);
        others[count++] = names.IsPlatform ? hasher.OfPlatform(names.Tenant) : hasher.OfOrdinary(names.Tenant);
        if (names.HasCorrelation)
        {
            Span<byte> tag = stackalloc byte[CorrelationPrefix.Length + names.Correlation.Length];
            CorrelationPrefix.CopyTo(tag);
            names.Correlation.CopyTo(tag[CorrelationPrefix.Length..]);
            others[count++] = hasher.OfTag(names.Tenant, tag);
        }

        var tags = names.TagBytes;
        for (var t = 0; t < names.TagCount; t++)
            others[count++] = hasher.OfTag(names.Tenant, EventNames.Next(ref tags, out _));
        return count;
    }
}
