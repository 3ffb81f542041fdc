using Ledgerfold;
using Ledgerfold.Model;
using Ledgerfold.Model.Commanding;
using Ledgerfold.Model.Driving;
using Ledgerfold.Model.Processing;
using Ledgerfold.Testing;
using Ledgerfold.Testing.Disk;
using Marketplace.Payments;
using Marketplace.Payments.Simulation;

namespace Marketplace.Tests.Payments;

/// <summary>
/// The room of payments with its provider, in memory, on a clock that stands still and a scheduler that runs on the test's thread. Either
/// side can be started again without the other.
/// </summary>
internal sealed class PaymentRun
{
    private readonly SeededScheduler _scheduler = new(seed: 1);
    private readonly SeededChance _chance = new(seed: 1);
    private readonly InMemoryLedger _ledger;
    private readonly InMemoryFoldStore _rows = new();
    private readonly SimulatedDisk _disk = new(seed: 1);
    private Commands _commands = null!;
    private ProcessEngine _engine = null!;

    public PaymentRun()
    {
        _ledger = new InMemoryLedger(Clock);
        Start();
    }

    public ManualClock Clock { get; } = new();

    public SimulatedProvider Provider { get; private set; } = null!;

    public DateTimeOffset Now => Clock.GetUtcNow();

    /// <summary>What the provider holds now and has not taken.</summary>
    public int Held => Provider.Holds().Count(hold => hold.IsHeld(Now) && hold.Captures.IsEmpty);

    public CommandAnswer Send(object command)
    {
        CommandAnswer? answer = null;
        Do(async () => answer = await _commands.Send(command));
        return answer!;
    }

    public void Pass(TimeSpan time)
    {
        var end = Clock.Elapsed + time;
        for (; Clock.UntilNextTimer is { } next && Clock.Elapsed + next <= end; _scheduler.RunAll())
            Clock.Advance(next);
        Clock.Advance(end - Clock.Elapsed);
        _scheduler.RunAll();
    }

    /// <summary>So much time passes at once, as for a process that slept; whoever waits for the clock looks at it again soon after.</summary>
    public void Jump(TimeSpan time)
    {
        Clock.ShiftWallClock(time);
        Pass(TimeSpan.FromMinutes(1));
    }

    public void Restart()
    {
        Do(async () => await _engine.DisposeAsync());
        Provider.Dispose();
        Start();
    }

    /// <summary>The types of the events of a payment, its code beside one that has one.</summary>
    public List<string> Events(string paymentId)
    {
        var told = new List<string>();
        Do(async () =>
        {
            await foreach (var page in _ledger.Read(new ReadRequest { Query = EventQuery.OfStream($"payment-{paymentId}") }))
                told.AddRange(page.Events.Select(static recorded => recorded.Type));
        });
        return told;
    }

    /// <summary>How many instances still go on, and whether any is stuck.</summary>
    public (int Open, int Stuck) Instances()
    {
        var (open, stuck) = (0, 0);
        Do(async () =>
        {
            foreach (var process in Module.Processes)
            {
                var search = new InstanceSearch { Process = process.Name };
                var page = await _engine.Search(search, atLeast: (await _ledger.ReadRange()).Head);
                open += page.Rows.Count(static row => row.Phase is ProcessPhase.Running
                    or ProcessPhase.Compensating);
                stuck += page.Rows.Count(static row => row.Stuck is not null);
            }
        });
        return (open, stuck);
    }

    private Module Module => PaymentsModule.With(Provider, Clock);

    private void Start()
    {
        Provider = new SimulatedProvider(_disk, Clock);
        Module[] modules = [Module];
        _commands = new Commands(modules, _ledger, new CommandsOptions { Clock = Clock, Chance = _chance });
        _engine = new ProcessEngine(_ledger, _rows, modules, _commands, new ProcessOptions { Clock = Clock, Chance = _chance });
        Do(async () => await _engine.Start());
    }

    private void Do(Func<Task> work)
    {
        var task = _scheduler.Start(work);
        _scheduler.RunAll();
        Assert.True(task.IsCompletedSuccessfully, task.Exception?.ToString());
    }
}
