using Marketplace.Amounts;

namespace Marketplace.Offers;

public sealed record PublishOffer(string Sku, string VendorId, string Title, Money UnitPrice);

public sealed record ChangePrice(string Sku, string VendorId, Money UnitPrice);

/// <summary>
/// What a vendor asks for an article. A new price says nothing to orders that stand: they froze the one they were made at.
/// </summary>
public static class Offer
{
    public abstract record Event;

    public sealed record OfferPublished(string Sku, string VendorId, string Title, Money UnitPrice) : Event;

    public sealed record PriceChanged(string Sku, string VendorId, Money UnitPrice, Money Before) : Event;

    public sealed record State(string Title, Money UnitPrice);

    public static State? Apply(State? offer, object fact) => fact switch
    {
        OfferPublished published => new(published.Title, published.UnitPrice),
        PriceChanged changed => offer! with { UnitPrice = changed.UnitPrice },
        _ => offer,
    };

    public static Decision Decide(PublishOffer command, State? offer) => offer is null
        ? Decision.Of(new OfferPublished(command.Sku, command.VendorId, command.Title, command.UnitPrice))
        : Decision.Reject("OFFER_EXISTS", "sku");

    public static Decision Decide(ChangePrice command, State? offer)
    {
        if (offer is null)
            return Decision.Reject("OFFER_NOT_FOUND", "sku");
        if (offer.UnitPrice == command.UnitPrice)
            return Decision.Nothing;
        return offer.UnitPrice.Currency == command.UnitPrice.Currency
            ? Decision.Of(new PriceChanged(command.Sku, command.VendorId, command.UnitPrice, offer.UnitPrice))
            : Decision.Reject("CURRENCY_MISMATCH", "unitPrice", $"The offer is in {offer.UnitPrice.Currency}.");
    }

    public static readonly Decider<State?> Decider = new("offer", null, Apply);

    public static readonly Module Module = new Module("offers")
        .Events(EventTypes.Of<Event>())
        .Decides(Decider, static offers => offers
            .On<PublishOffer>(command => Article.IdOf(command.VendorId, command.Sku), Decide)
            .On<ChangePrice>(command => Article.IdOf(command.VendorId, command.Sku), Decide))
        .Validates<PublishOffer>(static command => Input.Id("sku", command.Sku)
            ?? Input.Id("vendorId", command.VendorId)
            ?? Input.Text("title", command.Title, 200)
            ?? Input.Price("unitPrice", command.UnitPrice))
        .Validates<ChangePrice>(static command => Input.Id("sku", command.Sku)
            ?? Input.Id("vendorId", command.VendorId)
            ?? Input.Price("unitPrice", command.UnitPrice))
        .Projects(OfferView.Projection);
}
