using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Marketplace.Amounts;

/// <summary>
/// An amount in whole minor units of its currency (cents, yen, fils): exact, and never of two currencies at once. As JSON it is
/// <c>{"amount":"12.34","currency":"EUR"}</c>, with exactly the decimals of the currency when written and at most those when read.
/// </summary>
/// <param name="Minor">Whole minor units; may be negative.</param>
/// <param name="Currency">Its ISO 4217 code.</param>
[JsonConverter(typeof(MoneyJson))]
public readonly record struct Money(long Minor, string Currency) : IComparable<Money>
{
    /// <summary>Nothing, in a currency.</summary>
    public static Money Zero(string currency) => new(0, currency);

    /// <summary>Whether it is nothing.</summary>
    public bool IsZero => Minor == 0;

    /// <summary>Both together.</summary>
    /// <exception cref="InvalidOperationException">The currencies differ.</exception>
    /// <exception cref="OverflowException">It is more than can be counted.</exception>
    public static Money operator +(Money left, Money right) => new(checked(left.Minor + right.MinorIn(left.Currency)), left.Currency);

    /// <summary>The one without the other.</summary>
    /// <exception cref="InvalidOperationException">The currencies differ.</exception>
    /// <exception cref="OverflowException">It is more than can be counted.</exception>
    public static Money operator -(Money left, Money right) => new(checked(left.Minor - right.MinorIn(left.Currency)), left.Currency);

    /// <summary>So many times.</summary>
    /// <exception cref="OverflowException">It is more than can be counted.</exception>
    public static Money operator *(Money one, long times) => new(checked(one.Minor * times), one.Currency);

    /// <summary>Whether it is less.</summary>
    public static bool operator <(Money left, Money right) => left.CompareTo(right) < 0;

    /// <summary>Whether it is more.</summary>
    public static bool operator >(Money left, Money right) => left.CompareTo(right) > 0;

    /// <summary>Whether it is no more.</summary>
    public static bool operator <=(Money left, Money right) => left.CompareTo(right) <= 0;

    /// <summary>Whether it is no less.</summary>
    public static bool operator >=(Money left, Money right) => left.CompareTo(right) >= 0;

    /// <inheritdoc />
    /// <exception cref="InvalidOperationException">The currencies differ.</exception>
    public int CompareTo(Money other) => Minor.CompareTo(other.MinorIn(Currency));

    /// <summary>The amount with the decimals of its currency, such as <c>12.34</c>.</summary>
    public string Amount
    {
        get
        {
            var decimals = Amounts.Currency.DecimalsOf(Currency);
            var digits = UInt128.CreateChecked(Int128.Abs(Minor)).ToString(CultureInfo.InvariantCulture).PadLeft(decimals + 1, '0');
            var whole = decimals == 0 ? digits : $"{digits[..^decimals]}.{digits[^decimals..]}";
            return Minor < 0 ? $"-{whole}" : whole;
        }
    }

    /// <summary>Reads an amount: digits, and a point followed by at most the decimals of the currency.</summary>
    public static bool TryParse(string? amount, string? currency, out Money money)
    {
        money = default;
        if (amount is null || !Amounts.Currency.IsKnown(currency))
            return false;
        var decimals = Amounts.Currency.DecimalsOf(currency!);
        var text = amount.AsSpan();
        var isNegative = text is ['-', ..];
        if (isNegative)
            text = text[1..];
        var point = text.IndexOf('.');
        var whole = point < 0 ? text : text[..point];
        var part = point < 0 ? [] : text[(point + 1)..];
        if (whole.IsEmpty || (point >= 0 && part.IsEmpty) || part.Length > decimals || whole.Length > 18
            || whole.ContainsAnyExceptInRange('0', '9') || part.ContainsAnyExceptInRange('0', '9'))
            return false;
        var digits = string.Concat(whole, part, new string('0', decimals - part.Length));
        if (!long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var minor))
            return false;
        money = new Money(isNegative ? -minor : minor, currency!);
        return true;
    }

    /// <inheritdoc />
    public override string ToString() => $"{Amount} {Currency}";

    private long MinorIn(string currency) => Currency == currency
        ? Minor
        : throw new InvalidOperationException($"{Currency} and {currency} cannot be reckoned with each other.");
}

/// <summary>Money as JSON.</summary>
[SuppressMessage("Performance", "CA1812", Justification = "Made by the serializer.")]
internal sealed class MoneyJson : JsonConverter<Money>
{
    private const string Rule = """money is {"amount":"12.34","currency":"EUR"}, with at most the decimals of its currency""";

    public override Money Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException(Rule);
        string? amount = null, currency = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString();
            reader.Read();
            if (name is "amount" or "currency" && reader.TokenType != JsonTokenType.String)
                throw new JsonException(Rule);
            if (name == "amount")
                amount = reader.GetString();
            else if (name == "currency")
                currency = reader.GetString();
            else
                reader.Skip();
        }

        return Money.TryParse(amount, currency, out var money) ? money : throw new JsonException(Rule);
    }

    public override void Write(Utf8JsonWriter writer, Money value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        writer.WriteString("amount", value.Amount);
        writer.WriteString("currency", value.Currency);
        writer.WriteEndObject();
    }
}
