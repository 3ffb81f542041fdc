using System.Collections.Concurrent;
using Ledgerfold.Simulation.Bank;
using Ledgerfold.Simulation.Folds;
using Ledgerfold.Testing.Disk;

namespace Ledgerfold.Simulation;

/// <summary>What became of a seed.</summary>
internal sealed record Verdict(SeedKind Kind, ulong Seed, string Oracle, string Message);

/// <summary>Runs many seeds on a few threads, each a simulation of its own.</summary>
internal sealed class Fleet(Arguments arguments)
{
    private const int FailuresMax = 5;
    private const int MarksDemandedFrom = 2000;
    private const int OthersOneIn = 4;
    private const int WiresOneIn = 12;
    private const int TwiceOneIn = 45; // of which each kind has some

    private readonly ConcurrentQueue<Verdict> _failures = new();
    private readonly Marks _marks = new();
    private long _next;
    private int _done;

    public int Run()
    {
        var started = TimeProvider.System.GetTimestamp();
        var seeds = arguments.Seeds ?? (arguments.Seed is null ? 1000 : 1);
        var first = arguments.Seed ?? 1;
        ulong[] all = [.. arguments.Seed is null ? Regressions() : [], .. Enumerable.Range(0, seeds).Select(s => first + (ulong)s)];
        Parallel(() => Work(all));
        foreach (var failure in _failures.OrderBy(failure => failure.Seed))
            Explain(failure);
        var elapsed = TimeProvider.System.GetElapsedTime(started);
        Print(all.Length, elapsed);
        var (passed, failed) = CheckMarks(all.Length);
        failed += _failures.Count;
        Console.WriteLine($"{_done - _failures.Count + passed} passed, {failed} failed, 0 skipped");
        return failed > 0 ? 1 : 0;
    }

    /// <summary>Runs one seed; null when nothing is wrong. Deterministic: the same again gives the same.</summary>
    public static Verdict? Try(SeedKind kind, ulong seed, Marks marks, bool journal, out Journal said, out ulong hash)
    {
        var simulation = RunOf(kind, seed, marks, journal);
        said = simulation.Journal;
        hash = 0;
        try
        {
            simulation.Run();
            hash = simulation.Hash;
            return null;
        }
        catch (OracleException broken)
        {
            return new Verdict(kind, seed, broken.Oracle, broken.Message);
        }
        catch (Exception report) when (report is LedgerDamagedException or LedgerUnavailableException or FoldsDamagedException)
        {
            return new Verdict(kind, seed, "available", $"nothing was done that would explain it: {report}");
        }
        catch (Exception unexpected)
        {
            return new Verdict(kind, seed, "no unexpected exception", unexpected.ToString());
        }
    }

