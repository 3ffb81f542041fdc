using System.Text;

namespace Ledgerfold.Cli.Terminal;

/// <summary>A column: its title, and whether it holds numbers, which stand to the right.</summary>
internal readonly record struct Column(string Title, bool IsNumber = false);

/// <summary>
/// Rows in columns for people. Rows come out page by page, so that a long or endless list needs no memory: a column is as wide as its
/// widest text so far, and the last one is cut where the line ends.
/// </summary>
internal sealed class TextTable(StandardOutput output, int lineColumns, params Column[] columns)
{
    private const int LastColumnMin = 20;
    private const string Gap = "  ";

    private readonly int[] _widths = [.. columns.Select(column => column.Title.Length)];
    private readonly List<string[]> _rows = [[.. columns.Select(column => column.Title)]];

    public void Add(params string[] cells)
    {
        for (var c = 0; c < columns.Length; c++)
        {
            cells[c] = SafeText.OneLine(cells[c]);
            if (c < columns.Length - 1)
                _widths[c] = Math.Max(_widths[c], SafeText.WidthOf(cells[c]));
        }

        _rows.Add(cells);
    }

    /// <summary>Writes the rows that were added, the first time below the titles.</summary>
    public void Flush()
    {
        var line = new StringBuilder();
        foreach (var row in _rows)
        {
            var used = 0;
            for (var c = 0; c < columns.Length - 1; c++)
            {
                Pad(line, row[c], _widths[c], columns[c].IsNumber).Append(Gap);
                used += _widths[c] + Gap.Length;
            }

            line.Append(SafeText.CutTo(row[^1], Math.Max(LastColumnMin, lineColumns - used)));
            output.Line(line.ToString().TrimEnd());
            line.Clear();
        }

        _rows.Clear();
        output.Flush();
    }

    private static StringBuilder Pad(StringBuilder line, string text, int width, bool toTheRight)
    {
        var blanks = width - SafeText.WidthOf(text);
        return toTheRight ? line.Append(' ', blanks).Append(text) : line.Append(text).Append(' ', blanks);
    }
}
