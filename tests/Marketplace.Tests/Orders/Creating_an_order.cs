using System.Collections.Immutable;
using Ledgerfold.Model.Deciding;
using Ledgerfold.Testing;
using Marketplace.Amounts;
using Marketplace.Orders;
using static Marketplace.Orders.Order;
using static Marketplace.Tests.Orders.OrderCase;

namespace Marketplace.Tests.Orders;

public sealed class Creating_an_order
{
    [Fact]
    public void Freezes_its_prices_and_spreads_the_discount() => Nothing.When(Basket).Then(
        new OrderCreated(
            "O1",
            "ada",
            "EUR",
            new Bill(
                [
                    new(1, "tea", "V1", 2, Euro(1000), Euro(267), Euro(1733)), // 1000 × 2000 / 7500 = 266.67
                    new(2, "cup", "V2", 1, Euro(3000), Euro(400), Euro(2600)),
                    new(3, "pot", "V1", 1, Euro(2500), Euro(333), Euro(2167)), // 333.33
                ],
                [new("V1", Euro(3900), Euro(490), Euro(4390)), new("V2", Euro(2600), Euro(0), Euro(2600))],
                Euro(1000),
                Euro(6990)),
            new("tok_1"),
            null),
        new OrderValidated("O1", "ada", [new(1, "tea", "V1", 2), new(2, "cup", "V2", 1), new(3, "pot", "V1", 1)], Euro(6990), new("tok_1")));

    [Fact]
    public void Happens_once() => Pending.When(Basket).ThenRejected("ORDER_EXISTS", "orderId");

    [Fact]
    public void Gives_the_odd_cent_to_the_lower_of_equal_lines()
    {
        var bill = Bill.For(Basket with { Lines = [Line("a", 100), Line("b", 100), Line("c", 100)], Discount = Euro(100), Shipping = [] });

        Assert.Equal([34, 33, 33], bill.Lines.Select(static line => line.Discount.Minor));
        Assert.Equal([66, 67, 67], bill.Lines.Select(static line => line.Net.Minor));
    }

    [Fact]
    public void Knows_currencies_without_decimals_and_with_three()
    {
        var yen = Bill.For(Basket with { Currency = "JPY", Lines = [new("a", "V1", 3, new(333, "JPY")), new("b", "V1", 1, new(1, "JPY"))], Discount = new(100, "JPY"), Shipping = [] });
        var dinar = Bill.For(Basket with { Currency = "KWD", Lines = [new("a", "V1", 1, new(1001, "KWD")), new("b", "V1", 1, new(1000, "KWD"))], Discount = new(1, "KWD"), Shipping = [] });

        Assert.Equal(("900", "JPY"), (yen.Total.Amount, yen.Total.Currency));
        Assert.Equal([100, 0], yen.Lines.Select(static line => line.Discount.Minor));
        Assert.Equal("2.000", dinar.Total.Amount);
        Assert.Equal([1, 0], dinar.Lines.Select(static line => line.Discount.Minor));
    }

    [Fact]
    public void May_come_to_nothing()
    {
        var free = Basket with { Discount = Euro(7500), Shipping = [], Payment = null };

        Assert.True(Bill.For(free).Total.IsZero);
        Assert.All(Bill.For(free).Lines, static line => Assert.Equal(0, line.Net.Minor));
        Nothing.When(free).Then(Created(free), Validated(free));
        Assert.Null(OrderRules.Check(free));
        Assert.Null(OrderRules.Check(Basket with { Lines = [Line("a", 0)], Discount = null, Shipping = [], Payment = null }));
    }

    [Fact]
    public void Still_asks_for_shipping_where_all_goods_are_free()
    {
        var bill = Bill.For(Basket with { Discount = Euro(7500) });

        Assert.Equal(Euro(490), bill.Total);
    }

    [Fact]
    public void Keeps_two_lines_of_one_article_and_one_article_of_two_vendors_apart()
    {
        var bill = Bill.For(Basket with { Lines = [Line("tea", 100), Line("tea", 100), new("tea", "V2", 1, Euro(90))], Discount = null, Shipping = [] });

        Assert.Equal([1, 2, 3], bill.Lines.Select(static line => line.Number));
        Assert.Equal([("V1", 200L), ("V2", 90L)], bill.Vendors.Select(static part => (part.VendorId, part.Total.Minor)));
    }

    [Fact]
    public void Adds_up_whatever_is_ordered()
    {
        for (ulong seed = 1; seed <= 2_000; seed++)
        {
            var order = Draw(new SeededRandom(seed));
            Assert.Null(OrderRules.Check(order));
            var bill = Bill.For(order);
            var gross = order.Lines.Sum(static line => line.UnitPrice.Minor * line.Quantity);
            var shipping = order.Shipping.Sum(static fee => fee.Price.Minor);

            Assert.True(bill.Lines.Sum(static line => line.Net.Minor) == gross - order.Discount!.Value.Minor, $"seed {seed}");
            Assert.True(bill.Lines.All(static line => line is { Net.Minor: >= 0, Discount.Minor: >= 0 }), $"seed {seed}");
            Assert.True(bill.Lines.All(static line => line.Net + line.Discount == line.UnitPrice * line.Quantity), $"seed {seed}");
            Assert.True(bill.Vendors.Sum(static part => part.Total.Minor) == bill.Total.Minor, $"seed {seed}");
            Assert.True(bill.Total.Minor == gross - order.Discount!.Value.Minor + shipping, $"seed {seed}");
            Assert.True(bill.Vendors.All(part => part.Goods.Minor == bill.Lines.Where(line => line.VendorId == part.VendorId).Sum(static line => line.Net.Minor)), $"seed {seed}");
            CheckWithout(bill, new SeededRandom(seed), seed);
        }
    }

