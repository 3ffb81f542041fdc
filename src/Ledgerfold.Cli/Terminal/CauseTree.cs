using System.Globalization;
using System.Text;
using Ledgerfold.Model.Exploring;

namespace Ledgerfold.Cli.Terminal;

/// <summary>A tree of causes for people: one line a node, below what led to it, with the time from there.</summary>
internal sealed class CauseTree(StandardOutput output, int lineColumns)
{
    private const int DepthShownMax = 16;

    public void Write(CorrelationTree tree)
    {
        var last = LastChildren(tree);
        var more = new List<bool>(); // for each depth, whether a sibling follows below
        foreach (var (node, n) in tree.Nodes.Select(static (node, n) => (node, n)))
        {
            more.RemoveRange(node.Depth, more.Count - node.Depth);
            more.Add(!last[n]);
            output.Line(SafeText.CutTo(IndentOf(more) + TextOf(node), lineColumns));
        }

        output.Line(SafeText.CutTo(TextOf(tree.Totals), lineColumns));
        output.Flush();
        if (tree.Next is { } next)
            StandardError.Say($"There is more: --after {next} goes on.");
    }

    /// <summary>For each node, whether it is the last below its parent; found by going up the list.</summary>
    private static bool[] LastChildren(CorrelationTree tree)
    {
        var last = new bool[tree.Nodes.Length];
        var open = new List<bool>();
        for (var n = tree.Nodes.Length - 1; n >= 0; n--)
        {
            var depth = tree.Nodes[n].Depth;
            while (open.Count <= depth)
                open.Add(false);
            open.RemoveRange(depth + 1, open.Count - depth - 1);
            last[n] = !open[depth];
            open[depth] = true;
        }

        return last;
    }

    private static string IndentOf(List<bool> more)
    {
        var depth = more.Count - 1;
        if (depth == 0)
            return "";
        var indent = new StringBuilder();
        var from = 1;
        if (depth > DepthShownMax)
        {
            indent.Append(CultureInfo.InvariantCulture, $"[{depth}] ");
            from = depth;
        }

        for (var d = from; d < depth; d++)
            indent.Append(more[d] ? "│  " : "   ");
        return indent.Append(more[depth] ? "├─ " : "└─ ").ToString();
    }

    private static string TextOf(CorrelationNode node)
    {
        var text = new StringBuilder();
        if (node.LatencyMillis is { } latency)
            text.Append('+').Append(TextOf(latency)).Append("  ");
        if (node.Kind == CorrelationNodeKind.Command)
            return text.Append(SafeText.OneLine(node.Command ?? "")).Append("  command ").Append(SafeText.OneLine(node.Id)).ToString();
        if (node.Event is not { } mark)
            return text.Append("(nothing here has the id ").Append(SafeText.OneLine(node.Id)).Append(')').ToString();
        text.Append(SafeText.OneLine(mark.Type)).Append("  ").Append(SafeText.OneLine(mark.Stream))
            .Append(CultureInfo.InvariantCulture, $" version {mark.Version}, position {mark.Position}");
        if (mark.Actor is { } actor)
            text.Append(", by ").Append(SafeText.OneLine(actor));
        if (node.Kind == CorrelationNodeKind.Ghost)
            text.Append(" (from outside)");
        return text.ToString();
    }

    private static string TextOf(CorrelationTotals totals)
    {
        var (events, streams) = (totals.Events, totals.Streams.Length);
        var text = $"{events} event{(events == 1 ? "" : "s")} in {streams} stream{(streams == 1 ? "" : "s")}";
        return totals is { First: { } first, DurationMillis: { } duration }
            ? $"{text} within {TextOf(duration)} from {Times.ToText(first)}"
            : text;
    }

    private static string TextOf(double millis) => millis < 10_000
        ? string.Create(CultureInfo.InvariantCulture, $"{millis:0.###} ms")
        : string.Create(CultureInfo.InvariantCulture, $"{millis / 1_000:0.#} s");
}
