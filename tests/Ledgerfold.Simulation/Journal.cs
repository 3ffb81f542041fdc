namespace Ledgerfold.Simulation;

/// <summary>
/// What happened in a run, in words. Off in the first run of a seed and on when a failed one is run again, which costs nothing until
/// then.
/// </summary>
internal sealed class Journal(bool isOn)
{
    private const int LinesMax = 120;

    private readonly Queue<string> _lines = new();

    public bool IsOn => isOn;

    public IEnumerable<string> Lines => _lines;

    public void Say(string line)
    {
        if (_lines.Count == LinesMax)
            _lines.Dequeue();
        _lines.Enqueue(line);
    }
}
