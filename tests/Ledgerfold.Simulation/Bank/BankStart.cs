using Ledgerfold.Model.Commanding;
using Ledgerfold.Model.Folding;
using Ledgerfold.Model.Timelines;
using Ledgerfold.Storage;
using Ledgerfold.Testing.Disk;

namespace Ledgerfold.Simulation.Bank;

/// <summary>Starts the application over what its disks hold, and damages what may be damaged between two lives.</summary>
internal static class BankStart
{
    /// <summary>Opens everything in a new process; null where that came to nothing, and the next attempt may do better.</summary>
    public static BankProcess? TryOpen(BankWorld world, ref bool mustReset)
    {
        var (ledgerProcess, foldsProcess) = world.Machine.Start();
        try
        {
            if (mustReset)
                EmbeddedFoldStore.Reset(world.FoldOptionsOn(foldsProcess));
            world.AreFoldsDamaged &= !mustReset;
            mustReset = false;
            var ledger = EmbeddedLedger.OpenStepped(world.LedgerOptionsOn(ledgerProcess));
            var store = EmbeddedFoldStore.OpenStepped(world.FoldOptionsOn(foldsProcess));
            var process = Build(world, ledgerProcess, foldsProcess, ledger, store);
            process.Engines.Add(Engine(world, process));
            world.Wires?.Begin(process);
            return process;
        }
        catch (SimulatedCrashException) when (!ledgerProcess.IsAlive || !foldsProcess.IsAlive)
        {
            world.Say("  crashed while opening");
        }
        catch (FoldsDamagedException damage) when (world.AreFoldsDamaged)
        {
            world.Say($"  {damage.Message}");
            world.Marks.Hit("bank: damaged folds were emptied");
            mustReset = true;
        }
        catch (Exception failure) when (world.MayFail && failure is IOException)
        {
            world.Say($"  opening met {failure.Message}");
        }

        world.Machine.EndTogether();
        world.Machine.Kill();
        return null;
    }

    /// <summary>An engine of the folds, begun: what it could not begin with is thrown here.</summary>
    public static FoldEngine Engine(BankWorld world, BankProcess process)
    {
        var plan = world.Plan;
        var engine = new FoldEngine(process.Ledger, process.Store, [process.Code.Module], new FoldEngineOptions
        {
            Clock = new ProcessClock(world.Clock, process.LedgerProcess),
            Chance = world.Chance,
            Parallelism = world.Random.Between(1, 4),
            CachedRowsMax = plan.CachedRowsMax,
            DirtyRowsMax = plan.DirtyRowsMax,
            RetriesMax = plan.RetriesMax,
            CheckpointEvery = TimeSpan.FromMilliseconds(plan.CheckpointMilliseconds),
        });
        var begun = world.Scheduler.Start(() => engine.Start().AsTask());
        if (!world.Scheduler.RunUntil(begun))
            throw new OracleException("opens", "the engine does not begin");
        begun.GetAwaiter().GetResult();
        return engine;
    }

    public static void DamageFolds(BankWorld world)
    {
        var disk = world.Machine.Folds;
        var names = disk.Names();
        if (names.Count == 0)
            return;
        var name = world.Random.Pick(names);
        var length = disk.Content(name).Length;
        if (length == 0)
            return;
        world.AreFoldsDamaged = true;
        var offset = world.Random.Below(length);
        world.Say($"a bit of {name} flips at {offset}");
        disk.Corrupt.FlipBit(name, offset, world.Random.Below(8));
    }

    private static BankProcess Build(
        BankWorld world, SimulatedProcess ledgerProcess, SimulatedProcess foldsProcess, EmbeddedLedger ledger, EmbeddedFoldStore store)
    {
        var plan = world.Plan;
        var code = new BankCode(plan.CodeChanges ? world.Random.Between(1, 2) : 1, plan.SnapshotEvery, world.Poison, world.Wires?.CodeFor(ledgerProcess));
        var options = new CommandsOptions
        {
            Folds = store,
            Clock = new ProcessClock(world.Clock, ledgerProcess),
            Chance = world.Chance,
            HotStatesMax = plan.HotStatesMax,
            TogetherMax = plan.TogetherMax,
            TriesMax = plan.TriesMax,
        };
        return new BankProcess
        {
            LedgerProcess = ledgerProcess,
            FoldsProcess = foldsProcess,
            Ledger = ledger,
            Store = store,
            Code = code,
            Timelines = new TimelineEngine(ledger, [code.Module], new TimelineOptions { WaypointEvery = 3, WaypointsMax = 20 }),
            Commands = [.. Enumerable.Range(0, plan.Copies).Select(_ => new Commands(code.Module, ledger, options))],
        };
    }
}
