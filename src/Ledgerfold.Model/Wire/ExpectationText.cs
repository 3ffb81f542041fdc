using System.Globalization;

namespace Ledgerfold.Model.Wire;

/// <summary>An expectation as it is written: <c>any</c>, <c>none</c>, or a version.</summary>
public static class ExpectationText
{
    /// <summary>Reads it; false where it is none of these.</summary>
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
