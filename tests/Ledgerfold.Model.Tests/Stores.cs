using Ledgerfold.Storage;
using Ledgerfold.Testing;
using Ledgerfold.Testing.Disk;

namespace Ledgerfold.Model.Tests;

/// <summary>What keeps the events and the rows of a test.</summary>
public enum Backend
{
    /// <summary>The models that ship with the platform.</summary>
    InMemory,

    /// <summary>The stores of the platform on simulated disks, so small in memory that rows end in tables.</summary>
    Embedded,
}

/// <summary>A ledger and a fold store, worked on the test's own thread.</summary>
internal abstract class Stores
{
    public abstract ILedger Ledger { get; }

    public abstract IFoldStore Rows { get; }

    /// <summary>Whether they end with their process, and every engine that uses them.</summary>
    public abstract bool AreInProcess { get; }

    public static Stores Of(Backend backend, ManualClock clock, ulong seed) =>
        backend == Backend.InMemory ? new InMemory(clock) : new Embedded(clock, seed);

    /// <summary>Does a piece of what is to be done, and answers whether there was any.</summary>
    public abstract bool Step();

    /// <summary>
    /// Ends the process that holds them, in good order or by a power cut, and begins another, with others in their place; false where there
    /// is none.
    /// </summary>
    public abstract bool Restart(bool crashes);

    private sealed class InMemory(ManualClock clock) : Stores
    {
        public override ILedger Ledger { get; } = new InMemoryLedger(clock);

        public override IFoldStore Rows { get; } = new InMemoryFoldStore();

        public override bool AreInProcess => false;

        public override bool Step() => false;

        public override bool Restart(bool crashes) => false;
    }

    private sealed class Embedded : Stores
    {
        private readonly ManualClock _clock;
        private readonly SeededChance _chance;
        private readonly SimulatedDisk _events;
        private readonly SimulatedDisk _folds;
        private EmbeddedLedger _ledger;
        private EmbeddedFoldStore _rows;

        public Embedded(ManualClock clock, ulong seed)
        {
            _clock = clock;
            _chance = new SeededChance(seed);
            _events = new SimulatedDisk(seed);
            _folds = new SimulatedDisk(seed + 1);
            EmbeddedLedger.Create(OfEvents());
            (_ledger, _rows) = Open();
        }

        public override ILedger Ledger => _ledger;

        public override IFoldStore Rows => _rows;

        public override bool AreInProcess => true;

        public override bool Step() =>
            _ledger.StepWriter() || _rows.StepWriter() || _rows.StepUpkeep() || _ledger.StepIndex() || _ledger.StepSpace();

        public override bool Restart(bool crashes)
        {
            if (crashes)
            {
                _events.Crash(CrashKind.PowerCut);
                _folds.Crash(CrashKind.PowerCut);
            }
            else
            {
                _rows.Close();
                _ledger.Close();
            }

            (_ledger, _rows) = Open();
            return true;
        }

        private (EmbeddedLedger Ledger, EmbeddedFoldStore Rows) Open() =>
            (EmbeddedLedger.OpenStepped(OfEvents()), EmbeddedFoldStore.OpenStepped(OfFolds()));

        private EmbeddedLedgerOptions OfEvents() => new()
        {
            Disk = _events.Start(),
            Clock = _clock,
            Chance = _chance,
            SegmentBytes = 64 * 1024,
            ZeroAheadBytes = 16 * 1024,
        };

        private EmbeddedFoldStoreOptions OfFolds() => new()
        {
            Disk = _folds.Start(),
            Clock = _clock,
            Chance = _chance,
            MemoryBytes = 8 * 1024,
            LogStepBytes = 16 * 1024,
        };
    }
}
