using System.Globalization;

namespace Ledgerfold.Cli.Json;

/// <summary>An expectation as it is written: <c>any</c>, <c>none</c>, or a version.</summary>
internal static class ExpectationText
{
    public static bool TryParse(string text, out Expectation expectation)
    {
        expectation = text == "none" ? Expectation.NoStream : Expectation.Any;
        if (text is "any" or "none")
            return true;
        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version) || version == long.MaxValue)
            return false;
        expectation = Expectation.Exactly(version);
        return true;
    }
}
