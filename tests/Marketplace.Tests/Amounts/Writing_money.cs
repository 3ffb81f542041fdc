using System.Text.Json;
using Marketplace.Amounts;

namespace Marketplace.Tests.Amounts;

public sealed class Writing_money
{
    [Theory]
    [InlineData(1234, "EUR", "12.34")]
    [InlineData(5, "EUR", "0.05")]
    [InlineData(-5, "EUR", "-0.05")]
    [InlineData(1234, "JPY", "1234")]
    [InlineData(0, "JPY", "0")]
    [InlineData(1234, "KWD", "1.234")]
    [InlineData(long.MinValue, "EUR", "-92233720368547758.08")]
    public void Shows_the_decimals_of_the_currency(long minor, string currency, string amount)
    {
        var money = new Money(minor, currency);

        Assert.Equal($$"""{"amount":"{{amount}}","currency":"{{currency}}"}""", JsonSerializer.Serialize(money));
        if (minor != long.MinValue)
            Assert.Equal(money, JsonSerializer.Deserialize<Money>(JsonSerializer.Serialize(money)));
    }

    [Theory]
    [InlineData("12.345", "EUR")]
    [InlineData("1.0", "JPY")]
    [InlineData("1.", "EUR")]
    [InlineData(".5", "EUR")]
    [InlineData("+1", "EUR")]
    [InlineData("1e3", "EUR")]
    [InlineData(" 1", "EUR")]
    [InlineData("1,00", "EUR")]
    [InlineData("", "EUR")]
    [InlineData("-", "EUR")]
    [InlineData("9999999999999999999", "EUR")]
    [InlineData("100000000000000000.00", "EUR")]
    [InlineData("1", "XXX")]
    [InlineData("1", "eur")]
    public void Is_not_read_from_what_is_no_amount(string amount, string currency) =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Money>($$"""{"amount":"{{amount}}","currency":"{{currency}}"}"""));

    [Theory]
    [InlineData("""{"amount":12.34,"currency":"EUR"}""")]
    [InlineData("""{"amount":"12.34"}""")]
    [InlineData("""["12.34","EUR"]""")]
    [InlineData("\"12.34 EUR\"")]
    public void Is_not_read_from_another_shape(string json) => Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Money>(json));

    [Fact]
    public void Is_read_with_fewer_decimals() =>
        Assert.Equal(new Money(1230, "EUR"), JsonSerializer.Deserialize<Money>("""{"amount":"12.3","currency":"EUR","more":{"a":[1]}}"""));

    [Fact]
    public void Of_two_currencies_is_never_reckoned_together()
    {
        Assert.Throws<InvalidOperationException>(() => new Money(1, "EUR") + new Money(1, "USD"));
        Assert.Throws<InvalidOperationException>(() => new Money(1, "EUR") < new Money(1, "USD"));
        Assert.Throws<OverflowException>(() => new Money(long.MaxValue, "EUR") + new Money(1, "EUR"));
    }
}
