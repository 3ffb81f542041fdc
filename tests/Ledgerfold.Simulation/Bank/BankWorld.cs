using Ledgerfold.Model.Commanding;
using Ledgerfold.Model.Processing;
using Ledgerfold.Simulation.Folds;
using Ledgerfold.Simulation.Wires;
using Ledgerfold.Storage;
using Ledgerfold.Testing;
using Ledgerfold.Testing.Disk;

namespace Ledgerfold.Simulation.Bank;

/// <summary>Everything that one run of the bank consists of; all of it follows from the seed.</summary>
internal sealed class BankWorld
{
    private static readonly EventQuery Everything = new()
    {
        Items =
        [
            new QueryItem(),
            new QueryItem { Category = StoredAnswer.Category },
            new QueryItem { Category = ProcessRecords.Category },
            new QueryItem { Category = WireHistory.TenantsCategory },
        ],
    };

    public BankWorld(ulong seed, bool hasWires, Marks marks, bool journal)
    {
        Random = new SeededRandom(seed ^ (hasWires ? 0x717Eul : 0xBA2C));
        Marks = marks;
        Journal = new Journal(journal);
        Plan = BankPlan.Draw(Random.Branch());
        Machine = new Machine(Random.Branch(), Plan.WriteBackChance);
        Chance = new SeededChance(Random.Next());
        Scheduler = new SeededScheduler(Random.Next());
        if (hasWires)
        {
            Wires = new WireWorld(this, WirePlan.Draw(Random.Branch()), Random.Branch());
            History.Wires = Wires.History;
            Plan = Plan with { Fills = Random.OneIn(3) };
        }

        Rows = new RowOracle(History, new BankCode(version: 2, snapshotEvery: 0, poison: null));
    }

    public SeededRandom Random { get; }

    public Marks Marks { get; }

    public Journal Journal { get; }

    public BankPlan Plan { get; }

    public Machine Machine { get; }

    public ManualClock Clock { get; } = new();

    public SeededChance Chance { get; }

    public SeededScheduler Scheduler { get; }

    public BankHistory History { get; } = new();

    public RowOracle Rows { get; }

    public Poison Poison { get; } = new();

    /// <summary>The wires, and the world outside that they reach; null in a bank without.</summary>
    public WireWorld? Wires { get; }

    /// <summary>Whether an error of the disk was ordered in this generation, so that one may be met.</summary>
    public bool MayFail { get; set; }

    /// <summary>Whether bytes of the folds were changed: from then on they may say that they are damaged, until they are emptied.</summary>
    public bool AreFoldsDamaged { get; set; }

    /// <summary>What the answers came to, for comparing two runs.</summary>
    public ulong AnswerHash { get; private set; }

    public EmbeddedLedgerOptions LedgerOptionsOn(SimulatedProcess process) => new()
    {
        Disk = process,
        Clock = new ProcessClock(Clock, process),
        Chance = Chance,
        SegmentBytes = Plan.SegmentBytes,
        ZeroAheadBytes = 4 * 1024,
    };

    public EmbeddedFoldStoreOptions FoldOptionsOn(SimulatedProcess process) => new()
    {
        Disk = process,
        Clock = new ProcessClock(Clock, process),
        Chance = Chance,
        MemoryBytes = Plan.FoldMemoryBytes,
        LogStepBytes = 2048,
    };

    public void Say(string line)
    {
        if (Journal.IsOn)
            Journal.Say(line);
    }

    public void Mix(string text)
    {
        foreach (var letter in text)
            AnswerHash = System.Numerics.BitOperations.RotateLeft((AnswerHash ^ letter) * 0x9E3779B97F4A7C15, 23);
    }

    /// <summary>Whether an exception is what a caller may meet: the process ended, or the disk failed where that was ordered.</summary>
    public bool IsExplained(Exception failure, BankProcess process) =>
        !process.IsAlive || (MayFail && failure is IOException) || (AreFoldsDamaged && failure is FoldsDamagedException)
        || ((process.IsClosing || process.IsStuck) && failure is ObjectDisposedException);

    /// <summary>Runs what a thread of the process would.</summary>
    public void Do(SimulatedProcess process, Action act)
    {
        try
        {
            act();
        }
        catch (SimulatedCrashException crash) when (!process.IsAlive)
        {
            Say($"  {crash.Message}");
        }

        Machine.EndTogether();
    }

    /// <summary>Takes note of what the ledger shows by now.</summary>
    public void Refresh(BankProcess process)
    {
        if (!process.IsAlive)
            return;
        Machine.Look(() =>
        {
            var before = History.Head;
            var request = new ReadRequest { Query = Everything, After = before };
            Wires?.Look();
            foreach (var recorded in Read(process.Ledger, request))
                History.Add(recorded);
            if (History.Head > before && Journal.IsOn)
                Say($"  the ledger goes from {before} to {History.Head}");
            History.CheckWhole();
        });
    }

    /// <summary>What stands in the fold store must be right at any moment.</summary>
    public void CheckStore(BankProcess process)
    {
        if (!process.IsAlive)
            return;
        try
        {
            Machine.Look(() =>
            {
                Rows.CheckStore(process.Store);
                Wires?.Rows.Check(process.Store);
            });
        }
        catch (IOException failure) when (MayFail || AreFoldsDamaged)
        {
            Say($"  the look at the rows met {failure.Message}");
        }
    }

    private static List<RecordedEvent> Read(EmbeddedLedger ledger, ReadRequest request)
    {
        var found = new List<RecordedEvent>();
        var pages = ledger.ReadAcrossTenants(request).GetAsyncEnumerator();
        while (FoldContent.Now(pages.MoveNextAsync()))
            found.AddRange(pages.Current.Events);
        return found;
    }
}