    public static void Parallel(Action work)
    {
        var threads = Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Thread(() => work(), 8 * 1024 * 1024)).ToArray();
        foreach (var thread in threads)
            thread.Start();
        foreach (var thread in threads)
            thread.Join();
    }

    private static IEnumerable<ulong> Regressions()
    {
        using var reader = new StreamReader(typeof(Fleet).Assembly.GetManifestResourceStream("regressions.txt")!);
        while (reader.ReadLine() is { } line)
        {
            var seed = line.Split('#')[0].Trim();
            if (seed.Length > 0)
                yield return ulong.Parse(seed);
        }
    }

    private void Work(ulong[] seeds)
    {
        var marks = new Marks();
        while (Interlocked.Increment(ref _next) is var next && next <= seeds.Length && _failures.Count < FailuresMax)
        {
            var seed = seeds[next - 1];
            foreach (var kind in KindsOf(seed))
            {
                if (TryTwice(kind, seed, marks) is { } verdict)
                    _failures.Enqueue(verdict);
            }

            Interlocked.Increment(ref _done);
        }

        lock (_marks)
            _marks.Add(marks);
    }

    /// <summary>Every seed runs a ledger, and one in a few a fold store beside it, or a bank, or one with wires.</summary>
    private SeedKind[] KindsOf(ulong seed)
    {
        if (arguments.IsFoldsOnly)
            return [SeedKind.Folds];
        if (arguments.IsBankOnly)
            return [SeedKind.Bank];
        if (arguments.IsWiresOnly)
            return [SeedKind.Wires];
        if (seed % WiresOneIn == 3)
            return [SeedKind.Ledger, SeedKind.Wires];
        return (seed % OthersOneIn) switch
        {
            0 => [SeedKind.Ledger, SeedKind.Folds],
            OthersOneIn / 2 => [SeedKind.Ledger, SeedKind.Bank],
            _ => [SeedKind.Ledger],
        };
    }

    private static ISeedRun RunOf(SeedKind kind, ulong seed, Marks marks, bool journal) => kind switch
    {
        SeedKind.Folds => new FoldRun(seed, marks, journal),
        SeedKind.Bank or SeedKind.Wires => new BankRun(seed, kind == SeedKind.Wires, marks, journal),
        _ => new SeedRun(seed, marks, journal),
    };

    private static Verdict? TryTwice(SeedKind kind, ulong seed, Marks marks)
    {
        var verdict = Try(kind, seed, marks, journal: false, out _, out var hash);
        if (verdict is not null || seed % TwiceOneIn != 0)
            return verdict;
        Try(kind, seed, new Marks(), journal: false, out _, out var again);
        marks.Hit("ran twice alike", again == hash);
        return again == hash ? null : new Verdict(kind, seed, "determinism", "two runs of the seed differ");
    }

    private static void Explain(Verdict failure)
    {
        Try(failure.Kind, failure.Seed, new Marks(), journal: true, out var journal, out _);
        Console.WriteLine($"seed {failure.Seed} ({failure.Kind}) failed: {failure.Oracle}");
        Console.WriteLine($"  {RunOf(failure.Kind, failure.Seed, new Marks(), journal: false).Plan}");
        foreach (var line in journal.Lines)
            Console.WriteLine($"  {line}");
        Console.WriteLine($"  {failure.Oracle}: {failure.Message}");
        Console.WriteLine($"  again: --seed {failure.Seed}{failure.Kind switch { SeedKind.Folds => " --folds", SeedKind.Bank => " --bank", SeedKind.Wires => " --wires", _ => "" }}");
        Console.WriteLine();
    }

    private void Print(int seeds, TimeSpan elapsed)
    {
        Console.WriteLine("sometimes");
        foreach (var (name, count) in _marks.Met.OrderBy(mark => mark.Key, StringComparer.Ordinal))
            Console.WriteLine($"  {count,9} {name}");
        Console.WriteLine("crashes by the kind of the call, and of these in recovery");
        for (var kind = 0; kind < Marks.Kinds; kind++)
            Console.WriteLine($"  {_marks.Crashes[kind],9} {_marks.CrashesInRecovery[kind],9} {(DiskCallKind)kind}");
        Console.WriteLine($"{_done} of {seeds} seeds in {elapsed.TotalSeconds:F1} s, {_done / elapsed.TotalMinutes:F0} a minute");
    }

    private (int Passed, int Failed) CheckMarks(int seeds)
    {
        if (seeds < MarksDemandedFrom || arguments.IsFoldsOnly || arguments.IsBankOnly || arguments.IsWiresOnly || !_failures.IsEmpty)
            return (0, 0);
        var missing = Demands.Marks.Where(name => _marks.CountOf(name) == 0)
            .Concat(Enum.GetValues<DiskCallKind>().Where(kind => _marks.Crashes[(int)kind] == 0).Select(kind => $"a crash in {kind}"))
            .Concat(Demands.InRecovery.Where(kind => _marks.CrashesInRecovery[(int)kind] == 0).Select(kind => $"recovery, {kind}"))
            .ToArray();
        foreach (var name in missing)
            Console.WriteLine($"never met: {name}");
        return (Demands.Marks.Count + Marks.Kinds + Demands.InRecovery.Count - missing.Length, missing.Length);
    }
}
