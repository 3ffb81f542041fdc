using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;

namespace Ledgerfold.Cli.Load.Traffic;

/// <summary>The body of <c>POST /orders</c>.</summary>
internal static class OrderBody
{
    private const int ShippingMinor = 390;

    /// <param name="isSuspicious">A foreign card and an address that does not fit: together a case for review.</param>
    public static byte[] Of(
        string customer, ImmutableArray<(Article Article, int Quantity)> lines, int discountMinor, string card, bool isSuspicious)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("customerId", customer);
            json.WriteString("currency", Article.Currency);
            json.WriteStartArray("lines");
            foreach (var (article, quantity) in lines)
            {
                json.WriteStartObject();
                json.WriteString("sku", article.Sku);
                json.WriteString("vendorId", article.VendorId);
                json.WriteNumber("quantity", quantity);
                Money(json, "unitPrice", article.PriceMinor);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            if (discountMinor > 0)
                Money(json, "discount", discountMinor);
            json.WriteStartArray("shipping");
            foreach (var vendor in lines.Select(static line => line.Article.VendorId).Distinct(StringComparer.Ordinal))
            {
                json.WriteStartObject();
                json.WriteString("vendorId", vendor);
                Money(json, "price", ShippingMinor);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartObject("payment");
            json.WriteString("card", card);
            json.WriteString("addressCheck", isSuspicious ? "N" : "Y");
            json.WriteString("ipCountry", isSuspicious ? "US" : "DE");
            json.WriteString("cardCountry", "DE");
            json.WriteEndObject();
            json.WriteStartObject("destination");
            json.WriteString("country", "DE");
            json.WriteString("city", "Leipzig");
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Writes money as the marketplace takes it.</summary>
    public static void Money(Utf8JsonWriter json, string name, int minor)
    {
        json.WriteStartObject(name);
        json.WriteString("amount", $"{minor / 100}.{minor % 100:00}");
        json.WriteString("currency", Article.Currency);
        json.WriteEndObject();
    }
}
