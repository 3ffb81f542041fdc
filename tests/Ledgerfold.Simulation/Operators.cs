using Ledgerfold.Storage;
using Ledgerfold.Testing.Disk;

namespace Ledgerfold.Simulation;

/// <summary>What operators do: verify, back up, judge what a ledger says of itself.</summary>
internal sealed class Operators(World world, Reading reading)
{
    private SimulatedDisk Disk => world.Disk;

    /// <summary>
    /// Takes what a freshly opened ledger holds, after holding it against what it may hold; false when a read met damage.
    /// </summary>
    public bool Reconcile(EmbeddedLedger ledger)
    {
        var found = reading.Everything(ledger);
        for (var round = 0; round < 10 && ledger.Log.Index.Damaged.Any(); round++)
        {
            while (ledger.StepIndex())
            {
            }

            found = reading.Everything(ledger);
            world.Marks.Hit("a damaged index run was rebuilt", ledger.Log.Head == found.Count);
        }

        if (world.IsDamaged && ledger.Log.Head > found.Count)
        {
            world.Marks.Hit("damage was met by a read alone");
            return false;
        }

        if (ledger.Log.Head > found.Count && world.MayFail)
            throw new IOException("the index cannot be rebuilt on this disk");
        world.Expected.Reconcile(found, CursorOf, world.Floor);
        return true;

        Cursor CursorOf(string tenant, string consumer, int partition) => Reading.Now(ledger.ReadCursor(tenant, consumer, partition));
    }

    /// <summary>What a ledger shows that waits for space to begin: what is vouched for, and nothing else.</summary>
    public void CheckPrefix(EmbeddedLedger ledger)
    {
        var found = reading.Everything(ledger);
        if (found.Count < world.Expected.HeadBeforeLastBatch && !world.IsDamaged && !world.IsIndexDamaged)
            throw new OracleException("waits", $"it shows {found.Count} events, {world.Expected.HeadBeforeLastBatch} are vouched for");
        foreach (var recorded in found)
            world.CheckShown(recorded, "a ledger that waits for space");
    }

    /// <summary>Accepts the loss of a suspect end; true when the ledger can be opened again.</summary>
    public bool TryRepair()
    {
        world.Say("repair");
        var process = Disk.Start();
        var repaired = false;
        world.Do(Actor.Operator, process, () =>
        {
            try
            {
                var report = LedgerMaintenance.Repair(world.OptionsOn(process), "a seed says so");
                if (!report.Repaired || !Disk.Exists(report.QuarantineFile))
                    throw new OracleException("repair", $"the end is suspect, and a repair answers {report}");
                world.Say($"  {report}");
                world.Floor = Math.Min(world.Floor ?? long.MaxValue, report.Head);
                repaired = true;
                world.Marks.Hit("a suspect end was repaired");
            }
            catch (IOException failure) when (world.MayFail)
            {
                world.Say($"  the repair met {failure.Message}");
            }
        });
        process.Kill();
        return repaired;
    }

    /// <summary>A ledger that refuses writes: only where something was done to it, and what it still serves is right.</summary>
    public Opening JudgeTrouble(EmbeddedLedger ledger, LedgerTrouble trouble)
    {
        if (!world.IsDamaged)
            throw new OracleException("available", $"nothing is wrong with the medium, and the ledger says {trouble}");
        world.Marks.Hit($"opened with trouble: {trouble.Code}");
        foreach (var recorded in reading.Everything(ledger))
        {
            if (recorded.Position <= world.Expected.Head)
                world.Expected.CheckShown(recorded, "a damaged ledger");
        }

        for (var read = 0; read < 4 && ledger.Log.Head <= world.Expected.Head; read++)
            reading.CheckRead(ledger);

        if (trouble.Code != "suspect-tail" || world.Plan.LocksDefeated || world.Random.OneIn(3))
            return Opening.Reported;
        ledger.Close();
        if (world.Writer is { } writer && writer.Ledger == ledger)
            writer.IsClosed = true;
        return TryRepair() ? Opening.Failed : Opening.Reported;
    }

    /// <summary>Verifies the ledger in a process of its own, whoever else is at work.</summary>
    public void Verify()
    {
        world.Say("verify");
        var process = Disk.Start();
        world.Do(Actor.Operator, process, () =>
        {
            try
            {
                var report = LedgerMaintenance.Verify(world.OptionsOn(process));
                world.Marks.Hit(report.IsSound ? "verified" : "verification found damage");
                if (!report.IsSound && !world.IsDamaged && !world.IsIndexDamaged && !world.MayForget)
                    throw new OracleException("verify", $"nothing is wrong with the medium: {string.Join("; ", report.Problems)}");
            }
            catch (IOException failure) when (world.MayFail)
            {
                world.Say($"  verification met {failure.Message}");
            }
            catch (Exception failure) when (world.IsReport(failure))
            {
                world.Marks.Hit("verification could not begin");
            }
        });
        process.Kill();
    }

    /// <summary>Copies the ledger beside the writer; the copy opens as a prefix of what was acknowledged.</summary>
    public void BackUp()
    {
        world.Say("back up");
        var process = Disk.Start();
        var target = new SimulatedDisk(world.Random.Next());
        world.Do(Actor.Operator, process, () =>
        {
            try
            {
                LedgerMaintenance.Backup(world.OptionsOn(process), target);
                CheckCopy(target);
                world.Marks.Hit("backed up beside the writer");
            }
            catch (IOException failure) when (world.MayFail)
            {
                world.Say($"  the backup met {failure.Message}");
            }
            catch (Exception failure) when (world.IsReport(failure))
            {
                world.Say($"  the backup met {failure.Message}");
            }
        });
        process.Kill();
    }

    private void CheckCopy(SimulatedDisk target)
    {
        target.Crash(CrashKind.PowerCut);
        var ledger = EmbeddedLedger.OpenStepped(world.OptionsOn(target));
        if (ledger.Health.Trouble is { } trouble)
            throw new OracleException("backup", $"the copy says {trouble.Reason}");
        foreach (var recorded in reading.Everything(ledger))
            world.CheckShown(recorded, "a backup");
        ledger.Close();
        var report = LedgerMaintenance.Verify(world.OptionsOn(target));
        if (!report.IsSound && !world.IsDamaged && !world.IsIndexDamaged)
            throw new OracleException("backup", $"the copy is not sound: {string.Join("; ", report.Problems)}");
    }
}
