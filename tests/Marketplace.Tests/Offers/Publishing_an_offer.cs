using Ledgerfold.Testing;
using Marketplace.Amounts;
using Marketplace.Offers;

namespace Marketplace.Tests.Offers;

public sealed class Publishing_an_offer
{
    private static readonly Money Price = new(1999, "EUR");

    private static readonly Scenario Offers = new(Offer.Module);

    private static readonly Scenario Published = Offers.Given(new Offer.OfferPublished("tea", "V1", "Tea", Price));

    [Fact]
    public void Happens_once_for_each_article_of_a_vendor()
    {
        Offers.When(new PublishOffer("tea", "V1", "Tea", Price)).Then(new Offer.OfferPublished("tea", "V1", "Tea", Price));
        Published.When(new PublishOffer("tea", "V1", "Tea", Price)).ThenRejected("OFFER_EXISTS", "sku");
    }

    [Fact]
    public void Lets_its_price_be_changed() => Published
        .When(new ChangePrice("tea", "V1", new(2099, "EUR")))
        .Then(new Offer.PriceChanged("tea", "V1", new(2099, "EUR"), Price));

    [Fact]
    public void Changes_nothing_where_the_price_is_the_same() => Published
        .Given(new Offer.PriceChanged("tea", "V1", new(2099, "EUR"), Price))
        .When(new ChangePrice("tea", "V1", new(2099, "EUR")))
        .Then();

    [Fact]
    public void Keeps_its_currency() => Published.When(new ChangePrice("tea", "V1", new(1999, "USD"))).ThenRejected("CURRENCY_MISMATCH", "unitPrice");

    [Fact]
    public void Comes_before_a_change_of_its_price() => Offers.When(new ChangePrice("tea", "V1", Price)).ThenRejected("OFFER_NOT_FOUND", "sku");

    [Fact]
    public void Keeps_a_state_that_bears_being_kept() =>
        SnapshotCheck.Holds(Offer.Decider, new Offer.OfferPublished("tea", "V1", "Tea", Price), new Offer.PriceChanged("tea", "V1", new(5, "EUR"), Price));

    [Fact]
    public void Is_kept_in_a_stream_that_no_other_article_can_share()
    {
        Assert.Equal("offer-a-b:c", Offer.Decider.StreamOf(Article.IdOf("a-b", "c")));
        Assert.Equal("offer-a:b-c", Offer.Decider.StreamOf(Article.IdOf("a", "b-c")));
    }

    [Theory]
    [InlineData("te:a", "V1", "Tea", 1, "EUR", "sku")]
    [InlineData("tea", "V:1", "Tea", 1, "EUR", "vendorId")]
    [InlineData("tea", "V1", "", 1, "EUR", "title")]
    [InlineData("tea", "V1", "Tea", -1, "EUR", "unitPrice")]
    [InlineData("tea", "V1", "Tea", 1, "XXX", "unitPrice")]
    [InlineData("tea", "V1", "Tea", 1, null, "unitPrice")]
    [InlineData("tea", "V1", "Tea", 100_000_000_001, "EUR", "unitPrice")]
    public Task Names_the_member_that_is_at_fault(string sku, string vendorId, string title, long price, string? currency, string field) =>
        Refusal.IsFor(field, Offer.Module, new PublishOffer(sku, vendorId, title, new Money(price, currency!)));
}
