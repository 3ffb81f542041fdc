using System.Text.RegularExpressions;

namespace Ledgerfold.Durability.Tests;

/// <summary>
/// The file that <c>strace -f -y</c> wrote, as calls that begin and end at lines. A thread goes on only after its call was noted, so the
/// order of the lines never contradicts what caused what.
/// </summary>
internal sealed partial class SystemCallTrace
{
    private readonly Dictionary<string, TracedCall> _unfinished = new(StringComparer.Ordinal);
    private readonly List<TracedCall> _calls = [];

    private SystemCallTrace()
    {
    }

    public IReadOnlyList<TracedCall> Calls => _calls;

    public static SystemCallTrace Parse(IEnumerable<string> lines)
    {
        var trace = new SystemCallTrace();
        foreach (var (number, line) in lines.Index())
            trace.Read(number, line);
        return trace;
    }

    private void Read(int number, string line)
    {
        if (Resumed().Match(line) is { Success: true } resumed)
        {
            if (_unfinished.Remove(resumed.Groups["pid"].Value, out var call))
                _calls[_calls.IndexOf(call)] = call with { End = number, Result = ResultOf(line) };
        }
        else if (Begun().Match(line) is { Success: true } begun)
        {
            var unfinished = line.EndsWith("<unfinished ...>", StringComparison.Ordinal);
            var call = new TracedCall(begun.Groups["name"].Value, begun.Groups["what"].Value, line)
            {
                Begin = number,
                End = unfinished ? int.MaxValue : number,
                Result = unfinished ? null : ResultOf(line),
            };
            _calls.Add(call);
            if (unfinished)
                _unfinished[begun.Groups["pid"].Value] = call;
        }
    }

    private static long? ResultOf(string line) =>
        Result().Match(line) is { Success: true } match ? long.Parse(match.Groups["value"].Value) : null;

    [GeneratedRegex(@"^(?<pid>\d+)\s+<\.\.\. \w+ resumed>", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Resumed();

    [GeneratedRegex(@"^(?<pid>\d+)\s+(?<name>\w+)\(\d+(<(?<what>[^>]*)>)?", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Begun();

    [GeneratedRegex(@"\) += (?<value>-?\d+)", RegexOptions.ExplicitCapture | RegexOptions.RightToLeft, 1000)]
    private static partial Regex Result();
}

/// <summary>A call as it was traced.</summary>
/// <param name="Name">Its name.</param>
/// <param name="What">The file that its first argument is open on.</param>
/// <param name="Text">The line it began on, with its arguments.</param>
internal sealed record TracedCall(string Name, string What, string Text)
{
    public int Begin { get; init; }

    public int End { get; init; }

    public long? Result { get; init; }
}
