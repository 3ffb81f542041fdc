namespace Ledgerfold.Durability.Child;

/// <summary>
/// What processes that may be dead by now said they were about to do (<c>try</c>), and what the ledger had promised them (<c>ack</c>): the
/// truth that a recovered ledger is held against.
/// </summary>
public sealed class Oath
{
    private readonly Dictionary<Deed, long> _acknowledged = [];
    private readonly HashSet<Deed> _tried = [];

    /// <summary>Every deed that was acknowledged, and its first position.</summary>
    public IReadOnlyDictionary<Deed, long> Acknowledged => _acknowledged;

    /// <summary>Every deed that was ever on its way.</summary>
    public IReadOnlySet<Deed> Tried => _tried;

    /// <summary>The deeds of which nobody knows whether they happened.</summary>
    public IEnumerable<Deed> Open => _tried.Where(deed => !_acknowledged.ContainsKey(deed));

    /// <summary>Adds what a process said.</summary>
    public void Take(IEnumerable<string> lines)
    {
        foreach (var line in lines)
        {
            var words = line.Split(' ');
            if (words[0] == "try" && words.Length == 2)
                _tried.Add(Deed.Parse(words[1]));
            else if (words[0] == "ack" && words.Length == 3)
                Take(Deed.Parse(words[1]), long.Parse(words[2]));
        }
    }

    /// <summary>The same in lines, for another process.</summary>
    public IEnumerable<string> ToLines() =>
        [.. _tried.Select(deed => $"try {deed}"), .. _acknowledged.Select(pair => $"ack {pair.Key} {pair.Value}")];

    private void Take(Deed deed, long first)
    {
        if (_acknowledged.TryGetValue(deed, out var before) && before != first)
            throw new InvalidOperationException($"{deed} was acknowledged at {before} and at {first}");
        _acknowledged[deed] = first;
    }
}