    [Fact]
    public async Task Names_the_member_that_is_at_fault()
    {
        await Refused("orderId", Basket with { OrderId = "O:1" });
        await Refused("customerId", Basket with { CustomerId = "" });
        await Refused("currency", Basket with { Currency = "XXX" });
        await Refused("lines", Basket with { Lines = [] });
        await Refused("lines", Basket with { Lines = default });
        await Refused("lines", Basket with { Lines = [.. Enumerable.Range(1, 201).Select(static n => Line($"s{n}", 1))] });
        await Refused("lines[1].sku", Basket with { Lines = [Line("a", 1), Line("", 1)] });
        await Refused("lines[0].vendorId", Basket with { Lines = [new("a", "V 1", 1, Euro(1))] });
        await Refused("lines[0].quantity", Basket with { Lines = [new("a", "V1", 0, Euro(1))] });
        await Refused("lines[0].quantity", Basket with { Lines = [new("a", "V1", 100_001, Euro(1))] });
        await Refused("lines[0].unitPrice", Basket with { Lines = [new("a", "V1", 1, Euro(-1))] });
        await Refused("lines[0].unitPrice", Basket with { Lines = [new("a", "V1", 1, new(1, "USD"))] });
        await Refused("lines[0].unitPrice", Basket with { Lines = [new("a", "V1", 1, default)] });
        await Refused("discount", Basket with { Discount = Euro(7501) });
        await Refused("discount", Basket with { Discount = Euro(-1) });
        await Refused("discount", Basket with { Discount = new(1, "USD") });
        await Refused("shipping", Basket with { Shipping = default });
        await Refused("shipping[0].vendorId", Basket with { Shipping = [new("V3", Euro(1))] });
        await Refused("shipping[1].vendorId", Basket with { Shipping = [new("V1", Euro(1)), new("V1", Euro(1))] });
        await Refused("shipping[0].price", Basket with { Shipping = [new("V1", Euro(-1))] });
        await Refused("payment", Basket with { Payment = null });
        await Refused("payment.card", Basket with { Payment = new("") });
        await Refused("payment.card", Basket with { Payment = new("tok 1") });
        await Refused("payment.device", Basket with { Payment = new("tok_1", Device: "a b") });
        await Refused("payment.addressCheck", Basket with { Payment = new("tok_1", AddressCheck: "Q") });
        await Refused("payment.cardCheck", Basket with { Payment = new("tok_1", CardCheck: "maybe") });
        await Refused("destination.country", Basket with { Destination = new("\t") });
    }

    [Fact]
    public void Never_counts_further_than_it_can()
    {
        var most = Basket with
        {
            Lines = [.. Enumerable.Range(1, 200).Select(static n => new OrderedLine($"s{n}", "V1", 100_000, Euro(100_000_000_000)))],
            Discount = null,
            Shipping = [],
        };

        Assert.Null(OrderRules.Check(most));
        Assert.Equal(2_000_000_000_000_000_000, Bill.For(most).Total.Minor);
        Assert.Null(OrderRules.Check(most with { Discount = Bill.For(most).Total }));
        Assert.True(Bill.For(most with { Discount = Bill.For(most).Total }).Total.IsZero);
    }

    private static Task Refused(string field, CreateOrder order) => Refusal.IsFor(field, Module, order);

    private static OrderedLine Line(string sku, long price) => new(sku, "V1", 1, Euro(price));

    /// <summary>Lines taken away one by one leave what the others come to, until nothing is left.</summary>
    private static void CheckWithout(Bill bill, SeededRandom random, ulong seed)
    {
        while (!bill.Lines.IsEmpty)
        {
            bill = bill.Without(random.Pick(bill.Lines).Number);
            Assert.True(bill.Vendors.Sum(static part => part.Total.Minor) == bill.Total.Minor, $"seed {seed}");
            Assert.True(bill.Lines.Sum(static line => line.Net.Minor) == bill.Vendors.Sum(static part => part.Goods.Minor), $"seed {seed}");
            Assert.True(bill.Lines.Sum(static line => line.Discount.Minor) == bill.Discount.Minor, $"seed {seed}");
        }

        Assert.True(bill is { Total.Minor: 0, Discount.Minor: 0, Vendors.IsEmpty: true }, $"seed {seed}");
    }

    private static CreateOrder Draw(SeededRandom random)
    {
        var currency = random.Pick(["EUR", "JPY", "KWD"]);
        var lines = Enumerable.Range(0, random.Between(1, 9))
            .Select(n => new OrderedLine($"s{n}", $"V{random.Below(4)}", random.Between(1, 20), new Money(random.OneIn(5) ? 0 : random.Below(1_000L * random.Between(1, 1_000)), currency)))
            .ToImmutableArray();
        var gross = lines.Sum(static line => line.UnitPrice.Minor * line.Quantity);
        var discount = random.Below(4) switch { 0 => 0, 1 => gross, _ => random.Below(gross + 1) };
        var shipping = lines.Select(static line => line.VendorId).Distinct().Where(_ => random.Coin()).Select(id => new ShippingFee(id, new Money(random.Below(1_000), currency)));
        return new CreateOrder("O1", "ada", currency, lines, new Money(discount, currency), [.. shipping], new("tok_1"));
    }
}
