using System.Collections.Concurrent;

namespace Ledgerfold.Simulation;

/// <summary>
/// Lets each bug of the zoo loose, and runs seeds until an oracle of the simulation catches it; none was written for any of them.
/// </summary>
internal sealed class ZooKeeper(Arguments arguments)
{
    private const int SeedsMax = 2000;

    private readonly ConcurrentDictionary<Bug, Catch> _caught = new();
    private int _next;

    public int Run()
    {
        var bugs = Bugs.All.Where(bug => arguments.Bug is null || arguments.Bug == bug.Name).ToArray();
        Fleet.Parallel(() => Work(bugs));
        Console.WriteLine($"{"bug",-42} {"seeds",6}  caught by");
        foreach (var bug in bugs)
        {
            var how = _caught[bug];
            Console.WriteLine(how.Verdict is { } verdict
                ? $"{bug.Name,-42} {how.Seeds,6}  {verdict.Oracle}"
                : $"{bug.Name,-42} {how.Seeds,6}  SURVIVES: {bug.What}");
            if (arguments.Bug is not null)
                Console.WriteLine($"  seed {how.Verdict?.Seed}: {how.Verdict?.Message}");
        }

        var survivors = _caught.Values.Count(how => how.Verdict is null);
        Console.WriteLine($"{bugs.Length - survivors} passed, {survivors} failed, 0 skipped");
        return survivors > 0 || bugs.Length == 0 ? 1 : 0;
    }

    private void Work(Bug[] bugs)
    {
        while (Interlocked.Increment(ref _next) is var next && next <= bugs.Length)
        {
            Zoo.Release(bugs[next - 1].Name);
            _caught[bugs[next - 1]] = Hunt(bugs[next - 1]);
            Zoo.Release(null);
        }
    }

    private static Catch Hunt(Bug bug)
    {
        var kind = KindOf(bug.Name);
        for (var seed = 1; seed <= SeedsMax; seed++)
        {
            if (Fleet.Try(kind, (ulong)seed, new Marks(), journal: false, out _, out _) is not { } verdict)
                continue;
            Zoo.Release(null);
            var isItsOwn = Fleet.Try(kind, (ulong)seed, new Marks(), journal: false, out _, out _) is null; // or the seed fails without the bug
            Zoo.Release(bug.Name);
            if (isItsOwn)
                return new Catch(seed, verdict);
        }

        return new Catch(SeedsMax, null);
    }

    private static SeedKind KindOf(string bug)
    {
        if (bug.StartsWith("process-", StringComparison.Ordinal))
            return SeedKind.Wires;
        if (bug.StartsWith("model-", StringComparison.Ordinal) || bug.StartsWith("rebuild-", StringComparison.Ordinal))
            return SeedKind.Bank;
        return bug.StartsWith("fold-", StringComparison.Ordinal) ? SeedKind.Folds : SeedKind.Ledger;
    }

    private sealed record Catch(int Seeds, Verdict? Verdict);
}
