namespace Ledgerfold.Model.Folding;

/// <summary>
/// Work in parts that touch nothing in common, side by side on the ambient scheduler: on processors in production, in simulation in the
/// order that the seed says.
/// </summary>
internal static class Lanes
{
    /// <summary>Runs the parts and waits for all; the first one runs on the caller.</summary>
    public static async ValueTask Run(int parts, Action<int> run)
    {
        if (parts <= 1)
        {
            run(0);
            return;
        }

        var others = new Task[parts - 1];
        for (var part = 1; part < parts; part++)
        {
            var mine = part;
            others[part - 1] = Task.Factory.StartNew(
                () => run(mine), CancellationToken.None, TaskCreationOptions.DenyChildAttach, TaskScheduler.Current);
        }

        try
        {
            run(0);
        }
        finally
        {
            foreach (var other in others)
                await other;
        }
    }
}
