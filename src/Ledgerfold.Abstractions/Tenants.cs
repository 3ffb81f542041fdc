namespace Ledgerfold;

/// <summary>A tenant owns its events, streams, ids and cursors; tenants never meet.</summary>
public static class Tenants
{
    /// <summary>The tenant of those who have only one.</summary>
    public const string Default = "default";
}
