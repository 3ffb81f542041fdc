namespace Marketplace;

/// <summary>
/// What one vendor sells under one SKU. Offers and stock are kept for each, in streams that end in its id. Neither part of the id can
/// hold a colon, so no two articles share one.
/// </summary>
internal static class Article
{
    /// <summary>Its id: <c>vendorId:sku</c>.</summary>
    public static string IdOf(string vendorId, string sku) => $"{vendorId}:{sku}";
}
