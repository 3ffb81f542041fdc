using System.Globalization;
using System.Text;
using Spectre.Console;

namespace Ledgerfold.Cli.Terminal;

/// <summary>
/// Text from events and errors as a terminal may show it: what could move the cursor, colour, reorder or hide other text is written as an
/// escape. Nobody who can name a stream shall be able to write on an operator's screen.
/// </summary>
internal static class SafeText
{
    private const char Cut = '…';

    /// <summary>On one line.</summary>
    public static string OneLine(string text) => Escape(text, lineBreaks: false);

    /// <summary>With its line breaks.</summary>
    public static string Lines(string text) => Escape(text, lineBreaks: true);

    /// <summary>How many columns a terminal needs for it.</summary>
    public static int WidthOf(string text) => text.GetCellWidth();

    /// <summary>Cut to so many columns, where it needs more.</summary>
    public static string CutTo(string text, int columns)
    {
        if (text.Length * 2 <= columns || WidthOf(text) <= columns)
            return text;
        var cut = new StringBuilder();
        var width = 1; // of the mark
        foreach (var rune in text.EnumerateRunes())
        {
            var piece = rune.ToString();
            width += WidthOf(piece);
            if (width > columns)
                break;
            cut.Append(piece);
        }

        return cut.Append(Cut).ToString();
    }

    private static string Escape(string text, bool lineBreaks)
    {
        var harmless = true;
        foreach (var character in text)
            harmless &= character is >= ' ' and < '\x7f';
        if (harmless)
            return text;
        var safe = new StringBuilder(text.Length + 16);
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value == '\n' && lineBreaks)
                safe.Append('\n');
            else if (IsHarmful(rune))
                safe.Append(EscapeOf(rune));
            else
                safe.Append(rune.ToString());
        }

        return safe.ToString();
    }

    private static bool IsHarmful(Rune rune) => Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned;

    private static string EscapeOf(Rune rune) => rune.Value switch
    {
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        < 0x10000 => $"\\u{rune.Value:x4}",
        _ => $"\\u{{{rune.Value:x}}}",
    };
}
