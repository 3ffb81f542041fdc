namespace Ledgerfold.Durability.Child;

/// <summary>
/// How far the folds of processes that may be dead by now were tried to be brought (<c>try</c>), and how far the store had promised that
/// they are (<c>ack</c>).
/// </summary>
public sealed class FoldOath
{
    private readonly SortedDictionary<int, (long Acknowledged, long Tried)> _tasks = [];

    /// <summary>How many batches were acknowledged.</summary>
    public long Acknowledged => _tasks.Values.Sum(task => task.Acknowledged);

    /// <summary>The tasks that ever tried to write.</summary>
    public IReadOnlyList<int> Tasks => [.. _tasks.Keys];

    /// <summary>Adds what a process said.</summary>
    public void Take(IEnumerable<string> lines)
    {
        foreach (var line in lines)
        {
            var words = line.Split(' ');
            if (words is not ["try" or "ack", var task, var position])
                continue;
            var (acknowledged, tried) = _tasks.GetValueOrDefault(int.Parse(task));
            if (words[0] == "ack")
                acknowledged = Math.Max(acknowledged, long.Parse(position));
            _tasks[int.Parse(task)] = (acknowledged, Math.Max(tried, long.Parse(position)));
        }
    }

    /// <summary>The same in lines, for another process.</summary>
    public IEnumerable<string> ToLines() =>
        _tasks.SelectMany(task => (string[])[$"ack {task.Key} {task.Value.Acknowledged}", $"try {task.Key} {task.Value.Tried}"]);

    /// <summary>Holds a store against it.</summary>
    /// <param name="store">The store.</param>
    /// <param name="isWhole">Whether it shows all it has; on a full disk the last commit may wait for space.</param>
    public async Task<IReadOnlyList<string>> FindLies(IFoldReader store, bool isWhole = true)
    {
        List<string> lies = [];
        foreach (var (task, (acknowledged, tried)) in _tasks)
        {
            var position = await store.ReadPosition(FoldLife.FoldOf(task));
            if ((isWhole && position < acknowledged) || position > tried)
                lies.Add($"{FoldLife.FoldOf(task)} is at {position}; it was tried up to {tried} and acknowledged up to {acknowledged}");
            if (await FoldLife.FindFault(store, task) is { } fault)
                lies.Add(fault);
        }

        return lies;
    }
}
